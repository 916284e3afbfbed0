import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { pushImage, RegistryHttp, TestRegistry } from '@imglife/test-registry';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import request from 'supertest';
import { extract } from 'tar-stream';
import { imglifePlugin } from '../plugin';

jest.setTimeout(60_000);

const API = '/api/imglife';
const PLATFORMS = ['linux/amd64', 'linux/arm64'];
const TAG = '3.24.0-core1.0.0';
const ZEROS = `sha256:${'0'.repeat(64)}`;
const SECRET = 'the-secret-of-the-test';

type Files = Record<string, string>;

describe('bases built outside', () => {
  let registry: TestRegistry;
  let host: string;
  let folder: string;
  let backend: Awaited<ReturnType<typeof startTestBackend>>;
  let listener: Server;
  let told: Array<Record<string, unknown>>;

  const get = (url: string) => request(backend.server).get(`${API}${url}`);
  const post = (url: string, body: object) =>
    request(backend.server).post(`${API}${url}`).send(body);

  async function run(body: object) {
    const started = await post('/v1/runs', body).expect(202);
    for (;;) {
      const answer = await get(`/v1/runs/${started.body.id}`).expect(200);
      if (!['queued', 'running'].includes(answer.body.state)) {
        return answer.body;
      }
      await sleep(50);
    }
  }

  async function itemOf(name: string, body: object = {}) {
    const { items } = await run({ kind: 'build', target: name, ...body });
    expect(items).toHaveLength(1);
    return items[0];
  }

  async function exported(query: string): Promise<Files> {
    const { body } = await get(`/v1/bases/export${query}`)
      .buffer()
      .parse((response, done) => {
        const chunks: Buffer[] = [];
        response.on('data', chunk => chunks.push(chunk));
        response.on('end', () => done(null, Buffer.concat(chunks)));
      })
      .expect(200)
      .expect('content-type', 'application/x-tar');
    const tar = extract();
    tar.end(body);
    const files: Files = {};
    for await (const entry of tar) {
      const { name, type, linkname } = entry.header;
      files[name] =
        type === 'symlink'
          ? `-> ${linkname}`
          : await text(entry as unknown as AsyncIterable<Buffer>);
    }
    return files;
  }

  async function buildFile(tag = TAG, platform = 'linux-arm64') {
    const files = await exported('?name=tools');
    return JSON.parse(files[`tools/${tag}/${platform}/build.json`]);
  }

  /** As a CI that builds the export would, but for what is given. */
  async function pushBuilt(
    change: {
      labels?: Record<string, string>;
      platforms?: string[];
      from?: string;
      files?: Files | null;
    } = {},
  ) {
    const { labels } = await buildFile();
    const { platforms = PLATFORMS, from = '3.24.0', files } = change;
    const { digest } = await pushImage(host, {
      repository: 'bases/tools',
      tag: TAG,
      platforms,
      labels: { ...labels, ...change.labels },
      from: { repository: 'mirrors/alpine', reference: from },
      layers: files === null ? [] : [{ 'usr/share/x': '1', ...files }],
    });
    return digest;
  }

  async function report(body: object) {
    const { inputHash } = await buildFile();
    return post('/v1/bases/published', {
      reference: `${host}/bases/tools:${TAG}`,
      inputHash,
      ...body,
    });
  }

  async function rows() {
    const { body } = await get('/v1/bases?all=true').expect(200);
    return body.items.filter(({ name }: { name: string }) => name === 'tools');
  }

  const pushUpstream = (content: string) =>
    pushImage(host, {
      repository: 'library/alpine',
      tag: '3.24.0',
      platforms: PLATFORMS,
      layers: platform => [{ 'etc/release': `${content} ${platform}` }],
    });

  beforeAll(async () => {
    told = [];
    listener = createServer(async (asked, response) => {
      told.push(JSON.parse(await text(asked)));
      response.end();
    }).listen(0);
    registry = await TestRegistry.start();
    host = registry.host;
    folder = await mkdtemp(path.join(tmpdir(), 'imglife-outside-'));
    await writeFile(path.join(folder, 'motd'), 'hello\n');
    await symlink('motd', path.join(folder, 'link'));
    await writeFile(path.join(folder, 'token'), SECRET);
    await writeFile(path.join(folder, '.dockerignore'), 'token\n');
    await writeFile(
      path.join(folder, 'Dockerfile.tmpl'),
      'FROM {{ mirror.reference }}\nARG TEAM\nRUN echo "$TEAM"\nCOPY . /etc/\n',
    );
    await pushUpstream('first');
    const from = { mirror: 'alpine', tag: '3.24.0' };
    const { port } = listener.address() as AddressInfo;
    backend = await startTestBackend({
      features: [
        imglifePlugin,
        mockServices.permissions.factory({ result: AuthorizeResult.ALLOW }),
        catalogServiceMock.factory({ entities: [] }),
        mockServices.rootConfig.factory({
          data: {
            imglife: {
              registries: [{ host, insecure: true }],
              tiers: {
                mirrors: `${host}/mirrors`,
                bases: `${host}/bases`,
                applications: [`${host}/apps`],
              },
              mirrors: {
                entries: [
                  {
                    source: `${host}/library/alpine`,
                    tags: { names: ['3.24.0'] },
                  },
                ],
              },
              bases: {
                builder: 'export',
                secrets: [{ id: 'token', file: path.join(folder, 'token') }],
                hooks: {
                  afterBuild: [{ webhook: `http://127.0.0.1:${port}/` }],
                },
                entries: [
                  {
                    name: 'tools',
                    from,
                    context: folder,
                    template: 'Dockerfile.tmpl',
                    args: { TEAM: 'platform' },
                    floatingTags: ['latest'],
                  },
                  { name: 'plain', from, builder: 'embedded' },
                  { name: 'bad', from, template: 'FROM {{ mirrors }}\n' },
                  {
                    name: 'java/jre',
                    from,
                    template: 'FROM {{ mirror.reference }}\n',
                  },
                ],
              },
            },
          },
        }),
      ],
    });
    await run({ kind: 'sync' });
  });

  afterAll(async () => {
    await backend.stop();
    await registry.stop();
    listener.closeAllConnections();
    await new Promise(resolve => {
      listener.close(resolve);
    });
    await rm(folder, { recursive: true });
  });

  const waiting = (reasons: string) =>
    `${reasons}: to be built outside; imglife build tools --output-dir DIR exports it, POST /v1/bases/published reports what was built`;

  it('are planned by a run, and not built; a row says what to do', async () => {
    expect(await rows()).toEqual([]);
    const due = {
      reference: `${host}/bases/tools:${TAG}`,
      action: 'export',
      reason: waiting('first-build'),
      changes: [{ reason: 'first-build', from: null, to: '3.24.0' }],
      error: null,
    };
    expect(await itemOf('tools', { dryRun: true })).toMatchObject({
      ...due,
      state: 'planned',
    });
    expect(await rows()).toEqual([]);
    expect(await itemOf('tools')).toMatchObject({ ...due, state: 'skipped' });
    // the builder of an entry goes before that of all
    expect(await itemOf('plain')).toMatchObject({ state: 'done' });
    expect(await rows()).toMatchObject([
      {
        reference: `${host}/bases/tools:${TAG}`,
        state: 'blocked',
        error: waiting('first-build'),
        digest: null,
        builtAt: null,
        freshness: 'unknown',
        mirror: { reference: `${host}/mirrors/alpine:3.24.0` },
      },
    ]);
    const tags = await fetch(`http://${host}/v2/bases/tools/tags/list`);
    expect(tags.status).toBe(404);
  });

  it('are exported with all that their build needs, and no secret', async () => {
    const files = await exported('');
    const { items, folders, entries } = JSON.parse(files['export.json']);
    expect(folders).toEqual(
      ['tools', 'java/jre'].flatMap(name =>
        PLATFORMS.map(each => `${name}/${TAG}/${each.replace('/', '-')}`),
      ),
    );
    expect(entries).toBe(Object.keys(files).length - 1);
    expect(items).toMatchObject([
      { action: 'export', state: 'done', reason: 'first-build' },
      {
        reference: `${host}/bases/bad:${TAG}`,
        action: 'export',
        state: 'failed',
        error: expect.stringContaining('there is no variable "mirrors"'),
      },
      { reference: `${host}/bases/java/jre:${TAG}`, state: 'done' },
    ]);
    const at = `tools/${TAG}/linux-arm64`;
    const build = JSON.parse(files[`${at}/build.json`]);
    const mirror = await RegistryHttp.create(host).headManifest(
      'mirrors/alpine',
      '3.24.0',
    );
    const labels = {
      'org.opencontainers.image.created': '2026-01-01T00:00:00.000Z',
      'org.opencontainers.image.version': TAG,
      'org.opencontainers.image.title': 'tools',
      'org.opencontainers.image.base.name': `${host}/mirrors/alpine:3.24.0`,
      'org.opencontainers.image.base.digest': mirror,
      'io.imglife.core-version': '1.0.0',
      'io.imglife.input-hash': build.inputHash,
    };
    expect(build).toMatchObject({
      name: 'tools',
      reference: `${host}/bases/tools:${TAG}`,
      tag: TAG,
      platform: 'linux/arm64',
      platforms: PLATFORMS,
      reasons: ['first-build'],
      baseDigest: mirror,
      inputHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      sourceDateEpoch: Date.parse('2026-01-01') / 1000,
      labels: expect.objectContaining(labels),
      annotations: build.labels,
    });
    expect(files[`${at}/Dockerfile`].split('\n')).toEqual([
      `FROM --platform=linux/arm64 ${host}/mirrors/alpine:3.24.0@${mirror}`,
      'ARG TEAM="platform"',
      'RUN echo "$TEAM"',
      'COPY . /etc/',
      ...Object.entries(build.labels).map(
        ([name, value]) => `LABEL "${name}"="${value}"`,
      ),
      'COPY .imglife/base.json /usr/share/imglife/base.json',
      '',
    ]);
    expect(files[`${at}/motd`]).toBe('hello\n');
    expect(files[`${at}/link`]).toBe('-> motd');
    expect(JSON.parse(files[`${at}/.imglife/base.json`])).toEqual({
      name: 'tools',
      tag: TAG,
      inputHash: build.inputHash,
    });
    expect(JSON.stringify(files)).not.toContain(SECRET);
  });

  it('are exported by name too, due or not', async () => {
    const files = await exported('?name=plain');
    const build = files[`plain/${TAG}/linux-amd64/build.json`];
    expect(JSON.parse(build)).toMatchObject({ name: 'plain', reasons: [] });
    expect(Object.keys(files).some(name => name.startsWith('tools'))).toBe(
      false,
    );
    const { body } = await get('/v1/bases/export?name=nothing').expect(404);
    expect(body.error.message).toContain('no base "nothing"; known: tools');
  });

  it('are not exported when a file of theirs has the name of one of ours', async () => {
    const file = path.join(folder, 'build.json');
    await writeFile(file, '{}');
    const { items } = JSON.parse(
      (await exported('?name=tools'))['export.json'],
    );
    await rm(file);
    expect(items).toMatchObject([
      { state: 'failed', error: expect.stringContaining('a file build.json') },
    ]);
  });

  it.each<[string, object, number, string]>([
    ['no reference', { reference: 'a b' }, 400, 'reference: '],
    ['a digest', { reference: `HOST/bases/tools@${ZEROS}` }, 400, 'reference'],
    [
      'a host nobody listed',
      { reference: 'evil.test/bases/tools:1' },
      400,
      'evil.test',
    ],
    [
      'a repository of no base',
      { reference: 'HOST/bases/x:1' },
      404,
      'of no base',
    ],
    [
      'a mirror',
      { reference: 'HOST/mirrors/alpine:3.24.0' },
      404,
      'of no base',
    ],
    ['a tag nobody planned', { reference: 'HOST/bases/tools:9' }, 404, TAG],
    ['no digest', { digest: 'x' }, 400, 'digest'],
    ['no hash', { inputHash: 'x' }, 400, 'inputHash'],
    ['what is not pushed yet', {}, 404, 'does not exist at its registry'],
  ])('are not recorded from %s: %j → %i', async (_name, body, status, said) => {
    const filled = JSON.parse(JSON.stringify(body).replaceAll('HOST', host));
    const answer = await report({ digest: ZEROS, ...filled });
    expect([answer.status, answer.body.error.message]).toEqual([
      status,
      expect.stringContaining(said),
    ]);
    expect(await rows()).toMatchObject([{ state: 'blocked', digest: null }]);
  });

  it.each<[string, Parameters<typeof pushBuilt>[0], object, number, string]>([
    ['another digest', {}, { digest: ZEROS }, 409, `not ${ZEROS}`],
    [
      'another hash',
      {},
      { inputHash: 'f'.repeat(64) },
      409,
      'template, context',
    ],
    [
      'a mirror that has moved',
      { labels: { 'org.opencontainers.image.base.digest': ZEROS } },
      { inputHash: 'f'.repeat(64) },
      409,
      `it was built on ${ZEROS}, and `,
    ],
    [
      'another hash in the image',
      { labels: { 'io.imglife.input-hash': 'f'.repeat(64) } },
      {},
      400,
      'lacks the label io.imglife.input-hash',
    ],
    [
      'another base in the image',
      { labels: { 'org.opencontainers.image.base.digest': ZEROS } },
      {},
      400,
      'lacks the label org.opencontainers.image.base.digest',
    ],
    [
      'a platform too few',
      { platforms: ['linux/amd64'] },
      {},
      400,
      'no platform linux/arm64',
    ],
    [
      'no layer of its own',
      { files: null },
      {},
      400,
      'does not stand on the layers',
    ],
  ])('do not count with %s', async (_name, change, body, status, said) => {
    const digest = await pushBuilt(change);
    const answer = await report({ digest, ...body });
    expect([answer.status, answer.body.error.message]).toEqual([
      status,
      expect.stringContaining(said),
    ]);
    expect(await rows()).toMatchObject([{ state: 'blocked', digest: null }]);
  });

  it('do not count on other layers', async () => {
    const { labels } = await buildFile();
    const { digest } = await pushImage(host, {
      repository: 'bases/tools',
      tag: TAG,
      platforms: PLATFORMS,
      labels,
      layers: [{ a: '1' }, { b: '2' }, { c: '3' }],
    });
    const answer = await report({ digest });
    expect([answer.status, answer.body.error.message]).toEqual([
      400,
      expect.stringContaining('does not stand on the layers'),
    ]);
  });

  it('do not count while a layer is missing', async () => {
    const digest = await pushBuilt();
    const fault = registry.fail({
      method: 'HEAD',
      path: /^\/v2\/bases\/tools\/blobs\//,
      action: { kind: 'status', status: 404, code: 'BLOB_UNKNOWN' },
    });
    const answer = await report({ digest });
    expect([answer.status, answer.body.error.message]).toEqual([
      400,
      expect.stringMatching(
        /is an image that cannot be pulled: its blob sha256:\w+ is missing at the registry/,
      ),
    ]);
    fault.remove();
  });

  it('wait while the registry refuses to be read', async () => {
    const digest = await pushBuilt();
    const fault = registry.fail({
      path: `/v2/bases/tools/manifests/${TAG}`,
      times: 50,
      action: { kind: 'status', status: 403 },
    });
    const answer = await report({ digest });
    registry.clearFaults();
    expect(fault.hits).toBeGreaterThan(0);
    expect([answer.status, answer.body.error.message]).toEqual([
      503,
      expect.stringContaining(`the registry ${host} cannot be read just now`),
    ]);
    expect(await rows()).toMatchObject([{ state: 'blocked', digest: null }]);
  });

  it('count once the registry confirms them, and only once', async () => {
    const digest = await pushBuilt();
    const answers = await Promise.all([report({ digest }), report({ digest })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 201]);
    expect(answers[0].body).toMatchObject({
      name: 'tools',
      reference: `${host}/bases/tools:${TAG}`,
      digest,
      platforms: PLATFORMS,
      state: 'published',
      reasons: ['first-build'],
      status: 'unknown',
    });
    expect((await report({ digest })).status).toBe(200);

    const history = await get(
      `/v1/images/history?repository=${host}/bases/tools`,
    ).expect(200);
    expect(history.body.items).toMatchObject([
      {
        kind: 'build',
        tag: TAG,
        state: 'succeeded',
        digest,
        reasons: ['first-build'],
        actor: expect.stringMatching(/^user:/),
        runId: null,
      },
    ]);
    while (!told.some(({ name }) => name === 'tools')) {
      await sleep(20);
    }
    expect(told.filter(({ name }) => name === 'tools')).toMatchObject([
      { reference: `${host}/bases/tools:${TAG}@${digest}`, runId: null },
    ]);
    const http = RegistryHttp.create(host);
    while ((await http.headManifest('bases/tools', 'latest')) !== digest) {
      await sleep(50);
    }
    // its chains are known
    await pushImage(host, {
      repository: 'apps/pay',
      tag: '1.0.0',
      platforms: PLATFORMS,
      from: { repository: 'bases/tools', reference: TAG },
    });
    const image = `${host}/apps/pay:1.0.0`;
    const { body } = await post('/v1/registrations', { image }).expect(201);
    expect(body).toMatchObject({
      base: { reference: `${host}/bases/tools:${TAG}` },
      detection: { confidence: 'confirmed' },
    });
    expect(await itemOf('tools')).toMatchObject({ action: 'none' });
    expect(JSON.parse((await exported(''))['export.json']).folders).toEqual(
      PLATFORMS.map(each => `java/jre/${TAG}/${each.replace('/', '-')}`),
    );
  });

  it('do not move without their mirror, and do with it', async () => {
    const [before] = await rows();
    const files = await exported('?name=tools');
    const at = `tools/${TAG}/linux-arm64/build.json`;
    const { inputHash, labels } = JSON.parse(files[at]);
    const push = (files_: Files) =>
      pushImage(host, {
        repository: 'bases/tools',
        tag: TAG,
        platforms: PLATFORMS,
        labels,
        from: { repository: 'mirrors/alpine', reference: '3.24.0' },
        layers: [files_],
      });
    const reference = `${host}/bases/tools:${TAG}`;
    const send = (digest: string, hash: string) =>
      post('/v1/bases/published', { reference, digest, inputHash: hash });
    const other = await push({ other: '1' });
    const refused = await send(other.digest, inputHash);
    expect([refused.status, refused.body.error.message]).toEqual([
      409,
      expect.stringContaining(`is published as ${before.digest}`),
    ]);

    await pushUpstream('second');
    await run({ kind: 'sync' });
    const stale = await send(other.digest, inputHash);
    expect([stale.status, stale.body.error.message]).toEqual([
      409,
      expect.stringContaining('it was built on sha256:'),
    ]);
    expect(await rows()).toEqual([before]);

    expect(await itemOf('tools')).toMatchObject({
      reason: waiting('mirror-moved'),
    });
    expect(await rows()).toMatchObject([
      {
        digest: before.digest,
        state: 'blocked',
        error: waiting('mirror-moved'),
      },
    ]);
    const digest = await pushBuilt();
    const { status, body } = await report({ digest });
    expect([status, body.reasons, body.digest]).toEqual([
      201,
      ['mirror-moved'],
      digest,
    ]);
    expect(await rows()).toMatchObject([
      { digest, state: 'published', error: null },
    ]);
  });

  it('stay withdrawn', async () => {
    const [{ digest }] = await rows();
    const reference = `${host}/bases/tools:${TAG}`;
    await post('/v1/bases/withdraw', { reference, reason: 'CVE' }).expect(200);
    const files = await exported('?name=tools');
    expect(JSON.parse(files['export.json'])).toMatchObject({
      folders: [],
      items: [{ reason: 'withdrawn: CVE', state: 'skipped' }],
    });
    const inputHash = 'f'.repeat(64);
    const facts = { reference, digest, inputHash };
    const { body } = await post('/v1/bases/published', facts).expect(409);
    expect(body.error.message).toContain('withdrawn: CVE');
  });
});
