import {
  EmbeddedBuilder,
  readContext,
} from '@imglife/backstage-plugin-imglife-backend';
import type { ContextFile } from '@imglife/backstage-plugin-imglife-node';
import { RegistryClient } from '@imglife/oci';
import { describeWithComponents } from '@imglife/test-registry';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type ConformanceCase, type Facts, MIRROR } from './ConformanceCase';
import { CONFORMANCE_CASES } from './conformanceCases';
import { ConformanceBuildah } from './ConformanceBuildah';
import { makeConformanceContext } from './makeConformanceContext';
import { DebianRegistry } from './DebianRegistry';
import { Skopeo } from './Skopeo';
import { unpackImageFolder, type UnpackedImage } from './unpackImageFolder';

jest.setTimeout(240_000);

const CONFIG_KEYS = [
  ...['Env', 'Cmd', 'Entrypoint', 'WorkingDir', 'User', 'Labels', 'Shell'],
  ...['ExposedPorts', 'Volumes', 'StopSignal', 'Healthcheck', 'OnBuild'],
];
const AT_ONCE = 3;

function isEmpty(value: unknown): boolean {
  const size = Object.keys(Object(value)).length;
  return !value || (typeof value === 'object' && size === 0);
}

function factsOf({ config, author, files }: UnpackedImage): Facts {
  const labels = { ...(config.Labels as Record<string, string> | null) };
  delete labels['io.buildah.version'];
  const told = { ...config, Labels: labels };
  const facts = CONFIG_KEYS.map(
    key => [`config.${key}`, told[key as keyof typeof told]] as const,
  );
  return Object.fromEntries([
    ...[...facts, ['author', author]].filter(([, value]) => !isEmpty(value)),
    ...files,
  ]);
}

function differences(a: Facts, b: Facts): Record<string, [unknown, unknown]> {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  return Object.fromEntries(
    names
      .filter(name => !isDeepStrictEqual(a[name], b[name]))
      .map(name => [name, [a[name], b[name]]]),
  );
}

describeWithComponents(
  ['docker-registry', 'buildah', 'skopeo', 'busybox', 'xz'],
  'the embedded builder beside buildah',
  () => {
    let folder: string;
    let registry: DebianRegistry;
    let buildah: ConformanceBuildah;
    let client: RegistryClient;
    let builder: EmbeddedBuilder;
    let mirror: string;
    let files: ContextFile[];
    const ours = new Map<string, Facts>();
    const theirs = new Map<string, Facts>();
    let plain: Facts;

    const tagOf = (index: number) => `case-${index}`;

    function dockerfileOf({ dockerfile }: ConformanceCase): string {
      const text =
        /^(ARG|FROM|# escape)/.test(dockerfile) && dockerfile.includes(MIRROR)
          ? dockerfile
          : `FROM ${MIRROR}\n${dockerfile}\n`;
      return text.replaceAll(MIRROR, mirror);
    }

    async function buildOurs(each: ConformanceCase, tag: string) {
      const repository = 'conformance/embedded';
      const { digest } = await builder.build(
        {
          dockerfile: dockerfileOf(each),
          files,
          args: each.args ?? {},
          secrets: [],
          platforms: ['linux/amd64'],
          labels: {},
          annotations: {},
          created: new Date('2026-01-02T03:04:05Z'),
          from: mirror,
          target: { repository: `${registry.host}/${repository}`, tag },
          registry: () => undefined,
        },
        { log: () => {}, signal: new AbortController().signal },
      );
      const { bytes, descriptor } = await client.getManifest(
        repository,
        digest,
      );
      await client.putManifest(repository, tag, bytes, descriptor.mediaType);
    }

    async function buildTheirs(worker: number, index: number): Promise<Facts> {
      const each = CONFORMANCE_CASES[index];
      const to = path.join(folder, 'theirs', tagOf(index));
      try {
        const dockerfile = dockerfileOf(each);
        await buildah.build(worker, dockerfile, each.args ?? {}, to);
        return factsOf(await unpackImageFolder(to));
      } catch (error) {
        return { error: String(error) };
      }
    }

    /** Builds all, a few at once, before any is looked at. */
    beforeAll(async () => {
      folder = await mkdtemp(path.join(os.tmpdir(), 'imglife-conformance-'));
      registry = await DebianRegistry.start(path.join(folder, 'registry'));
      client = RegistryClient.create({ host: registry.host, insecure: true });
      builder = EmbeddedBuilder.create({
        registries: { clientFor: () => client },
      });
      const context = path.join(folder, 'context');
      const base = await makeConformanceContext(context);
      buildah = await ConformanceBuildah.create(
        path.join(folder, 'buildah'),
        context,
      );
      mirror = await buildah.pushMirror(
        `${registry.host}/mirrors/small:1.0`,
        base,
      );
      files = await readContext(context);
      const queue = [...CONFORMANCE_CASES.entries()];
      const work = async (worker: number) => {
        for (let next = queue.shift(); next; next = queue.shift()) {
          const [index, each] = next;
          await buildOurs(each, tagOf(index)).catch(error =>
            ours.set(each.name, { error: String(error) }),
          );
          if (!each.expected) {
            theirs.set(each.name, await buildTheirs(worker, index));
          }
        }
      };
      await Promise.all(
        Array.from({ length: AT_ONCE }, (_, worker) => work(worker)),
      );
      const synced = path.join(folder, 'ours');
      await Skopeo.create().sync(
        `${registry.host}/conformance/embedded`,
        synced,
      );
      for (const [index, { name }] of CONFORMANCE_CASES.entries()) {
        if (!ours.has(name)) {
          const at = path.join(synced, `embedded:${tagOf(index)}`);
          ours.set(name, factsOf(await unpackImageFolder(at)));
        }
      }
      plain = ours.get('FROM alone') ?? {};
    });

    afterAll(async () => {
      await client?.close();
      await registry?.stop();
      await rm(folder, { recursive: true, force: true });
    });

    const compared = CONFORMANCE_CASES.filter(({ expected }) => !expected);
    it.each(compared)('$name', ({ name, differs }) => {
      expect(differences(theirs.get(name) ?? {}, ours.get(name) ?? {})).toEqual(
        differs?.facts ?? {},
      );
    });

    it('runs: the entrypoint of what was built is carried out', async () => {
      const each = {
        name: 'run',
        dockerfile:
          'COPY --chmod=0755 hello.sh /bin/hello\nENV WHO=world\nWORKDIR /work\nENTRYPOINT ["/bin/hello", "from"]\nCMD ["here"]',
      };
      await buildOurs(each, 'run');
      const reference = `${registry.host}/conformance/embedded:run`;
      const config = await Skopeo.create().inspectConfig(reference, 'amd64');
      const { Entrypoint = [], Cmd = [] } = config.config;
      const said = await buildah.runImage(reference, [...Entrypoint, ...Cmd]);
      expect(said).toBe('hello world from here in /work\n');
    });

    const byHand = CONFORMANCE_CASES.filter(({ expected }) => expected);
    it.each(byHand)('$name (by hand)', ({ name, expected }) => {
      const added = Object.entries(differences(plain, ours.get(name) ?? {}));
      expect(
        Object.fromEntries(added.map(([fact, [, value]]) => [fact, value])),
      ).toEqual(expected?.facts);
    });
  },
);
