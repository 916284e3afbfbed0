import { describeWithComponents } from '@imglife/test-registry';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Buildah } from './Buildah';
import { DebianRegistry } from './DebianRegistry';
import { DockerEngine } from './DockerEngine';
import { PostgresDatabases } from './PostgresDatabases';
import { RealBackend } from './RealBackend';
import { mustRun, runProgram } from './runProgram';

jest.setTimeout(300_000);

const BUSYBOX = '/bin/busybox';
const SETTLE_MS = 150_000;
const USER = 'portal';
const PASSWORD = 'the-password-of-the-registry';
// nobody else sleeps for so long
const NAP = '2718.5';
const TAG = '1.36.1-core1.0.0';
const V1 = '/api/imglife/v1';

interface BaseRow {
  name: string;
  state: string;
  error: string | null;
  reference: string;
}

// what the shell prints is the password, what is configured is not
const PRINTED = PASSWORD.replace('word', '""word');

/**
 * Bases of one builder, all on one that is built without a program. Debian's
 * Docker does not know zstd, neither below nor in what it runs.
 */
function entriesOf(builder: 'buildah' | 'docker') {
  const on = (name: string, smoke: string[], dockerfile = '') => ({
    name: `${builder}/${name}`,
    builder,
    ...(builder === 'buildah'
      ? { from: { base: 'plain', tag: TAG } }
      : { from: { mirror: 'busybox', tag: '1.36.1' }, compression: 'gzip' }),
    template: `FROM {{ mirror.reference }}\nENV GREETING=hello\n${dockerfile}`,
    smoke,
  });
  return [
    on(
      'passes',
      [
        'sh',
        '-c',
        `echo "$GREETING from $(pwd)"; test -s made; echo ${PRINTED}`,
      ],
      'WORKDIR /work\nRUN echo made > made\nENTRYPOINT ["/bin/none"]\n',
    ),
    on('fails', ['sh', '-c', 'echo "no such library"; exit 7']),
    on('hangs', ['sleep', NAP]),
    on('lacks', ['there-is-no-such-program']),
  ];
}

