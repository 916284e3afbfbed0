import { createBackendModule } from '@backstage/backend-plugin-api';
import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { imglifeBuildersExtensionPoint } from '@imglife/backstage-plugin-imglife-node';
import { pushImage, TestRegistry } from '@imglife/test-registry';
import { setTimeout as sleep } from 'node:timers/promises';
import request from 'supertest';
import { imglifePlugin } from '../plugin';

jest.setTimeout(60_000);

const API = '/api/imglife';

describe('routes of bases', () => {
  let registry: TestRegistry;
  let host: string;
  let backend: Awaited<ReturnType<typeof startTestBackend>>;

  const get = (path: string) => request(backend.server).get(`${API}${path}`);
  const post = (path: string, body: object) =>
    request(backend.server).post(`${API}${path}`).send(body);

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

  async function base(tag: string) {
    const { body } = await get('/v1/bases?all=true').expect(200);
    return body.items.find((row: { tag: string }) => row.tag === tag);
  }

  beforeAll(async () => {
    registry = await TestRegistry.start();
    host = registry.host;
    for (const tag of ['3.24.0', '3.24.1']) {
      await pushImage(host, {
        repository: 'library/alpine',
        tag,
        platforms: ['linux/amd64'],
        layers: [{ 'etc/release': tag }],
      });
    }
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
                    tags: { names: ['3.24.0', '3.24.1'] },
                  },
                ],
              },
              bases: {
                floatingTags: ['latest'],
                entries: [
                  { name: 'alpine', from: { mirror: 'alpine', track: 'all' } },
                ],
              },
            },
          },
        }),
      ],
    });
    await run({ kind: 'sync' });
    await run({ kind: 'build' });
  });

  afterAll(async () => {
    await backend.stop();
    await registry.stop();
  });

  it('does not start with a builder that nobody registered', async () => {
    const start = startTestBackend({
      features: [
        imglifePlugin,
        catalogServiceMock.factory({ entities: [] }),
        mockServices.rootConfig.factory({
          data: {
            imglife: {
              registries: [{ host, insecure: true }],
              tiers: { mirrors: `${host}/mirrors`, bases: `${host}/bases` },
              mirrors: {
                entries: [
                  { source: `${host}/library/alpine`, tags: { names: ['1'] } },
                ],
              },
              bases: {
                builder: 'kaniko',
                entries: [
                  { name: 'alpine', from: { mirror: 'alpine', tag: '1' } },
                ],
              },
            },
          },
        }),
      ],
    });
    await expect(start).rejects.toThrow(
      /imglife\.bases\.builder: there is no builder "kaniko", which base alpine is of; known: buildah, buildkit, docker, embedded, export/,
    );
  });

  it('does not start with a smoke command that an extension cannot run', async () => {
    const kaniko = createBackendModule({
      pluginId: 'imglife',
      moduleId: 'kaniko',
      register(env) {
        env.registerInit({
          deps: { builders: imglifeBuildersExtensionPoint },
          async init({ builders }) {
            builders.addBuilder({
              id: 'kaniko',
              canBuild: () => ({ ok: true }),
              build: async () => ({ digest: '' }),
            });
          },
        });
      },
    });
    const start = startTestBackend({
      features: [
        imglifePlugin,
        kaniko,
        catalogServiceMock.factory({ entities: [] }),
        mockServices.rootConfig.factory({
          data: {
            imglife: {
              registries: [{ host, insecure: true }],
              tiers: { mirrors: `${host}/mirrors`, bases: `${host}/bases` },
              mirrors: {
                entries: [
                  { source: `${host}/library/alpine`, tags: { names: ['1'] } },
                ],
              },
              bases: {
                builder: 'kaniko',
                smoke: ['true'],
                entries: [
                  { name: 'alpine', from: { mirror: 'alpine', tag: '1' } },
                ],
              },
            },
          },
        }),
      ],
    });
    await expect(start).rejects.toThrow(
      'imglife.bases.entries[0].smoke: base alpine is of builder kaniko, which cannot run a command in what it builds',
    );
  });

  it('shows each reason to build with old and new value', async () => {
    expect(await base('3.24.1-core1.0.0')).toMatchObject({
      reasons: ['first-build'],
      changes: [{ reason: 'first-build', from: null, to: '3.24.1' }],
      withdrawal: null,
    });
    const { items } = await run({ kind: 'build', dryRun: true, force: true });
    expect(items[0].changes).toEqual([
      { reason: 'forced', from: null, to: null },
    ]);
  });

  it('takes a base back: row, users, latest, verdict and report say so', async () => {
    const reference = `${host}/bases/alpine:3.24.1-core1.0.0`;
    const replacement = `${host}/bases/alpine:3.24.0-core1.0.0`;
    await pushImage(host, {
      repository: 'apps/pay',
      tag: '1.0.0',
      platforms: ['linux/amd64'],
      created: new Date().toISOString(),
    });
    const facts = { image: `${host}/apps/pay:1.0.0`, base: reference };
    await post('/v1/registrations', facts).expect(201);
    const withdrawal = { reference, reason: 'CVE-2026-1', replacement };
    const { body } = await post('/v1/bases/withdraw', withdrawal).expect(200);
    expect(body).toMatchObject({
      reference,
      state: 'withdrawn',
      freshness: 'withdrawn',
      status: 'critical',
      latestInCycle: replacement,
      usedBy: 1,
      withdrawal: {
        reason: 'CVE-2026-1',
        replacement,
        by: expect.stringMatching(/^user:/),
      },
    });
    const again = await post('/v1/bases/withdraw', withdrawal).expect(200);
    expect(again.body).toEqual(body);

    const applications = await get('/v1/applications').expect(200);
    expect(applications.body.items[0]).toMatchObject({
      freshness: 'withdrawn',
      status: 'critical',
      violations: ['withdrawn'],
    });
    const check = await get(`/v1/check?base=${reference}`).expect(200);
    expect(check.body).toMatchObject({
      freshness: 'withdrawn',
      upToDate: false,
      advice: `Set BASE_IMAGE to ${replacement}.`,
    });
    expect(check.body.warnings).toContain(
      'base image was withdrawn: CVE-2026-1',
    );
    const bases = await get('/v1/bases?all=true').expect(200);
    const { digest } = bases.body.items.find(
      (row: { reference: string }) => row.reference === reference,
    );
    const untagged = await get(
      `/v1/check?base=${host}/bases/alpine&digest=${digest}`,
    ).expect(200);
    expect(untagged.body).toMatchObject({
      base: reference,
      freshness: 'withdrawn',
    });
    const report = await get('/v1/report').set('accept', 'text/markdown');
    expect(report.text.match(/❌ Withdrawn/g)).toHaveLength(2);

    const digestOf = async (tag: string) => {
      const url = `http://${host}/v2/bases/alpine/manifests/${tag}`;
      const accept = '*/*';
      const { headers } = await fetch(url, {
        method: 'HEAD',
        headers: { accept },
      });
      return headers.get('docker-content-digest');
    };
    const wanted = await digestOf('3.24.0-core1.0.0');
    while ((await digestOf('latest')) !== wanted) {
      await sleep(50);
    }

    // forced too: the tag is never built again
    const { items } = await run({ kind: 'build', force: true });
    expect(
      items.find((item: { reference: string }) => item.reference === reference),
    ).toMatchObject({
      action: 'none',
      reason: 'withdrawn: CVE-2026-1',
      state: 'skipped',
    });
    expect(await base('3.24.1-core1.0.0')).toMatchObject({
      state: 'withdrawn',
      digest: body.digest,
    });
    expect(await base('3.24.0-core1.0.0')).toMatchObject({
      freshness: 'current',
    });
  });

  it.each<[object, number, string]>([
    [{}, 400, 'reference'],
    [{ reference: 'HOST/bases/alpine:1' }, 400, 'reason'],
    [{ reference: 'HOST/bases/alpine:1', reason: '' }, 400, 'reason'],
    [{ reference: 'not a reference', reason: 'x' }, 400, 'reference'],
    [{ reference: 'HOST/b:1', reason: 'x', colour: 1 }, 400, 'colour'],
    [{ reference: 'HOST/bases/alpine:1', reason: 'x' }, 404, 'alpine:1'],
    [
      {
        reference: 'HOST/bases/alpine:3.24.0-core1.0.0',
        reason: 'x',
        replacement: 'HOST/bases/alpine:9',
      },
      400,
      'replacement',
    ],
    [
      {
        reference: 'HOST/bases/alpine:3.24.0-core1.0.0',
        reason: 'x',
        replacement: 'HOST/bases/alpine:3.24.0-core1.0.0',
      },
      400,
      'replacement',
    ],
  ])('refuses to withdraw %j: %i, naming %s', async (body, status, named) => {
    const filled = JSON.parse(JSON.stringify(body).replaceAll('HOST', host));
    const answer = await post('/v1/bases/withdraw', filled).expect(status);
    expect(answer.body.error.message).toContain(named);
    expect(await base('3.24.0-core1.0.0')).toMatchObject({ withdrawal: null });
  });
});
