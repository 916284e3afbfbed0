import { retryingFetch } from './retryingFetch';

type Answer = number | [number, Record<string, string>] | Error;

function setUp(answers: Answer[]) {
  const slept: number[] = [];
  const asked: Headers[] = [];
  const fetch = retryingFetch({
    authorization: 'Bearer secret',
    random: () => 1,
    sleep: async ms => slept.push(ms),
    fetch: async (_url, init) => {
      asked.push(new Headers(init?.headers));
      const answer = answers[asked.length - 1];
      if (answer instanceof Error) {
        throw answer;
      }
      const [status, headers] = [answer].flat() as [number, object];
      return new Response('x', { status, headers: { ...headers } });
    },
  });
  return { slept, asked, fetch };
}

it.each<[string, Answer[], number, number[]]>([
  ['a good answer', [200], 200, []],
  ['a bad request', [400], 400, []],
  ['no right', [403], 403, []],
  ['an overload', [503, 200], 200, [500]],
  ['with doubled delays', [500, 502, 504, 408, 201], 201, [500, 1e3, 2e3, 4e3]],
  ['five times', [503, 503, 503, 503, 503], 503, [500, 1e3, 2e3, 4e3]],
  ['when it was told', [[429, { 'retry-after': '7' }], 200], 200, [7e3]],
  ['at most 20 s later', [[503, { 'retry-after': '900' }], 200], 200, [2e4]],
  ['at once', [[503, { 'retry-after': '0' }], 200], 200, [0]],
  ['a date', [[503, { 'retry-after': 'Wed, 1 Jan' }], 200], 200, [500]],
  ['a broken connection', [new TypeError('fetch failed'), 200], 200, [500]],
])('%s: %j', async (_title, answers, status, delays) => {
  const { slept, asked, fetch } = setUp(answers);
  const response = await fetch('http://portal/', {
    headers: { accept: 'a/b' },
  });
  expect(response.status).toBe(status);
  expect(slept).toEqual(delays);
  for (const headers of asked) {
    expect(headers.get('authorization')).toBe('Bearer secret');
    expect(headers.get('accept')).toBe('a/b');
  }
});

it('gives up on a connection that stays broken', async () => {
  const error = new TypeError('fetch failed');
  const { slept, fetch } = setUp(Array(5).fill(error));
  await expect(fetch('http://portal/')).rejects.toBe(error);
  expect(slept).toHaveLength(4);
});
