import { AimdWindow } from './AimdWindow';
import { HostGate } from './HostGate';
import { QuotaWatch } from './QuotaWatch';
import { RequestRate } from './RequestRate';
import { parseWarnings, Warnings } from './Warnings';

describe('AimdWindow', () => {
  it('halves once in 100 ms, down to 1, and grows by one a round up to its ceiling', () => {
    const window = AimdWindow.create(16);
    const sizes: number[] = [];
    for (const now of [0, 99, 100, 150, 200, 300, 400, 500]) {
      window.cut(now);
      sizes.push(window.size);
    }
    expect(sizes).toEqual([8, 8, 4, 4, 2, 1, 1, 1]);

    for (let size = 1; size < 16; size += 1) {
      for (let answer = 0; answer <= size; answer += 1) {
        window.grow();
      }
      expect(window.size).toBeGreaterThanOrEqual(Math.min(16, size + 1));
      expect(window.size).toBeLessThanOrEqual(size + 2);
    }
    for (let answer = 0; answer < 100; answer += 1) {
      window.grow();
    }
    expect(window.size).toBe(16);
  });
});

describe('RequestRate', () => {
  it('spreads requests evenly, and saves none up', () => {
    const rate = RequestRate.create(50);
    expect([0, 0, 0].map(now => rate.take(now))).toEqual([0, 20, 40]);
    expect([100, 100, 130].map(now => rate.take(now))).toEqual([0, 20, 10]);
  });

  it('may be less than one in a second, or none at all', () => {
    const slow = RequestRate.create(0.5);
    expect([0, 0].map(now => slow.take(now))).toEqual([0, 2000]);
    const free = RequestRate.create(undefined);
    expect([0, 0].map(now => free.take(now))).toEqual([0, 0]);
  });
});

describe('HostGate', () => {
  let now = 0;
  let slept: number[];
  const create = (concurrency: number, requestsPerSecond?: number) =>
    HostGate.create({
      host: 'r.io',
      concurrency,
      requestsPerSecond,
      timing: {
        now: () => new Date(now),
        random: () => 0,
        sleep: async ms => {
          slept.push(ms);
          now += ms;
        },
      },
    });
  /** How many get in at once. */
  async function room(gate: HostGate): Promise<number> {
    const left: Array<() => void> = [];
    let waiting = false;
    while (!waiting && left.length < 100) {
      const entry = gate.enter();
      const outcome = await Promise.race([
        entry,
        new Promise<undefined>(resolve => {
          setImmediate(() => resolve(undefined));
        }),
      ]);
      waiting = outcome === undefined;
      if (outcome) {
        left.push(outcome);
      } else {
        void entry.then(leave => leave());
      }
    }
    const size = left.length;
    left.forEach(leave => leave());
    await new Promise(resolve => {
      setImmediate(resolve);
    });
    return size;
  }

  beforeEach(() => {
    slept = [];
  });

  it('lets in as many as the host can take', async () => {
    const gate = create(8);
    expect(await room(gate)).toBe(8);
    gate.answered(429);
    expect(await room(gate)).toBe(4);
    now += 100;
    gate.answered(503);
    expect(await room(gate)).toBe(2);
    gate.answered(404);
    gate.answered(200);
    gate.answered(500);
    expect(await room(gate)).toBe(3);
    for (let answer = 0; answer < 100; answer += 1) {
      gate.answered(200);
    }
    expect(await room(gate)).toBe(8);
  });

  it('holds up those in the queue too when the host wants a pause', async () => {
    const gate = create(1);
    const leave = await gate.enter();
    const queued = gate.enter();
    gate.pause(5_000);
    leave();
    (await queued)();
    expect(slept).toEqual([5_000]);
  });

  it('turns away at once what would wait too long, for a quarter of an hour at most', async () => {
    const gate = create(1);
    gate.pause(86_400_000);
    await expect(gate.enter()).rejects.toMatchObject({
      host: 'r.io',
      retryable: true,
      retryAfterMs: 900_000,
      message: expect.stringContaining('is left alone until'),
    });
    now += 900_000;
    (await gate.enter())();
    expect(slept).toEqual([]);
  });

  it('waits for the turn of a request', async () => {
    const gate = create(1, 10);
    await gate.turn();
    await gate.turn();
    expect(slept).toEqual([100]);
  });
});

describe('QuotaWatch', () => {
  let now = new Date('2026-11-23T10:00:00Z');
  const observe = (headers: Record<string, string>) => {
    const watch = QuotaWatch.create(() => now);
    watch.observe(name => headers[name]);
    return watch;
  };

  it.each([
    [{}, undefined],
    [{ 'ratelimit-limit': '100;w=21600' }, undefined],
    [{ 'ratelimit-remaining': 'lots' }, undefined],
    [
      {
        'ratelimit-limit': '100;w=21600',
        'ratelimit-remaining': '76;w=21600',
      },
      { remaining: 76, limit: 100, windowSeconds: 21600 },
    ],
    [{ 'x-ratelimit-remaining': '5' }, { remaining: 5 }],
  ])('reads %j', (headers, expected) => {
    const quota = observe(headers).current();
    expect(quota).toEqual(expected && { ...expected, observedAt: now });
  });

  it.each([
    [undefined, 1000, true],
    ['0', 0, false],
    ['1', 0, true],
    ['1', 10, true],
    ['1', 11, false],
    ['99', 1000, false],
    ['100', 1000, true],
  ])('with %s left and %d to do it may go on: %s', (left, todo, expected) => {
    const watch = observe(left ? { 'ratelimit-remaining': left } : {});
    expect(watch.allows(todo)).toBe(expected);
  });

  it('believes what it was told until it is worth asking again', () => {
    const spent = observe({ 'ratelimit-remaining': '0;w=21600' });
    const short = observe({ 'ratelimit-remaining': '0;w=60' });
    expect(spent.forgottenAfterMs()).toBe(900_000);
    now = new Date(now.getTime() + 60_000);
    expect([spent.allows(1), short.allows(1)]).toEqual([false, true]);
    now = new Date(now.getTime() + 840_000);
    expect(spent.allows(1)).toBe(true);
    expect(spent.forgottenAfterMs()).toBe(0);
  });
});

describe('Warnings', () => {
  it.each([
    ['299 - "old"', ['old']],
    ['299 - "a \\"b\\", c", 299 reg.io "d\te"', ['a "b", c', 'd e']],
    [
      ['299 - "a"', '299 - "b"'],
      ['a', 'b'],
    ],
    ['199 - "other"', []],
    ['299 - unquoted', []],
    [undefined, []],
  ])('reads %j', (header, expected) => {
    expect(parseWarnings(header)).toEqual(expected);
  });

  it('passes each on once, cut short', () => {
    const told = jest.fn();
    const warnings = Warnings.create('r.io', told);
    warnings.observe('299 - "a"');
    warnings.observe(['299 - "a"', `299 - "${'b'.repeat(600)}"`]);
    expect(told.mock.calls).toEqual([
      [{ host: 'r.io', text: 'a' }],
      [{ host: 'r.io', text: 'b'.repeat(500) }],
    ]);
  });

  it('is quick on long nonsense', () => {
    const started = Date.now();
    parseWarnings(`299 - "${'\\'.repeat(100_001)}`);
    parseWarnings('299 - "'.repeat(20_000));
    parseWarnings(`299${' '.repeat(100_000)}`);
    expect(Date.now() - started).toBeLessThan(1_000);
  });
});
