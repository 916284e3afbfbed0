import { TestRegistry, type TestRegistryOptions } from '@imglife/test-registry';
import { QuotaExhaustedError } from './errors';
import { MediaTypes } from './mediaTypes';
import { RegistryClient, type RegistryClientOptions } from './RegistryClient';

const INDEX = Buffer.from('{"schemaVersion":2,"manifests":[]}');

describe('RegistryClient and the limits of registries', () => {
  const closers: Array<() => Promise<void>> = [];
  let now: number;
  let slept: number[];

  beforeEach(() => {
    now = Date.parse('2026-11-23T10:00:00Z');
    slept = [];
  });
  afterEach(async () => {
    await Promise.all(closers.splice(0).map(close => close()));
  });

  async function start(
    options: TestRegistryOptions = {},
    more: Partial<RegistryClientOptions> = {},
  ) {
    const registry = await TestRegistry.start(options);
    const setup = RegistryClient.create({
      host: registry.host,
      insecure: true,
    });
    await setup.putManifest('a', '1', INDEX, MediaTypes.ociIndex);
    await setup.close();
    registry.clearRequests();
    const client = RegistryClient.create({
      host: registry.host,
      insecure: true,
      timing: {
        now: () => new Date(now),
        random: () => 0,
        sleep: async ms => {
          slept.push(ms);
          now += ms;
        },
      },
      ...more,
    });
    closers.push(
      () => client.close(),
      () => registry.stop(),
    );
    return { registry, client };
  }

  it('watches the quota, which HEAD tells and does not use up', async () => {
    const { registry, client } = await start({
      capabilities: { pullQuota: { limit: 20, seconds: 21_600 } },
    });
    expect(client.quota()).toBeUndefined();
    expect(client.canDiscover(1_000)).toBe(true);

    await client.headManifest('a', '1');
    expect(client.quota()).toEqual({
      remaining: 20,
      limit: 20,
      windowSeconds: 21_600,
      observedAt: new Date(now),
    });
    expect([200, 201].map(todo => client.canDiscover(todo))).toEqual([
      true,
      false,
    ]);

    for (let pull = 0; pull < 20; pull += 1) {
      await client.getManifest('a', '1');
    }
    expect(client.canDiscover()).toBe(false);
    expect(() => client.requireQuota()).toThrow(QuotaExhaustedError);
    expect(() => client.requireQuota()).toThrow(
      `${registry.host}: it allows 0 more requests of 20; looking for more to pull waits`,
    );

    registry.clearRequests();
    await expect(client.getManifest('a', '1')).rejects.toMatchObject({
      name: 'QuotaExhaustedError',
      status: 429,
      retryable: true,
      retryAfterMs: expect.any(Number),
    });
    expect(registry.requests).toHaveLength(1);
    // what costs nothing goes on
    await client.headManifest('a', '1');
    expect(slept).toEqual([]);
    now += 900_000;
    expect(client.canDiscover(1_000)).toBe(true);
  });

  it('passes warnings on, each once', async () => {
    const onWarning = jest.fn();
    const { registry, client } = await start(
      { capabilities: { warnings: ['this tag is old', 'so is this'] } },
      { onWarning },
    );
    await client.headManifest('a', '1');
    await client.listTags('a');
    const { host } = registry;
    expect(onWarning.mock.calls).toEqual([
      [{ host, text: 'this tag is old' }],
      [{ host, text: 'so is this' }],
    ]);
  });

  it('sends no more requests in a second than it may', async () => {
    const { registry, client } = await start({}, { requestsPerSecond: 10 });
    const begun = now;
    await Promise.all(
      Array.from({ length: 21 }, () => client.headManifest('a', '1')),
    );
    expect(registry.requests).toHaveLength(21);
    expect(now - begun).toBeGreaterThanOrEqual(2_000);
  });

  it('goes slower while the registry is busy, and waits as it asks', async () => {
    const { registry, client } = await start({}, { concurrency: 8 });
    registry.fail({
      method: 'HEAD',
      action: {
        kind: 'status',
        status: 429,
        headers: { 'retry-after': '3' },
      },
    });
    await client.headManifest('a', '1');
    expect(slept).toEqual([3_000]);
    expect(registry.requests.map(({ status }) => status)).toEqual([429, 200]);
  });

  it('gives up on a registry that says nothing', async () => {
    const { registry, client } = await start(
      {},
      { timeouts: { headersMs: 300 } },
    );
    registry.fail({ times: Infinity, action: { kind: 'hang' } });
    await expect(client.headManifest('a', '1')).rejects.toMatchObject({
      host: registry.host,
      repository: 'a',
      reference: '1',
      retryable: true,
      message: expect.stringContaining('Headers Timeout'),
    });
    expect(registry.requests.length).toBeLessThanOrEqual(5);
  });

  it.each([
    [{ concurrency: 0 }, 'concurrency of registry r.io must be 1 or more'],
    [{ requestsPerSecond: 0 }, 'requestsPerSecond of registry r.io must be'],
    [{ requestsPerSecond: NaN }, 'requestsPerSecond of registry r.io must be'],
  ])('refuses %j', (limits, problem) => {
    expect(() => RegistryClient.create({ host: 'r.io', ...limits })).toThrow(
      problem,
    );
  });
});
