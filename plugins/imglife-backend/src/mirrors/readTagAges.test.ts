import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import { RegistryClient } from '@imglife/oci';
import { pushImage, TestRegistry } from '@imglife/test-registry';
import type { Knex } from 'knex';
import { connectDatabase } from '../database/connectDatabase';
import type { MirrorDefinition } from '../definitions/Definitions';
import type { RunContext } from '../runs/RunContext';
import { DatabaseMirrorStore } from './DatabaseMirrorStore';
import { readTagAges } from './readTagAges';
import { TagPlaces } from './TagPlaces';

jest.setTimeout(60_000);

const DAY = 86_400_000;
const NOW = '2026-06-01T00:00:00.000Z';
const MADE = '2026-05-01T00:00:00.000Z';
const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });

describe.each(databases.eachSupportedId())('readTagAges on %s', id => {
  let knex: Knex;
  let upstream: TestRegistry;
  let client: RegistryClient;
  let hub: Server;
  /** What Hub tells, or the status it answers with. */
  let told: Record<string, string> | number;
  let asked: string[];
  let log: string[];
  let clock: number;

  beforeEach(async () => {
    knex = await connectDatabase(
      mockServices.database({ knex: await databases.init(id) }),
    );
    upstream = await TestRegistry.start();
    told = {};
    asked = [];
    hub = createServer((request, response) => {
      asked.push(request.url ?? '');
      const status = typeof told === 'number' ? told : 200;
      const results = Object.entries(told).map(([name, date]) => ({
        name,
        last_updated: date,
      }));
      response.writeHead(status).end(JSON.stringify({ results, next: null }));
    });
    await new Promise<void>(done => hub.listen(0, '127.0.0.1', done));
    clock = Date.parse(NOW);
    start(`127.0.0.1:${(hub.address() as AddressInfo).port}`);
    for (const tag of ['1.0.0', '1.0.1']) {
      await pushImage(upstream.host, {
        repository: 'library/alpine',
        tag,
        platforms: ['linux/amd64'],
        created: MADE,
      });
    }
  });

  afterEach(async () => {
    await client.close();
    await upstream.stop();
    hub.close();
    await knex.destroy();
  });

  function start(host: string | undefined) {
    client = RegistryClient.create({
      host: upstream.host,
      insecure: true,
      ...(host && { hubUrl: `http://${host}`, allowedHosts: [host] }),
    });
  }

  /** Ages of both tags, and how often an image was read for them. */
  async function read(dryRun = false) {
    upstream.clearRequests();
    asked = [];
    log = [];
    const mirror = {
      source: { registry: upstream.host, repository: 'library/alpine' },
      tags: { minAgeMs: 2 * DAY },
    } as MirrorDefinition;
    const ages = await readTagAges(['1.0.0', '1.0.1'], {
      mirror,
      places: TagPlaces.create(mirror, { clientFor: () => client } as never),
      store: DatabaseMirrorStore.create({ knex }),
      context: {
        dryRun,
        signal: new AbortController().signal,
        log: (line: string) => log.push(line),
      } as Partial<RunContext> as RunContext,
      now: () => new Date(clock),
    });
    const images = upstream.requests.filter(
      ({ method, path }) => method === 'GET' && path.includes('/manifests/1.0'),
    );
    return { ages: Object.fromEntries(ages), read: images.length };
  }

  it('believes Hub, keeps what it told, and reads no image for it', async () => {
    told = { '1.0.0': '2026-03-01T12:00:00.123456Z', '1.0.1': NOW };
    const ages = { '1.0.0': '2026-03-01T12:00:00.123Z', '1.0.1': NOW };
    expect(await read()).toEqual({ ages, read: 0 });
    expect(asked).toHaveLength(1);
    expect(log).toEqual([]);
    clock += 60_000;
    expect(await read()).toEqual({ ages, read: 0 });
    expect(asked).toEqual([]);
  });

  it('reads images of what Hub does not tell', async () => {
    told = { '1.0.0': '2026-03-01T12:00:00Z' };
    expect(await read()).toEqual({
      ages: { '1.0.0': '2026-03-01T12:00:00.000Z', '1.0.1': MADE },
      read: 1,
    });
  });

  it('does without Hub where Hub does not answer, and says so', async () => {
    told = 429;
    expect(await read()).toEqual({
      ages: { '1.0.0': MADE, '1.0.1': MADE },
      read: 2,
    });
    expect(log.join()).toContain('0 of 2 dates of tags were found');
    expect(log.join()).toContain('answered with 429');
  });

  it('asks Hub of nothing that was seen long ago', async () => {
    told = 403;
    await read();
    await knex('upstream_tag').update({ image_created: null });
    clock += 3 * DAY;
    expect(await read()).toEqual({
      ages: { '1.0.0': NOW, '1.0.1': NOW },
      read: 0,
    });
    expect(asked).toEqual([]);
  });

  it('keeps nothing in a dry run', async () => {
    told = { '1.0.0': MADE, '1.0.1': MADE };
    await read(true);
    expect(await knex('upstream_tag')).toEqual([]);
  });

  it('asks no Hub of registries that have none', async () => {
    await client.close();
    start(undefined);
    expect(await read()).toEqual({
      ages: { '1.0.0': MADE, '1.0.1': MADE },
      read: 2,
    });
    expect(asked).toEqual([]);
  });
});
