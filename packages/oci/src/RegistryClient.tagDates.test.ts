import type { IncomingMessage, ServerResponse } from 'node:http';
import { RegistryClient } from './RegistryClient';
import { startHandler, type HandlerServer } from './testing/startHandler';
import type { Timing } from './transport/Timing';

const DAY = 86_400_000;
const NOW = Date.parse('2026-06-01T00:00:00.000Z');
const PAGE = 100;

/** Tags `1.0.N`, newest first, one day apart. */
const dateOf = (age: number) => new Date(NOW - age * DAY).toISOString();
const tagOf = (age: number) => `1.0.${age}`;
const names = (...ages: number[]) => new Set(ages.map(tagOf));
const datesOf = (...ages: number[]) =>
  Object.fromEntries(ages.map(age => [tagOf(age), dateOf(age)]));

type Answer = (page: number, response: ServerResponse) => boolean;

describe('tag dates of Docker Hub', () => {
  const closers: Array<() => Promise<void>> = [];
  let hub: HandlerServer;
  let now: number;
  let count: number;
  let oddly: Answer;

  /** A page as Hub answers it. */
  function answer(request: IncomingMessage, response: ServerResponse) {
    const url = new URL(request.url ?? '', 'http://hub.invalid');
    const page = Number(url.searchParams.get('page'));
    if (oddly(page, response)) {
      return;
    }
    if (url.searchParams.get('ordering') !== 'last_updated') {
      response.writeHead(400).end();
      return;
    }
    const first = (page - 1) * PAGE;
    const ages = Array.from(
      { length: Math.max(0, Math.min(PAGE, count - first)) },
      (_, at) => first + at,
    );
    const results = ages.map(age => ({
      name: tagOf(age),
      last_updated: dateOf(age),
      images: [{ architecture: 'amd64' }],
    }));
    const next = first + PAGE < count ? 'https://evil.invalid/next' : null;
    response.end(JSON.stringify({ count, next, previous: null, results }));
  }

  const status =
    (code: number, at: number, headers = {}): Answer =>
    (page, response) => {
      if (page === at) {
        response.writeHead(code, headers).end('Too Many Requests');
      }
      return page === at;
    };

  beforeEach(async () => {
    now = NOW;
    count = 250;
    oddly = () => false;
    hub = await startHandler(answer);
    closers.push(hub.stop);
  });

  afterEach(async () => {
    await Promise.all(closers.splice(0).map(close => close()));
  });

  function start(options = {}): RegistryClient {
    const timing: Timing = {
      now: () => new Date(now),
      sleep: async () => {},
      random: () => 0,
    };
    const client = RegistryClient.create({
      host: '127.0.0.1:9',
      insecure: true,
      auth: { username: 'me', password: 'secret' },
      hubUrl: `http://${hub.host}`,
      allowedHosts: [hub.host],
      timing,
      ...options,
    });
    closers.push(() => client.close());
    return client;
  }

  const read = (client: RegistryClient, tags: Set<string>) =>
    client.readTagDates('library/alpine', tags);

  it('reads pages, newest first, until all are found, as nobody', async () => {
    const client = start();
    expect(await read(client, names(3, 140))).toEqual({
      dates: new Map(Object.entries(datesOf(3, 140))),
    });
    expect(hub.seen.map(({ url }) => url)).toEqual(
      [1, 2].map(
        page =>
          `/v2/repositories/library/alpine/tags?page_size=100&page=${page}&ordering=last_updated`,
      ),
    );
    expect(hub.seen.map(({ headers }) => headers.authorization)).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('is content with what Hub does not know', async () => {
    const found = await read(start(), new Set([tagOf(7), 'never']));
    expect(found).toEqual({ dates: new Map(Object.entries(datesOf(7))) });
    expect(hub.seen).toHaveLength(3);
  });

  it.each<[string, Answer, number, string, boolean]>([
    [
      '403 on page 3',
      status(403, 3),
      3,
      'page 3 of its tags was answered with 403',
      false,
    ],
    [
      '429',
      status(429, 2),
      2,
      'page 2 of its tags was answered with 429',
      true,
    ],
    [
      '500',
      status(500, 2),
      2,
      'page 2 of its tags was answered with 500',
      true,
    ],
    [
      'a redirect, which is not followed',
      status(302, 2, { location: 'http://169.254.169.254/' }),
      2,
      'page 2 of its tags was answered with 302',
      true,
    ],
    [
      'a page that is no JSON',
      (page, response) => page === 2 && Boolean(response.end('<html>')),
      2,
      'page 2 of its tags cannot be read',
      true,
    ],
    [
      'a page of another shape',
      (page, response) =>
        page === 2 && Boolean(response.end('{"results":[{"name":5}]}')),
      2,
      'page 2 of its tags cannot be read',
      true,
    ],
    [
      'a page without an end',
      (page, response) => {
        if (page === 2) {
          response.write(' '.repeat(1024 * 1024));
          const more = setInterval(
            () => response.write(' '.repeat(1024 * 1024)),
            1,
          );
          response.on('close', () => clearInterval(more));
        }
        return page === 2;
      },
      2,
      'the answer is larger than',
      true,
    ],
    [
      'a broken connection',
      (page, response) => page === 2 && Boolean(response.destroy()),
      2,
      'other side closed',
      true,
    ],
    ['no answer', page => page === 2, 2, 'it took longer than 0.5 s', true],
  ])(
    'keeps what was read before %s',
    async (_name, odd, asked, problem, leavesAlone) => {
      oddly = odd;
      count = 2_000;
      const client = start({ timeouts: { besideMs: 500 } });
      const found = await read(client, names(3, 1_500));
      expect(found?.dates).toEqual(new Map(Object.entries(datesOf(3))));
      expect(found?.problem).toContain(`${hub.host}: `);
      expect(found?.problem).toContain(problem);
      expect(hub.seen).toHaveLength(asked);
      oddly = () => false;
      const again = await read(client, names(4));
      expect(again?.dates.size).toBe(leavesAlone ? 0 : 1);
      now += 16 * 60_000;
      expect((await read(client, names(4)))?.dates.size).toBe(1);
    },
  );

  it('asks for ten pages and not the one that is forbidden', async () => {
    oddly = status(403, 11);
    count = 2_000;
    const found = await read(start(), names(999, 1_500));
    expect(found).toEqual({
      dates: new Map(Object.entries(datesOf(999))),
      problem: `${hub.host}: it has more than 10 pages of tags`,
    });
    expect(hub.seen).toHaveLength(10);
  });

  it('heeds Retry-After', async () => {
    oddly = status(429, 1, { 'retry-after': '3600' });
    const client = start();
    const { problem } = (await read(client, names(1)))!;
    expect(problem).toContain('left alone until 2026-06-01T01:00:00.000Z');
    oddly = () => false;
    now += 59 * 60_000;
    expect((await read(client, names(1)))?.problem).toBe(problem);
    now += 60_000;
    expect((await read(client, names(1)))?.dates.size).toBe(1);
  });

  it('asks no host that the registry may not lead to', async () => {
    const found = await read(start({ allowedHosts: [] }), names(1));
    expect(found?.dates.size).toBe(0);
    expect(found?.problem).toContain('not on the public internet');
    expect(hub.seen).toEqual([]);
  });

  it('throws the reason it is stopped for', async () => {
    oddly = () => true;
    const stop = new AbortController();
    const reading = start().readTagDates('library/alpine', names(1), {
      signal: stop.signal,
    });
    setTimeout(() => stop.abort(new Error('cancelled')), 50);
    await expect(reading).rejects.toThrow('cancelled');
  });

  it.each([
    ['no such API', {}, { hubUrl: undefined }, undefined],
    ['a name that is not of Hub', { repository: 'a/b/c' }, {}, 0],
    ['nothing that is wanted', { tags: new Set<string>() }, {}, 0],
  ])('asks nothing where there is %s', async (_name, change, options, size) => {
    const { repository, tags } = {
      repository: 'library/alpine',
      tags: names(1),
      ...change,
    };
    const found = await start(options).readTagDates(repository, tags);
    expect(found?.dates.size).toBe(size);
    expect(hub.seen).toEqual([]);
  });
});
