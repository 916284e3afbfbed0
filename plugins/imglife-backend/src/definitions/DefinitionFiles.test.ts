import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UrlReaders } from '@backstage/backend-defaults/urlReader';
import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import { ConfigReader } from '@backstage/config';
import { createHash } from 'node:crypto';
import { connectDatabase } from '../database/connectDatabase';
import { DatabaseDefinitionFileStore } from './DatabaseDefinitionFileStore';
import { DefinitionFiles } from './DefinitionFiles';
import { readDefinitions } from './readDefinitions';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });
const MINUTE = 60_000;

/** A server of files, each with an etag. */
class FileServer {
  readonly contents = new Map<string, string>();
  readonly answers: string[] = [];
  readonly #server: Server = createServer((request, response) => {
    const content = this.contents.get(request.url ?? '');
    const etag = createHash('sha256')
      .update(content ?? '')
      .digest('hex');
    const status =
      (content === undefined && 404) ||
      (request.headers['if-none-match'] === etag && 304) ||
      200;
    this.answers.push(`${request.url} ${status}`);
    response.writeHead(status, { etag });
    response.end(status === 200 ? content : undefined);
  });

  async start(): Promise<void> {
    await new Promise<void>(done =>
      this.#server.listen(0, '127.0.0.1', () => done()),
    );
  }

  url(path: string): string {
    return `http://127.0.0.1:${
      (this.#server.address() as AddressInfo).port
    }${path}`;
  }

  stop() {
    this.#server.close();
  }
}

const mirror = (source: string) =>
  `mirrors:\n  entries:\n    - source: docker.io/library/${source}\n      tags: { names: ['1'] }\n`;

describe.each(databases.eachSupportedId())('DefinitionFiles on %s', id => {
  let server: FileServer;

  beforeEach(async () => {
    server = new FileServer();
    await server.start();
  });
  afterEach(() => server.stop());

  async function setUp(paths = ['/a.yaml', '/b.yaml']) {
    const knex = await databases.init(id);
    await connectDatabase(mockServices.database({ knex }));
    const clock = { time: Date.parse('2026-11-01T00:00:00Z') };
    const logger = mockServices.logger.mock();
    const imglife = (sources: string[]) => ({
      registries: [{ host: 'registry.example.com' }],
      tiers: {
        mirrors: 'registry.example.com/mirrors',
        bases: 'registry.example.com/bases',
      },
      definitions: paths.map(path => ({ url: server.url(path) })),
      mirrors: {
        entries: sources.map(source => ({
          source: `docker.io/library/${source}`,
          tags: { names: ['1'] },
        })),
      },
    });
    const replica = (sources: string[] = []) => {
      const config = new ConfigReader({
        imglife: imglife(sources),
        backend: {
          reading: { allow: [{ host: new URL(server.url('/')).host }] },
        },
      });
      return DefinitionFiles.create({
        store: DatabaseDefinitionFileStore.create({ knex }),
        reader: UrlReaders.default({ config, logger }),
        read: files => readDefinitions(config, { files }),
        now: () => new Date(clock.time),
        logger,
      });
    };
    return { replica, clock, logger };
  }

  const names = (files: DefinitionFiles) =>
    files.definitions.mirrors.entries.map(entry => entry.name);

  it('adds and retires what the files say, on every replica', async () => {
    const { replica, clock } = await setUp();
    server.contents.set('/a.yaml', mirror('alpine'));
    server.contents.set('/b.yaml', mirror('node'));
    const one = replica(['golang']);
    const other = replica(['golang']);
    expect(names(one)).toEqual(['golang']);

    await Promise.all([one.refresh(), other.refresh()]);
    await Promise.all([one.load(), other.load()]);

    expect(names(one)).toEqual(['golang', 'alpine', 'node']);
    expect(names(other)).toEqual(names(one));
    expect(one.revision).toBe(other.revision);
    // each file was read by one of the two
    expect(server.answers.sort()).toEqual(['/a.yaml 200', '/b.yaml 200']);
    expect(one.definitions.mirrors.entries[1].configPath).toBe(
      `${server.url('/a.yaml')}: mirrors.entries[0]`,
    );

    server.contents.set('/b.yaml', '');
    clock.time += 4 * MINUTE;
    await one.refresh();
    expect(server.answers).toHaveLength(2);
    clock.time += MINUTE;
    await one.refresh();
    await other.load();
    expect(names(other)).toEqual(['golang', 'alpine']);
    expect(server.answers.slice(2)).toEqual(['/a.yaml 304', '/b.yaml 200']);
  });

  it('keeps the last good set of a file that is gone or faulty, over a restart', async () => {
    const { replica, clock, logger } = await setUp(['/a.yaml']);
    server.contents.set('/a.yaml', mirror('alpine'));
    const files = replica();
    const url = server.url('/a.yaml');
    await files.refresh();
    await files.load();
    const good = {
      url,
      readAt: '2026-11-01T00:00:00.000Z',
      error: null,
    };
    expect(await files.states()).toEqual([good]);

    server.contents.set('/a.yaml', `${mirror('node')}      platforms: 7\n`);
    clock.time += 5 * MINUTE;
    await files.refresh();
    await files.load();
    expect(names(files)).toEqual(['alpine']);
    expect(await files.states()).toEqual([
      {
        ...good,
        error: expect.stringContaining(`${url}: mirrors.entries[0].platforms`),
      },
    ]);
    expect(logger.error).toHaveBeenCalledWith(
      expect.stringContaining('the last good ones stay'),
    );

    server.contents.delete('/a.yaml');
    clock.time += 5 * MINUTE;
    const restarted = replica();
    await restarted.load();
    await restarted.refresh();
    expect(names(restarted)).toEqual(['alpine']);
    expect(await restarted.states()).toEqual([
      { ...good, error: expect.stringMatching(/404|NotFound/) },
    ]);

    server.contents.set('/a.yaml', mirror('alpine'));
    clock.time += 5 * MINUTE;
    await restarted.refresh();
    expect(await restarted.states()).toEqual([
      { ...good, readAt: '2026-11-01T00:15:00.000Z' },
    ]);
  });

  it('leaves out a stored file that app-config has come to contradict', async () => {
    const { replica } = await setUp();
    server.contents.set('/a.yaml', mirror('alpine'));
    server.contents.set('/b.yaml', mirror('node'));
    await replica().refresh();

    const files = replica(['alpine']);
    await files.load();

    expect(names(files)).toEqual(['alpine', 'node']);
    const [a, b] = await files.states();
    expect(a.error).toMatch(/is the target of imglife\.mirrors\.entries\[0\]/);
    expect(b.error).toBeNull();
  });

  it('takes files that contradict one another one by one', async () => {
    const { replica } = await setUp();
    server.contents.set('/a.yaml', mirror('alpine'));
    server.contents.set('/b.yaml', mirror('alpine'));
    const files = replica();
    await files.refresh();
    await files.load();
    expect(names(files)).toEqual(['alpine']);
    const [, b] = await files.states();
    expect(b.error).toContain(
      `is the target of ${server.url('/a.yaml')}: mirrors.entries[0] too`,
    );
    expect(b.readAt).toBeNull();
  });

  it('asks nothing without files', async () => {
    const { replica } = await setUp([]);
    const files = replica(['alpine']);
    await files.refresh();
    await files.load();
    expect(names(files)).toEqual(['alpine']);
    expect(await files.states()).toEqual([]);
  });
});
