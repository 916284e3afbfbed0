import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pushImage, RegistryHttp, TestRegistry } from '@imglife/test-registry';
import { applications } from './applications';
import { ImageRow } from './chooseBase';
import { DemoCiOptions, runDemoCi } from './runDemoCi';

const PLATFORMS = ['linux/amd64', 'linux/arm64'];

let home: string;
let registry: TestRegistry;
let portal: Server;
let rows: Record<string, ImageRow[]>;
let authorizations: (string | undefined)[];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'imglife-demo-ci-'));
  registry = await TestRegistry.start();
  rows = { bases: [], mirrors: [] };
  authorizations = [];
  portal = createServer(({ url, headers }, response) => {
    const tier = /^\/api\/imglife\/v1\/(\w+)\?limit=500&all=true$/.exec(
      url ?? '',
    )?.[1];
    authorizations.push(headers.authorization);
    response.end(JSON.stringify({ items: rows[tier ?? ''] }));
  });
  await new Promise<void>(resolve => {
    portal.listen(0, '127.0.0.1', resolve);
  });
});

afterEach(async () => {
  portal.close();
  await registry.stop();
  await rm(home, { recursive: true, force: true });
});

async function publish(
  tier: 'bases' | 'mirrors',
  name: string,
  tag: string,
  cycle: string,
) {
  const { digest } = await pushImage(registry.host, {
    repository: `${tier}/${name}`,
    tag,
    platforms: PLATFORMS,
    layers: [{ [`etc/${name}`]: `${tier} ${tag}` }],
    labels: { 'io.imglife.base': name },
  });
  rows[tier].push({
    reference: `${registry.host}/${tier}/${name}:${tag}`,
    tag,
    digest,
    cycle,
    ...(tier === 'bases' && { name }),
  });
}

/** A command line that writes down how it was called, and fails for one image. */
async function options(): Promise<DemoCiOptions> {
  const script = join(home, 'cli.cjs');
  await writeFile(
    script,
    `const { IMGLIFE_URL, IMGLIFE_TOKEN } = process.env;
     const line = { args: process.argv.slice(2), IMGLIFE_URL, IMGLIFE_TOKEN };
     require('fs').appendFileSync(${JSON.stringify(join(home, 'calls'))},
       JSON.stringify(line) + '\\n');
     if (process.argv.join().includes('cron-runner')) {
       console.error('no such project');
       process.exit(2);
     }
     console.log('registered');`,
  );
  const { port } = portal.address() as AddressInfo;
  return {
    privateHost: registry.host,
    portalUrl: `http://127.0.0.1:${port}`,
    token: 'demo-ci-token',
    cli: [process.execPath, script, '--plain'],
    now: () => new Date('2026-11-23T10:00:00Z'),
  };
}

async function calls(): Promise<{ args: string[] }[]> {
  const text = await readFile(join(home, 'calls'), 'utf8');
  return text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
    .sort((a, b) => (a.args.join() < b.args.join() ? -1 : 1));
}

