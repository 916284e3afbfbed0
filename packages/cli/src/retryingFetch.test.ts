import { retryingFetch } from './retryingFetch';

type Answer = number | [number, Record<string, string>] | Error;

function setUp(answers: Answer[]) {
  const slept: number[] = [];
  const asked: Headers[] = [];
  const fetch = retryingFetch({
    authorization: 'Bearer secret',
    random: () => 1,
    now: () => Date.parse('2026-04-01T10:00:00Z'),
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
  [
    'at a date',
    [[503, { 'retry-after': 'Wed, 01 Apr 2026 10:00:09 GMT' }], 200],
    200,
    [9e3],
  ],
  [
    'at a date that has passed',
    [[503, { 'retry-after': 'Wed, 01 Apr 2026 09:00:00 GMT' }], 200],
    200,
    [0],
  ],
  ['half a date', [[503, { 'retry-after': 'Wed, 1 Jan' }], 200], 200, [500]],
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

it('asks again when a body breaks', async () => {
  const broken = new ReadableStream({
    start: controller => controller.error(new TypeError('terminated')),
  });
  const bodies = [broken, 'whole'];
  const fetch = retryingFetch({
    random: () => 0,
    now: () => 0,
    sleep: async () => {},
    fetch: async () => new Response(bodies.shift()),
  });
  const response = await fetch('http://portal/');
  expect(await response.text()).toBe('whole');
});

it('hands a followed log on as it comes', async () => {
  let push!: (text: string) => void;
  const endless = new ReadableStream({
    start(controller) {
      push = text => controller.enqueue(new TextEncoder().encode(text));
    },
  });
  const fetch = retryingFetch({
    random: () => 0,
    now: () => 0,
    sleep: async () => {},
    fetch: async () => new Response(endless),
  });
  const response = await fetch('http://portal/log?follow=true');
  push('one line');
  const { value } = await response.body!.getReader().read();
  expect(new TextDecoder().decode(value)).toBe('one line');
});

it('does not ask again after it was stopped', async () => {
  const stop = new AbortController();
  let asked = 0;
  const fetch = retryingFetch({
    random: () => 0,
    now: () => 0,
    sleep: async () => {},
    fetch: async (_url, init) => {
      asked += 1;
      stop.abort();
      init?.signal?.throwIfAborted();
      return new Response();
    },
  });
  await expect(
    fetch('http://portal/', { signal: stop.signal }),
  ).rejects.toMatchObject({ name: 'AbortError' });
  expect(asked).toBe(1);
});

it('does not ask again after two minutes', async () => {
  let now = 0;
  let asked = 0;
  const fetch = retryingFetch({
    random: () => 0,
    now: () => now,
    sleep: async () => {},
    fetch: async () => {
      asked += 1;
      now += 60_000;
      throw new Error('no answer within 60 seconds');
    },
  });
  await expect(fetch('http://portal/')).rejects.toThrow('no answer within 60');
  expect(asked).toBe(2);
});
