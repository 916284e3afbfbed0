import { describeWithComponents } from '@imglife/test-registry';
import {
  chmod,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  writeFile,
} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Buildah } from './Buildah';
import { DebianRegistry } from './DebianRegistry';
import { RealBackend } from './RealBackend';
import { mustRun } from './runProgram';
import { Skopeo } from './Skopeo';
import { nodeTransform, repository } from './sources';

jest.setTimeout(180_000);

const BUSYBOX = '/bin/busybox';
const PUBLISH_TOKEN = 'real-publish-token';
const V1 = '/api/imglife/v1';
const TAG = '1.36.1-core1.0.0';
const PLATFORMS = ['linux/amd64', 'linux/arm64'];
/** What the programs of the host are called to. */
const HOST_PATH = '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin';

interface BaseRow {
  name: string;
  reference: string;
  digest: string;
  platforms: string[];
  state: string;
}

/** The pipeline as docs/builders.md shows it. */
async function readPipeline(): Promise<string> {
  const file = path.join(repository, 'docs/builders.md');
  const text = await readFile(file, 'utf8');
  return /In a pipeline .*:\n\n```sh\n([\s\S]*?)```/.exec(text)![1];
}

describeWithComponents(
  ['buildah', 'docker-registry', 'skopeo', 'jq', 'curl'],
  'bases built outside by buildah',
  () => {
    let folder: string;
    let registry: DebianRegistry;
    let buildah: Buildah;
    let backend: RealBackend;

    beforeAll(async () => {
      folder = await mkdtemp(path.join(os.tmpdir(), 'imglife-outside-'));
      registry = await DebianRegistry.start(path.join(folder, 'registry'));
      buildah = await Buildah.create(path.join(folder, 'buildah'));
      const busybox = await readFile(BUSYBOX);
      for (const [name, platforms] of [
        ['busybox', PLATFORMS.slice(0, 1)],
        ['files', PLATFORMS],
      ] as const) {
        await buildah.push({
          reference: `${registry.host}/library/${name}:1.36.1`,
          dockerfile: 'FROM scratch\nCOPY sh cat /bin/\nENV PATH=/bin\n',
          platforms: [...platforms],
          files: { sh: busybox, cat: busybox },
          mode: 0o755,
        });
      }
      const context = path.join(folder, 'context');
      await mkdir(context);
      await writeFile(path.join(context, 'motd'), 'hello\n');
      await startBackend(context);
      await preparePipeline();
    });

    afterAll(async () => {
      await backend?.stop();
      await registry?.stop();
      await rm(folder, { recursive: true, force: true });
    });

    async function startBackend(context: string): Promise<void> {
      const { host } = registry;
      const entries = ['busybox', 'files'].map(mirror => ({
        name: mirror === 'files' ? 'many/files' : 'tools',
        from: { mirror, tag: '1.36.1' },
        context,
        args: { TEAM: 'the "core" team' },
        template: `FROM {{ mirror.reference }}\nARG TEAM\n${
          mirror === 'files' ? 'ENV TEAM=$TEAM' : 'RUN echo "$TEAM" > /team'
        }\nCOPY . /etc/\n`,
      }));
      const connection = { directory: path.join(folder, 'database') };
      backend = await RealBackend.start({
        folder,
        alone: true,
        databases: { config: { client: 'better-sqlite3', connection } },
        externalAccess: [
          {
            type: 'static',
            options: { token: PUBLISH_TOKEN, subject: 'base-builder' },
            accessRestrictions: [
              { plugin: 'imglife', permission: 'imglife.base.publish' },
            ],
          },
        ],
        imglife: {
          registries: [{ host, insecure: true }],
          tiers: {
            mirrors: `${host}/mirrors`,
            bases: `${host}/bases`,
            applications: [`${host}/apps`],
          },
          mirrors: {
            entries: ['busybox', 'files'].map(name => ({
              source: `${host}/library/${name}`,
              tags: { names: ['1.36.1'] },
            })),
          },
          bases: { builder: 'export', entries },
        },
      });
      for (const mirror of ['busybox', 'files']) {
        expect(await backend.run('sync', mirror)).toMatchObject({
          state: 'succeeded',
        });
      }
    }

    /** What a machine of a CI has: the programs and how they are configured. */
    async function preparePipeline(): Promise<void> {
      const imglife = path.join(folder, 'bin/imglife');
      await mkdir(path.dirname(imglife));
      const main = path.join(repository, 'packages/cli/src/main.ts');
      await writeFile(
        imglife,
        `#!/bin/sh\nexec '${process.execPath}' --require '${nodeTransform}' '${main}' "$@"\n`,
      );
      await chmod(imglife, 0o755);
      await writeFile(
        path.join(folder, 'registries.conf'),
        `[[registry]]\nlocation = "${registry.host}"\ninsecure = true\n`,
      );
      await writeFile(
        path.join(folder, 'storage.conf'),
        `[storage]\ndriver = "vfs"\ngraphroot = "${folder}/ci/storage"\nrunroot = "${folder}/ci/run"\n`,
      );
      await mkdir(path.join(folder, '.config/containers'), { recursive: true });
      await writeFile(
        path.join(folder, '.config/containers/policy.json'),
        JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }] }),
      );
    }

    async function pipeline(script: string): Promise<string> {
      return mustRun('sh', ['-euc', script], {
        cwd: folder,
        env: {
          PATH: `${folder}/bin:${HOST_PATH}`,
          HOME: folder,
          BUILDAH_ISOLATION: 'chroot',
          CONTAINERS_REGISTRIES_CONF: `${folder}/registries.conf`,
          CONTAINERS_STORAGE_CONF: `${folder}/storage.conf`,
          IMGLIFE_URL: backend.url,
          IMGLIFE_TOKEN: PUBLISH_TOKEN,
        },
      });
    }

    it('does not count what was built of something else', async () => {
      const reference = `${registry.host}/bases/tools:${TAG}`;
      await pipeline('imglife build tools --output-dir wrong');
      const at = path.join(folder, `wrong/tools/${TAG}/linux-amd64`);
      const dockerfile = await readFile(path.join(at, 'Dockerfile'), 'utf8');
      const { inputHash } = JSON.parse(
        await readFile(path.join(at, 'build.json'), 'utf8'),
      );
      await buildah.push({
        reference,
        // all its labels, and none of its layers
        dockerfile: `FROM scratch\nCOPY motd /\n${dockerfile
          .split('\n')
          .filter(line => line.startsWith('LABEL'))
          .join('\n')}\n`,
        platforms: ['linux/amd64'],
        files: { motd: 'hello\n' },
      });
      const digest = await Skopeo.create().digest(reference);
      const answer = await backend.ask('POST', `${V1}/bases/published`, {
        token: PUBLISH_TOKEN,
        body: { reference, digest, inputHash },
      });
      expect([answer.status, await answer.text()]).toEqual([
        400,
        expect.stringContaining('does not stand on the layers'),
      ]);
      expect(await backend.rows('bases')).toEqual([]);
    });

    it('counts what the documented pipeline builds, for every platform', async () => {
      const script = (await readPipeline())
        // one name has a folder
        .replace('in out/*/*;', 'in out/tools/* out/many/files/*;')
        // the registry of the test speaks plain HTTP
        .replace('manifest push', 'manifest push --tls-verify=false');
      await pipeline(script);
      const rows = await backend.rows<BaseRow>('bases');
      expect(rows).toMatchObject([
        { name: 'many/files', state: 'published', platforms: PLATFORMS },
        { name: 'tools', state: 'published', platforms: ['linux/amd64'] },
      ]);
      const skopeo = Skopeo.create();
      for (const { reference, digest } of rows) {
        expect(await skopeo.digest(reference)).toBe(digest);
      }
      for (const platform of ['amd64', 'arm64']) {
        const { architecture, config } = await skopeo.inspectConfig(
          rows[0].reference,
          platform,
        );
        expect([architecture, config.Env]).toEqual([
          platform,
          ['PATH=/bin', 'TEAM=the "core" team'],
        ]);
        expect(config.Labels).toMatchObject({
          'org.opencontainers.image.title': 'many/files',
          'org.opencontainers.image.version': TAG,
        });
      }
      const again = await pipeline('imglife build --output-dir out2');
      expect(again).toContain('0 folders written');
    });

    it('finds what is built on it', async () => {
      const image = `${registry.host}/apps/shop:1.0`;
      await buildah.push({
        reference: image,
        dockerfile: `FROM ${registry.host}/bases/tools:${TAG}\nCOPY shop /\nRUN cat /etc/motd /team /usr/share/imglife/base.json > /said\n`,
        platforms: ['linux/amd64'],
        files: { shop: 'shop' },
      });
      const answer = await backend.ask('POST', `${V1}/registrations`, {
        body: { image },
      });
      expect(await answer.json()).toMatchObject({
        base: { reference: `${registry.host}/bases/tools:${TAG}` },
        detection: { confidence: 'confirmed', mismatch: false },
      });
    });

    it('is built right without being told anything', async () => {
      const at = `plain/many/files/${TAG}/linux-arm64`;
      const said = await pipeline(
        `imglife build many/files --output-dir plain >/dev/null
buildah bud -q -t localhost/plain ${at} >/dev/null
buildah inspect localhost/plain`,
      );
      const { architecture, config } = JSON.parse(said).OCIv1;
      const build = await readFile(path.join(folder, at, 'build.json'), 'utf8');
      expect(architecture).toBe('arm64');
      expect(config.Labels).toMatchObject(JSON.parse(build).labels);
    });
  },
);