describeWithComponents(
  ['buildah', 'docker-registry', 'skopeo', 'dockerd', 'htpasswd'],
  'smoke commands, and layers by zstd',
  () => {
    let folder: string;
    let upstream: DebianRegistry;
    let registry: DebianRegistry;
    let engine: DockerEngine;
    let backend: RealBackend;
    let databases: PostgresDatabases;
    let rows: BaseRow[];

    beforeAll(async () => {
      folder = await mkdtemp(path.join(os.tmpdir(), 'imglife-smoke-'));
      const htpasswd = path.join(folder, 'htpasswd');
      await writeFile(
        htpasswd,
        await mustRun('htpasswd', ['-Bbn', USER, PASSWORD]),
      );
      upstream = await DebianRegistry.start(path.join(folder, 'upstream'));
      registry = await DebianRegistry.start(path.join(folder, 'registry'), {
        config: { auth: { htpasswd: { realm: 'basic', path: htpasswd } } },
      });
      engine = await DockerEngine.start(path.join(folder, 'docker'));
      const buildah = await Buildah.create(path.join(folder, 'buildah'));
      const busybox = await readFile(BUSYBOX);
      await buildah.push({
        reference: `${upstream.host}/library/busybox:1.36.1`,
        dockerfile:
          'FROM scratch\nCOPY sh sleep test /bin/\nENV PATH=/bin\nCMD ["/bin/sh"]\n',
        platforms: ['linux/amd64', 'linux/arm64'],
        files: { sh: busybox, sleep: busybox, test: busybox },
        mode: 0o755,
      });
      databases = PostgresDatabases.create();
      backend = await start();
      rows = await settled();
    });

    afterAll(async () => {
      await backend?.stop();
      await engine?.stop();
      await registry?.stop();
      await upstream?.stop();
      await databases?.drop();
      await rm(folder, { recursive: true, force: true });
    });

    async function start(): Promise<RealBackend> {
      const { host } = registry;
      return RealBackend.start({
        folder,
        databases,
        imglife: {
          registries: [
            { host: upstream.host, insecure: true },
            {
              host,
              insecure: true,
              auth: { username: USER, password: PASSWORD },
            },
          ],
          tiers: { mirrors: `${host}/mirrors`, bases: `${host}/bases` },
          mirrors: {
            entries: [
              {
                source: `${upstream.host}/library/busybox`,
                platforms: ['linux/amd64'],
                tags: { names: ['1.36.1'] },
              },
            ],
          },
          bases: {
            compression: 'zstd',
            smokeTimeout: { seconds: 15 },
            builders: {
              docker: {
                command: '/usr/bin/docker',
                host: engine.host,
                network: 'none',
              },
            },
            entries: [
              {
                name: 'plain',
                from: { mirror: 'busybox', tag: '1.36.1' },
                template:
                  'FROM {{ mirror.reference }}\nCOPY --from={{ mirror.reference }} /bin/sh /bin/again\n',
              },
              ...entriesOf('buildah'),
              ...entriesOf('docker'),
            ],
          },
        },
      });
    }

    async function settled(): Promise<BaseRow[]> {
      return backend.waitFor('all of the bases', SETTLE_MS, async () => {
        const found = await backend.rows<BaseRow>('bases');
        return found.length === 9 && found;
      });
    }

    function rowOf(name: string): BaseRow {
      return rows.find(row => row.name === name)!;
    }

    async function inspect(
      name: string,
    ): Promise<{ code: number; raw: string }> {
      const { code, stdout } = await runProgram('skopeo', [
        ...['inspect', '--raw', '--tls-verify=false'],
        ...['--creds', `${USER}:${PASSWORD}`],
        `docker://${registry.host}/bases/${name}:${TAG}`,
      ]);
      return { code, raw: stdout };
    }

    async function logOf(target: string): Promise<string> {
      const { items } = await backend.get<{
        items: Array<{ id: string; target: string; kind: string }>;
      }>(`${V1}/runs?limit=200`);
      const runs = items.filter(
        run => run.kind === 'build' && run.target === target,
      );
      const logs = await Promise.all(
        runs.map(async ({ id }) =>
          (await backend.ask('GET', `${V1}/runs/${id}/log`)).text(),
        ),
      );
      return logs.join('\n');
    }

    it.each(['buildah', 'docker'])(
      '%s runs the command in the image, and then its tag is set',
      async builder => {
        const name = `${builder}/passes`;
        expect(rowOf(name)).toMatchObject({ state: 'published', error: null });
        const log = await logOf(name);
        expect(log).toContain('running it on linux/amd64');
        expect(log).toContain('hello from /work');
        expect(log).toContain('the smoke command passed');
        expect(log).toContain('***');
        expect(log).not.toContain(PASSWORD);
      },
    );

    it.each(
      ['buildah', 'docker'].flatMap(builder => [
        [
          builder,
          'fails',
          /exit 7"\] failed: [\w/]+ ended with 7: .*no such library/,
        ],
        [builder, 'hangs', /it did not end within 15 seconds/],
        [builder, 'lacks', /there-is-no-such-program/],
      ]) as Array<[string, string, RegExp]>,
    )('%s: what %s is not published', async (builder, name, fault) => {
      const { state, error } = rowOf(`${builder}/${name}`);
      expect(state).toBe('failed');
      expect(error).toContain('was not published: its smoke command');
      expect(error).toMatch(fault);
      expect((await inspect(`${builder}/${name}`)).code).not.toBe(0);
    });

    it('leaves nothing behind', async () => {
      await backend.stop();
      const processes = await runProgram('ps', ['-eo', 'args']);
      expect(
        processes.stdout
          .split('\n')
          .filter(line => /^(\/bin\/)?sleep /.test(line) && line.includes(NAP)),
      ).toEqual([]);
      expect(await engine.images()).toEqual([]);
      expect(await engine.containers()).toEqual([]);
      const left = await readdir(os.tmpdir());
      expect(left.filter(each => each.startsWith('imglife-build-'))).toEqual(
        [],
      );
      expect(backend.output).not.toContain(PASSWORD);
      expect(await databases.tablesWith(PASSWORD)).toEqual([]);
    });

    it.each(['plain', 'buildah/passes'])(
      '%s has layers by zstd on those of its mirror, which all tools read',
      async name => {
        const { raw } = await inspect(name);
        const { manifests } = JSON.parse(raw);
        const reference = `${registry.host}/bases/${name}`;
        const child = await mustRun('skopeo', [
          ...['inspect', '--raw', '--tls-verify=false'],
          ...['--creds', `${USER}:${PASSWORD}`],
          `docker://${reference}@${manifests[0].digest}`,
        ]);
        const [mirrored, ...added] = JSON.parse(child).layers.map(
          ({ mediaType }: { mediaType: string }) => mediaType.split('.').at(-1),
        );
        expect(mirrored).toBe('tar+gzip');
        expect(new Set(added)).toEqual(new Set(['tar+zstd']));
        // reads every layer, and checks its digest
        await mustRun('skopeo', [
          ...['--insecure-policy', 'copy', '--src-tls-verify=false'],
          ...['--src-creds', `${USER}:${PASSWORD}`],
          `docker://${reference}:${TAG}`,
          `dir:${path.join(folder, name.replace('/', '-'))}`,
        ]);
      },
    );
  },
);