it('builds and registers what it finds bases for, once', async () => {
  await publish('bases', 'alpine', '3.9.4-core1.0.0', '3.9');
  await publish('bases', 'alpine', '3.21.3-core1.0.0', '3.21');
  await publish('bases', 'alpine', '3.24.1-core1.0.0', '3.24');
  await publish('bases', 'debian', '13.6-core1.0.0', '13');
  await publish('bases', 'golang', '1.26.7-alpine3.24-core1.0.0', '1.26');
  await publish('bases', 'redis', '8.0.6-alpine-core1.0.0', '8.0');
  await publish('bases', 'redis', '8.10.1-alpine-core1.0.0', '8.10');
  await publish('mirrors', 'alpine', '3.23.5', '3.23');
  await publish('mirrors', 'alpine', '3.24.1', '3.24');
  rows.bases.push({
    reference: `${registry.host}/bases/node:24-core1.0.0`,
    name: 'node',
    tag: '24-core1.0.0',
    digest: null,
    cycle: '24',
  });
  const builds = await runDemoCi(await options());
  const short = (text?: string) => text?.replace(`${registry.host}/`, '');
  expect(
    builds.map(({ image, base, state }) => [short(image), short(base), state]),
  ).toEqual([
    ['apps/checkout-api:4.2.0', undefined, 'skipped'],
    ['apps/ledger:2.9.1', 'bases/alpine:3.21.3-core1.0.0', 'built'],
    ['apps/fraud-scoring:1.14.3', undefined, 'skipped'],
    [
      'apps/search-indexer:7.0.2',
      'bases/golang:1.26.7-alpine3.24-core1.0.0',
      'built',
    ],
    ['apps/query-gateway:3.3.0', 'bases/redis:8.0.6-alpine-core1.0.0', 'built'],
    ['apps/synonyms:0.8.5', 'bases/alpine:3.9.4-core1.0.0', 'built'],
    ['apps/artifact-proxy:1.2.0', 'bases/debian:13.6-core1.0.0', 'built'],
    ['apps/cron-runner:5.1.4', 'bases/debian:13.6-core1.0.0', 'failed'],
    ['apps/log-shipper:2.0.0', undefined, 'built'],
    ['apps/storefront:12.6.0', undefined, 'skipped'],
    ['apps/image-resizer:1.7.2', 'mirrors/alpine:3.24.1', 'built'],
    ['apps/newsletter:3.0.1', undefined, 'skipped'],
  ]);
  expect(builds[7].output).toBe('no such project');
  expect(builds[11].output).toBe('no alpine 3.23 among the bases');
  expect(new Set(authorizations)).toEqual(new Set(['Bearer demo-ci-token']));

  const first = await calls();
  expect(first).toHaveLength(8);
  registry.clearRequests();
  rows.bases = rows.bases.filter(({ name }) => name !== 'golang');
  const again = await runDemoCi(await options());
  expect(again.map(({ state }) => state).join()).toBe(
    builds.map(({ state }) => state.replace('built', 'kept')).join(),
  );
  expect(
    registry.requests.filter(
      ({ method }) => method === 'PUT' || method === 'POST',
    ),
  ).toEqual([]);
  expect(await calls()).toEqual(first.flatMap(call => [call, call]));
});

it('makes images and registrations as real pipelines do', async () => {
  await publish('bases', 'golang', '1.26.7-alpine3.24-core1.0.0', '1.26');
  await publish('bases', 'debian', '13.6-core1.0.0', '13');
  const chosen = ['artifact-proxy', 'log-shipper', 'search-indexer'];
  const given = await options();
  await runDemoCi({
    ...given,
    applications: applications.filter(({ name }) => chosen.includes(name)),
  });
  const read = async (name: string, tag: string) => {
    const url = `${registry.url}/v2/apps/${name}/manifests/${tag}`;
    const [image] = await RegistryHttp.create(registry.host).readBase(
      `apps/${name}`,
      tag,
    );
    return { top: await (await fetch(url)).json(), image };
  };
  const proxy = await read('artifact-proxy', '1.2.0');
  expect(proxy.top.manifests).toHaveLength(2);
  expect(proxy.top.annotations).toEqual({
    'org.opencontainers.image.base.name': rows.bases[1].reference,
    'org.opencontainers.image.base.digest': rows.bases[1].digest,
  });
  expect(proxy.image.layers).toHaveLength(2);
  const revision = expect.stringMatching(/^[0-9a-f]{40}$/);
  expect(proxy.image.config).toMatchObject({
    created: '2026-11-23T10:00:00.000Z',
    config: {
      Labels: {
        'io.imglife.base': 'debian',
        'org.opencontainers.image.revision': revision,
        'org.opencontainers.image.source':
          'https://git.example.com/platform/artifact-proxy',
      },
    },
  });
  const nothing = await read('log-shipper', '2.0.0');
  expect(nothing.top.annotations).toEqual({
    'org.opencontainers.image.base.name': '',
    'org.opencontainers.image.base.digest': '',
  });
  const indexer = await read('search-indexer', '7.0.2');
  expect(indexer.top.annotations).toBeUndefined();
  expect((await calls())[2]).toEqual({
    args: [
      ...['--plain', 'register'],
      ...['--image', `${registry.host}/apps/search-indexer:7.0.2`],
      ...['--revision', revision, '--project', 'search/search-indexer'],
      ...['--entity', 'component:default/search-indexer'],
      '--field',
      'ci_job_url=https://git.example.com/search/search-indexer/-/jobs/1',
      ...['--base', rows.bases[0].reference],
    ],
    IMGLIFE_URL: given.portalUrl,
    IMGLIFE_TOKEN: 'demo-ci-token',
  });
});

it('says which request the portal refused', async () => {
  portal.removeAllListeners('request');
  portal.on('request', (_, response) => {
    response.writeHead(401).end('{"error":"no token"}');
  });
  await expect(runDemoCi(await options())).rejects.toThrow(
    /\/api\/imglife\/v1\/bases\?limit=500&all=true: 401 \{"error":"no token"\}/,
  );
});
