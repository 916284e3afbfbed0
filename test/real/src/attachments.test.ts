import {
  describeWithComponents,
  makeTar,
  TestRegistry,
} from '@imglife/test-registry';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Buildah } from './Buildah';
import { DebianRegistry } from './DebianRegistry';
import { DockerEngine } from './DockerEngine';
import { RealBackend } from './RealBackend';
import { mustRun } from './runProgram';
import { Skopeo } from './Skopeo';

jest.setTimeout(240_000);

const SETTLE_MS = 180_000;
const CYCLONEDX = 'application/vnd.cyclonedx+json';
const SPDX = 'application/spdx+json';
const IN_TOTO = 'application/vnd.in-toto+json';
const TAG = '1.0-core1.0.0';

const ALPINE = {
  'etc/os-release': 'ID=alpine\nVERSION_ID=3.21.3\n',
  'lib/apk/db/installed':
    'P:musl\nV:1.2.5-r9\nA:x86_64\nL:MIT\n\nP:zlib\nV:1.3.1-r2\nA:x86_64\nL:Zlib\n\n',
};
const APK_ADD = `FROM {{ mirror.reference }}
RUN printf 'P:tool\\nV:1.0-r0\\nA:x86_64\\nL:custom\\no:tools\\n\\n' >> /lib/apk/db/installed
`;
const WITH_TOOL = ['musl 1.2.5-r9', 'tool 1.0-r0', 'zlib 1.3.1-r2'];
const PURL = { alpine: 'pkg:apk/alpine/', debian: 'pkg:deb/' };
const LEFT = 'Package: base-files\nVersion: 12.4\nArchitecture: all\n';
// a package of a distroless image, removed by a whiteout
const APT_REMOVE = `FROM {{ mirror.reference }}
RUN rm /var/lib/dpkg/status.d/gone
`;

interface Manifest {
  artifactType?: string;
  subject?: { digest: string };
  layers: Array<{ digest: string }>;
  manifests?: Array<{ digest: string; artifactType?: string }>;
}

