import { describeWithComponents } from '@imglife/test-registry';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  writeFile,
} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Buildah } from './Buildah';
import { DebianRegistry } from './DebianRegistry';
import { DockerEngine } from './DockerEngine';
import { PostgresDatabases } from './PostgresDatabases';
import { RealBackend } from './RealBackend';
import { Skopeo } from './Skopeo';

jest.setTimeout(240_000);

const BUSYBOX = '/bin/busybox';
const SECRET = 'a-secret-of-the-build';
const SETTLE_MS = 120_000;
// nobody else sleeps for so long
const NAP = '3141.5';
const V1 = '/api/imglife/v1';

const TEMPLATE = `FROM {{ mirror.reference }}
ARG VENDOR
RUN --mount=type=secret,id=token echo "told $(cat /run/secrets/token)" && \\
  echo "$VENDOR" > /vendor
ENV VENDOR=$VENDOR
`;
const SLOW = `FROM {{ mirror.reference }}
RUN echo step-one && sleep ${NAP}
`;

interface BaseRow {
  name: string;
  tag: string;
  state: string;
  reference: string;
  digest: string;
}

describeWithComponents(
  ['buildah', 'docker-registry', 'skopeo', 'dockerd'],
  'builders that are programs',
  () => {
    const databases: PostgresDatabases[] = [];
    let folder: string;
    let registry: DebianRegistry;
    let engine: DockerEngine;
    let backend: RealBackend | undefined;

    beforeAll(async () => {
      folder = await mkdtemp(path.join(os.tmpdir(), 'imglife-builders-'));
      registry = await DebianRegistry.start(path.join(folder, 'registry'));
      engine = await DockerEngine.start(path.join(folder, 'docker'));
      const buildah = await Buildah.create(path.join(folder, 'buildah'));
      const busybox = await readFile(BUSYBOX);
      await buildah.push({
        reference: `${registry.host}/library/busybox:1.36.1`,
        dockerfile:
          'FROM scratch\nCOPY sh cat sleep /bin/\nENV PATH=/bin\nCMD ["/bin/sh"]\n',
        platforms: ['linux/amd64'],
        files: { sh: busybox, cat: busybox, sleep: busybox },
        mode: 0o755,
      });
      await writeFile(path.join(folder, 'token'), `${SECRET}\n`);
      for (const [name, template] of [
        ['busybox', TEMPLATE],
        ['slow', SLOW],
      ]) {
        await mkdir(path.join(folder, name));
        await writeFile(path.join(folder, name, 'Dockerfile.tmpl'), template);
      }
    });

    afterEach(async () => {
      await backend?.stop();
      backend = undefined;
    });

    afterAll(async () => {
      await engine?.stop();
      await registry?.stop();
      await Promise.all(databases.map(each => each.drop()));
      await rm(folder, { recursive: true, force: true });
    });

    async function start(builder: string, bases: string[]) {
      const own = PostgresDatabases.create();
      databases.push(own);
      backend = await RealBackend.start({
        folder,
        databases: own,
        imglife: {
          registries: [{ host: registry.host, insecure: true }],
          tiers: {
            mirrors: `${registry.host}/${builder}/mirrors`,
            bases: `${registry.host}/${builder}/bases`,
          },
          mirrors: {
            entries: [
              {
                source: `${registry.host}/library/busybox`,
                tags: { names: ['1.36.1'] },
              },
            ],
          },
          bases: {
            builder,
            builders: {
              docker: {
                command: '/usr/bin/docker',
                host: engine.host,
                network: 'none',
              },
            },
            secrets: [{ id: 'token', file: path.join(folder, 'token') }],
            entries: bases.map(name => ({
              name,
              from: { mirror: 'busybox', tag: '1.36.1' },
              context: path.join(folder, name),
              template: 'Dockerfile.tmpl',
              args: { VENDOR: 'of the test' },
            })),
          },
        },
      });
      return { own, portal: backend };
    }

    async function logOf(portal: RealBackend, id: string): Promise<string> {
      return (await portal.ask('GET', `${V1}/runs/${id}/log`)).text();
    }

    async function runOf(
      portal: RealBackend,
      target: string,
      state: string,
    ): Promise<string> {
      return portal.waitFor(`a run of ${target}`, SETTLE_MS, async () => {
        const { items } = await portal.get<{
          items: Array<{
            id: string;
            target: string;
            state: string;
            kind: string;
          }>;
        }>(`${V1}/runs?limit=100`);
        return items.find(
          run =>
            run.kind === 'build' &&
            run.target === target &&
            run.state === state,
        )?.id;
      });
    }

    it.each(['buildah', 'docker'])(
      '%s runs what a template says, and its secret ends up nowhere',
      async builder => {
        const { own, portal } = await start(builder, ['busybox']);
        const skopeo = Skopeo.create();
        const base = await portal.waitFor('the base', SETTLE_MS, async () => {
          const rows = await portal.rows<BaseRow>('bases');
          const row = rows.find(each => each.name === 'busybox');
          return row && ['published', 'failed'].includes(row.state) && row;
        });

        expect(base).toMatchObject({ state: 'published' });
        const config = await skopeo.inspectConfig(base.reference, 'amd64');
        expect(config.config.Env).toContain('VENDOR=of the test');
        expect(config.config.Labels).toMatchObject({
          'io.imglife.core-version': '1.0.0',
          'org.opencontainers.image.base.name': expect.stringContaining(
            `${registry.host}/${builder}/mirrors/busybox:1.36.1`,
          ),
        });
        const layersOf = async (reference: string) => {
          const raw = JSON.parse(await skopeo.inspectRaw(reference));
          const child = raw.manifests
            ? JSON.parse(
                await skopeo.inspectRaw(
                  `${reference.replace(/:[^:/]+$/, '')}@${
                    raw.manifests[0].digest
                  }`,
                ),
              )
            : raw;
          return child.layers.map((layer: { digest: string }) => layer.digest);
        };
        const mirror = `${registry.host}/${builder}/mirrors/busybox:1.36.1`;
        const [below, layers] = [
          await layersOf(mirror),
          await layersOf(base.reference),
        ];
        // the very layers of the mirror, what RUN wrote, and the base's own
        expect(layers.slice(0, below.length)).toEqual(below);
        expect(layers).toHaveLength(below.length + 2);
        await skopeo.read(base.reference, path.join(folder, `${builder}-read`));

        const log = await logOf(
          portal,
          await runOf(portal, 'busybox', 'succeeded'),
        );
        expect(log).toMatch(/told \*\*\*/);
        expect(log).not.toContain(SECRET);
        expect(portal.output).not.toContain(SECRET);
        expect(await own.tablesWith(SECRET)).toEqual([]);
        expect(JSON.stringify(config)).not.toContain(SECRET);
        const left = await readdir(os.tmpdir());
        expect(left.filter(name => name.startsWith('imglife-build-'))).toEqual(
          [],
        );
        expect(await engine.images()).toEqual([]);
      },
    );

    it.each(['buildah', 'docker'])(
      '%s: the log streams while it works, and a cancel ends all of it',
      async builder => {
        const { portal } = await start(builder, ['slow']);
        // the first run may have ended before the mirror was there
        const id = await portal.waitFor(
          'the first step',
          SETTLE_MS,
          async () => {
            const running = await runOf(portal, 'slow', 'running');
            return (
              (await logOf(portal, running)).includes('step-one') && running
            );
          },
        );
        // the log tells of a step before it is run
        await portal.waitFor(
          'the sleep',
          60_000,
          async () => (await sleepers()).length > 0,
        );

        await portal.ask('POST', `${V1}/runs/${id}/cancel`);

        const run = await portal.endOfRun(id, 20_000);
        expect(run.state).toBe('cancelled');
        await portal.waitFor(
          'the end of the sleep',
          10_000,
          async () => (await sleepers()).length === 0,
        );
        const left = await readdir(os.tmpdir());
        expect(left.filter(name => name.startsWith('imglife-build-'))).toEqual(
          [],
        );
        const rows = await portal.rows<BaseRow>('bases');
        expect(rows.filter(({ state }) => state === 'published')).toEqual([]);
      },
    );
  },
);

/** Processes that sleep for the test's own time. */
async function sleepers(): Promise<string[]> {
  const processes = (await readdir('/proc')).filter(name => /^\d+$/.test(name));
  const lines = await Promise.all(
    processes.map(each =>
      readFile(`/proc/${each}/cmdline`, 'utf8').catch(() => ''),
    ),
  );
  return lines.filter(
    line => /^(\/bin\/)?sleep\0/.test(line) && line.includes(NAP),
  );
}