describeWithComponents(
  ['buildah', 'docker-registry', 'skopeo', 'dockerd', 'dpkg-query', 'busybox'],
  'attachments of bases that programs build',
  () => {
    let folder: string;
    let registries: Record<string, { host: string; stop(): Promise<void> }>;
    let engine: DockerEngine;
    let expected: Record<string, string[]>;
    let backend: RealBackend | undefined;
    const skopeo = Skopeo.create();

    /** This machine's own packages, as dpkg lists them. */
    async function ownPackages(): Promise<string[]> {
      const lines = await mustRun('dpkg-query', [
        '-W',
        '-f',
        '${db:Status-Status} ${Package} ${Version}\\n',
      ]);
      return lines
        .split('\n')
        .filter(line => line.startsWith('installed '))
        .map(line => line.slice('installed '.length));
    }

    beforeAll(async () => {
      folder = await mkdtemp(path.join(os.tmpdir(), 'imglife-attach-'));
      registries = {
        'docker-registry': await DebianRegistry.start(
          path.join(folder, 'registry'),
        ),
        'test/registry': await TestRegistry.start(),
      };
      engine = await DockerEngine.start(path.join(folder, 'docker'));
      const buildah = await Buildah.create(path.join(folder, 'buildah'));
      const busybox = await readFile('/bin/busybox');
      const status = await readFile('/var/lib/dpkg/status', 'utf8');
      const system = await readFile('/etc/os-release', 'utf8');
      const roots = {
        alpine: ALPINE,
        debian: {
          'usr/lib/os-release': system,
          'var/lib/dpkg/status': status,
          'var/lib/dpkg/status.d/base': LEFT,
          'var/lib/dpkg/status.d/gone': 'Package: gone\nVersion: 1\n',
        },
      };
      for (const { host } of Object.values(registries)) {
        for (const [name, files] of Object.entries(roots)) {
          await buildah.push({
            reference: `${host}/library/${name}:1.0`,
            dockerfile:
              'FROM scratch\nADD root.tar /\nCOPY sh rm /bin/\nENV PATH=/bin\n',
            platforms: ['linux/amd64'],
            files: { 'root.tar': makeTar(files), sh: busybox, rm: busybox },
            mode: 0o755,
          });
        }
      }
      for (const [name, template] of [
        ['alpine', APK_ADD],
        ['debian', APT_REMOVE],
      ]) {
        await mkdir(path.join(folder, name));
        await writeFile(path.join(folder, name, 'Dockerfile.tmpl'), template);
      }
      const own = [...(await ownPackages()), 'base-files 12.4'];
      expected = { alpine: WITH_TOOL, debian: [...new Set(own)].sort() };
    });

    afterEach(async () => {
      await backend?.stop();
      backend = undefined;
    });

    afterAll(async () => {
      await engine?.stop();
      await Promise.all(Object.values(registries ?? {}).map(r => r.stop()));
      await rm(folder, { recursive: true, force: true });
    });

    const BASES: Array<{
      name: string;
      mirror: 'alpine' | 'debian';
      sbom: 'cyclonedx' | 'spdx';
    }> = [
      { name: 'alpine-buildah', mirror: 'alpine', sbom: 'cyclonedx' },
      { name: 'alpine-docker', mirror: 'alpine', sbom: 'spdx' },
      { name: 'debian-buildah', mirror: 'debian', sbom: 'spdx' },
      { name: 'debian-docker', mirror: 'debian', sbom: 'cyclonedx' },
    ];

    async function start(host: string) {
      backend = await RealBackend.start({
        folder,
        alone: true,
        databases: {
          config: { client: 'better-sqlite3', connection: ':memory:' },
        },
        imglife: {
          registries: [{ host, insecure: true }],
          tiers: { mirrors: `${host}/mirrors`, bases: `${host}/bases` },
          mirrors: {
            entries: ['alpine', 'debian'].map(name => ({
              source: `${host}/library/${name}`,
              tags: { names: ['1.0'] },
            })),
          },
          bases: {
            concurrency: 1,
            provenance: true,
            builders: {
              docker: {
                command: '/usr/bin/docker',
                host: engine.host,
                network: 'none',
              },
            },
            entries: BASES.map(({ name, mirror, sbom }) => ({
              name,
              sbom,
              builder: name.split('-')[1],
              from: { mirror, tag: '1.0' },
              context: path.join(folder, mirror),
              template: 'Dockerfile.tmpl',
            })),
          },
        },
      });
      return backend;
    }

    /** Referrers of an image: by the API, and where there is none by its tag. */
    async function referrersOf(
      host: string,
      repository: string,
      digest: string,
    ): Promise<NonNullable<Manifest['manifests']>> {
      const url = `http://${host}/v2/${repository}/referrers/${digest}`;
      const answer = await fetch(url);
      const isDebian = host === registries['docker-registry'].host;
      expect(answer.status).toBe(isDebian ? 404 : 200);
      const index: Manifest = isDebian
        ? JSON.parse(
            await skopeo.inspectRaw(
              `${host}/${repository}:${digest.replace(':', '-')}`,
            ),
          )
        : await answer.json();
      return index.manifests ?? [];
    }

    /** The one artifact of a type that an image has, read by skopeo. */
    async function artifact(
      host: string,
      repository: string,
      subject: string,
      artifactType: string,
    ): Promise<any> {
      const found = await referrersOf(host, repository, subject);
      const [only, more] = found.filter(
        each => each.artifactType === artifactType,
      );
      expect(more).toBeUndefined();
      const reference = `${host}/${repository}@${only.digest}`;
      const manifest: Manifest = JSON.parse(await skopeo.inspectRaw(reference));
      expect(await skopeo.digest(reference)).toBe(only.digest);
      expect(manifest).toMatchObject({
        artifactType,
        subject: { digest: subject },
      });
      const to = path.join(folder, `read-${only.digest.slice(-8)}`);
      await skopeo.read(reference, to);
      const [, hex] = manifest.layers[0].digest.split(':');
      return JSON.parse(
        await readFile(path.join(to, 'blobs/sha256', hex), 'utf8'),
      );
    }

    /** `name version` and package URL of each. */
    function packagesOf(document: any): Array<[string, string]> {
      return document.components
        ? document.components
            .filter(({ type }: any) => type === 'library')
            .map((each: any) => [`${each.name} ${each.version}`, each.purl])
        : document.packages
            .filter(({ SPDXID }: any) => SPDXID.startsWith('SPDXRef-package'))
            .map((each: any) => [
              `${each.name} ${each.versionInfo}`,
              each.externalRefs[0].referenceLocator,
            ]);
    }

    it.each(['docker-registry', 'test/registry'])(
      'buildah and docker: an SBOM with packages, and provenance, at %s',
      async kind => {
        const { host } = registries[kind];
        const portal = await start(host);
        for (const { name, mirror, sbom } of BASES) {
          const reference = await portal.waitFor(name, SETTLE_MS, async () => {
            const rows = await portal.rows<Record<string, string>>('bases');
            const row = rows.find(each => each.name === name);
            return row?.state === 'published' && row.reference;
          });
          expect(reference).toBe(`${host}/bases/${name}:${TAG}`);
          const digest = await skopeo.digest(reference);
          const root: Manifest = JSON.parse(await skopeo.inspectRaw(reference));
          const child = root.manifests?.[0].digest ?? digest;
          const repository = `bases/${name}`;

          const document = await artifact(
            host,
            repository,
            child,
            sbom === 'spdx' ? SPDX : CYCLONEDX,
          );
          const packages = packagesOf(document);
          expect(packages.map(each => each[0]).sort()).toEqual(
            expected[mirror],
          );
          const others = packages.filter(
            ([, purl]) => !purl.startsWith(PURL[mirror]),
          );
          expect(others).toEqual([]);

          const statement = await artifact(host, repository, digest, IN_TOTO);
          expect(
            statement.subject.map(
              (each: any) => `sha256:${each.digest.sha256}`,
            ),
          ).toEqual([...new Set([digest, child])]);
          expect(statement.predicate.runDetails.builder.id).toBe(
            `urn:imglife:builder:${name.split('-')[1]}`,
          );
        }
      },
    );
  },
);
