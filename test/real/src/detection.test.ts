import {
  describeWithComponents,
  pushImage,
  RegistryHttp,
  type PushedImage,
  type PushImageOptions,
} from '@imglife/test-registry';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync, zstdCompressSync } from 'node:zlib';
import { Buildah } from './Buildah';
import { DebianRegistry } from './DebianRegistry';
import { DockerEngine } from './DockerEngine';
import { PostgresDatabases } from './PostgresDatabases';
import { RealBackend } from './RealBackend';
import { Skopeo } from './Skopeo';

jest.setTimeout(180_000);

const PLATFORMS = ['linux/amd64', 'linux/arm64'];
const BASE_NAME = 'org.opencontainers.image.base.name';
const BASE_DIGEST = 'org.opencontainers.image.base.digest';
const INPUT_HASH = 'io.imglife.input-hash';
const INDEX = 'application/vnd.oci.image.index.v1+json';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const HUB = 'docker.io/library/alpine:3.19';

/** A descriptor (OCI image-spec descriptor.md). */
interface Layer {
  mediaType: string;
  digest: string;
  size: number;
}

/** What is on record of a registered image, as far as this table goes. */
interface Answer {
  base: { reference: string; digest: string | null } | null;
  platforms: string[];
  platformBases: Array<{
    platform: string;
    base: { reference: string } | null;
    freshness: string;
  }> | null;
  detection: {
    method: string;
    confidence: string;
    mismatch: boolean;
    candidates: string[];
  };
  state: string;
  freshness: string;
  notes: string[];
  verdict: { warnings: string[] };
}

/** How an application is made, what its pipeline says, what is found. */
interface Case {
  make(image: string): Promise<unknown>;
  declared?: () => { base?: string; baseDigest?: string };
  /** path and tag; null: none */
  base: string | null;
  method: string;
  confidence: string;
  freshness: string;
  mismatch?: boolean;
  candidates?: string[];
  platforms?: string[];
  platformBases?: Array<[string, string, string]>;
  note?: RegExp;
  /** of the base as it is recorded */
  digest?: () => string;
}

const CORE = 'bases/core:1.36.1-core1.0.0';
const JAVA = 'bases/java:1.36.1-core1.0.0';
const MIRROR = 'mirrors/busybox:1.36.1';
const LEGACY = 'bases/legacy:1.36.1-core1.0.0';

describeWithComponents(
  ['buildah', 'dockerd', 'docker-registry', 'skopeo'],
  'what images are built on',
  () => {
    const databases = PostgresDatabases.create();
    const skopeo = Skopeo.create();
    const created = new Date().toISOString();
    let folder: string;
    let registry: DebianRegistry;
    let engine: DockerEngine;
    let buildah: Buildah;
    let backend: RealBackend;
    let core: { index: string; child: string };
    let contexts = 0;

    const home = (image: string) => `${registry.host}/${image}`;

    async function byDocker(image: string, dockerfile: string): Promise<void> {
      contexts += 1;
      const context = path.join(folder, `context-${contexts}`);
      await mkdir(context);
      await writeFile(path.join(context, 'Dockerfile'), dockerfile);
      await writeFile(path.join(context, 'app'), `the application ${image}\n`);
      await engine.push(home(image), context);
    }

    const byBuildah = (image: string, dockerfile: string, squash = false) =>
      buildah.push({
        reference: home(image),
        platforms: PLATFORMS,
        dockerfile,
        files: { app: `the application ${image}\n` },
        squash,
      });

    /** By hand: whatever a builder might write. */
    function byHand(
      image: string,
      from: string | undefined,
      options: Partial<PushImageOptions> = {},
    ): Promise<PushedImage> {
      const [repository, tag] = image.split(':');
      const [below, reference] = from?.split(':') ?? [];
      return pushImage(registry.host, {
        platforms: ['linux/amd64'],
        layers: [{ 'app/name': image }],
        created,
        ...(from && { from: { repository: below, reference } }),
        ...options,
        repository,
        tag,
      });
    }

    /** An index by hand, of children that were made apart. */
    async function asIndex(
      image: string,
      children: Array<{ architecture: string; from: string }>,
    ): Promise<void> {
      const [repository, tag] = image.split(':');
      const manifests = [];
      for (const { architecture, from } of children) {
        const made = await byHand(`${repository}:${architecture}`, from, {
          platforms: [`linux/${architecture}`],
        });
        const raw = await skopeo.inspectRaw(
          home(`${repository}:${architecture}`),
        );
        manifests.push({
          mediaType: MANIFEST,
          digest: made.digest,
          size: Buffer.byteLength(raw),
          platform: { os: 'linux', architecture },
        });
      }
      const bytes = Buffer.from(
        JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests }),
      );
      await RegistryHttp.create(registry.host).putManifest(repository, tag, {
        digest: '',
        mediaType: INDEX,
        bytes,
      });
    }

    /** The same image with every layer compressed anew. */
    async function inZstd(from: string, to: string): Promise<void> {
      const [repository, tag] = to.split(':');
      const http = RegistryHttp.create(registry.host);
      const { config, layers } = JSON.parse(
        await skopeo.inspectRaw(home(from)),
      ) as Record<'config', Layer> & Record<'layers', Layer[]>;
      const recompressed = [];
      for (const { digest } of layers) {
        const blob = await fetch(
          `http://${registry.host}/v2/${repository}/blobs/${digest}`,
        );
        const tar = gunzipSync(Buffer.from(await blob.arrayBuffer()));
        const bytes = zstdCompressSync(tar);
        const own = {
          mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd',
          digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
          size: bytes.length,
        };
        expect(own.digest).not.toBe(digest);
        await http.pushBlob(repository, own.digest, bytes);
        recompressed.push(own);
      }
      await http.putManifest(repository, tag, {
        digest: '',
        mediaType: MANIFEST,
        bytes: Buffer.from(
          JSON.stringify({
            schemaVersion: 2,
            mediaType: MANIFEST,
            config: {
              ...config,
              mediaType: 'application/vnd.oci.image.config.v1+json',
            },
            layers: recompressed,
          }),
        ),
      });
    }

    /** What is built on something, as one layer without annotations. */
    async function squashedByHand(image: string): Promise<void> {
      const { config } = await skopeo.inspectConfig(home(CORE), 'amd64');
      await byHand(image, undefined, { labels: config.Labels });
    }

    async function register(
      image: string,
      said: { base?: string; baseDigest?: string },
    ): Promise<Answer> {
      const response = await backend.ask(
        'POST',
        '/api/imglife/v1/registrations',
        { body: { image: home(image), ...said } },
      );
      const text = await response.text();
      expect({ text, status: response.status }).toMatchObject({ status: 201 });
      return JSON.parse(text);
    }

    beforeAll(async () => {
      folder = await mkdtemp(path.join(os.tmpdir(), 'imglife-detect-'));
      registry = await DebianRegistry.start(path.join(folder, 'registry'));
      engine = await DockerEngine.start(path.join(folder, 'docker'));
      buildah = await Buildah.create(path.join(folder, 'buildah'));
      await buildah.push({
        reference: home('library/busybox:1.36.1'),
        platforms: PLATFORMS,
        dockerfile: 'FROM scratch\nCOPY sh /bin/sh\nCMD ["/bin/sh"]\n',
        files: { sh: await readFile('/bin/busybox') },
      });
      // from before imglife, both of the very same layers
      for (const [version, hash] of [
        ['1.0.0', 'hash-of-1.0.0'],
        ['1.1.0', 'hash-of-1.1.0'],
      ]) {
        await byHand(`bases/legacy:1.36.1-core${version}`, undefined, {
          layers: [{ legacy: 'yes' }],
          labels: { [INPUT_HASH]: hash },
          created: `2026-01-0${version[2] === '0' ? 1 : 2}T00:00:00Z`,
        });
      }
      const template = 'FROM {{ mirror.reference }}\nENV ORGANISATION=real\n';
      const entry = (name: string, from: object) => ({ name, from, template });
      backend = await RealBackend.start({
        folder,
        databases,
        alone: true,
        imglife: {
          registries: [{ host: registry.host, insecure: true }],
          tiers: {
            mirrors: home('mirrors'),
            bases: home('bases'),
            applications: [home('apps')],
          },
          mirrors: {
            entries: [
              { source: home('library/busybox'), tags: { names: ['1.36.1'] } },
            ],
          },
          bases: {
            entries: [
              entry('core', { mirror: 'busybox', tag: '1.36.1' }),
              entry('java', { base: 'core', track: 'latest' }),
              // declared, adopted, and never built: its mirror's tag is absent
              entry('legacy', { mirror: 'busybox', tag: '0.0.0' }),
            ],
          },
        },
      });
      await backend.run('sync');
      await backend.run('build', 'core');
      await backend.run('build', 'java');
      await backend.run('scan');
      const raw = JSON.parse(await skopeo.inspectRaw(home(CORE)));
      core = {
        index: (await RegistryHttp.create(registry.host).headManifest(
          'bases/core',
          '1.36.1-core1.0.0',
        ))!,
        child: raw.manifests[0].digest,
      };
    });

    afterAll(async () => {
      await backend?.stop();
      await engine?.stop();
      await registry?.stop();
      await databases.drop();
      await rm(folder, { recursive: true, force: true });
    });

    const copyApp = (base: string) =>
      `FROM ${home(base)}\nCOPY app /app\nCMD ["/app"]\n`;

    it.each<[string, Case]>([
      [
        'annotated, of several platforms, by buildah',
        {
          make: image => byBuildah(image, copyApp(CORE)),
          base: CORE,
          method: 'annotation',
          confidence: 'confirmed',
          freshness: 'current',
          platforms: PLATFORMS,
        },
      ],
      [
        'labels only, by dockerd',
        {
          make: image => byDocker(image, copyApp(CORE)),
          base: CORE,
          method: 'chain',
          confidence: 'confirmed',
          freshness: 'current',
          platforms: ['linux/amd64'],
        },
      ],
      [
        'one of two bases of the same layers: only the inherited label tells',
        {
          make: image => byDocker(image, copyApp(LEGACY)),
          base: LEGACY,
          method: 'label',
          confidence: 'confirmed',
          freshness: 'outdated',
        },
      ],
      [
        'a label that lies',
        {
          make: image =>
            byDocker(
              image,
              `${copyApp(
                MIRROR,
              )}LABEL ${INPUT_HASH}=hash-of-1.0.0\nLABEL ${BASE_NAME}=${home(
                CORE,
              )}\n`,
            ),
          base: MIRROR,
          method: 'chain',
          confidence: 'confirmed',
          freshness: 'unmanaged',
        },
      ],
      [
        'recompressed: every layer in zstd',
        {
          make: async image => {
            await byDocker(`${image}-gzip`, copyApp(CORE));
            await inZstd(`${image}-gzip`, image);
          },
          base: CORE,
          method: 'chain',
          confidence: 'confirmed',
          freshness: 'current',
        },
      ],
      [
        'on a base of a base',
        {
          make: image => byDocker(image, copyApp(JAVA)),
          base: JAVA,
          method: 'chain',
          confidence: 'confirmed',
          freshness: 'current',
        },
      ],
      [
        'LABEL only, on a base',
        {
          make: image =>
            byDocker(image, `FROM ${home(CORE)}\nLABEL team=payments\n`),
          base: CORE,
          method: 'chain',
          confidence: 'confirmed',
          freshness: 'current',
        },
      ],
      [
        'LABEL only, on a mirror',
        {
          make: image =>
            byDocker(image, `FROM ${home(MIRROR)}\nLABEL team=payments\n`),
          base: MIRROR,
          method: 'chain',
          confidence: 'confirmed',
          freshness: 'unmanaged',
        },
      ],
      [
        'on a mirror, by buildah',
        {
          make: image => byBuildah(image, copyApp(MIRROR)),
          base: MIRROR,
          method: 'annotation',
          confidence: 'confirmed',
          freshness: 'unmanaged',
        },
      ],
      [
        'on Docker Hub, annotated',
        {
          make: image =>
            byHand(image, undefined, { annotations: { [BASE_NAME]: HUB } }),
          base: HUB,
          method: 'annotation',
          confidence: 'unconfirmed',
          freshness: 'unmanaged',
          note: /as it is annotated: no layers confirm it/,
        },
      ],
      [
        'on Docker Hub, declared in short',
        {
          make: image => byHand(image, undefined),
          declared: () => ({ base: 'alpine:3.19' }),
          base: HUB,
          method: 'declared',
          confidence: 'unconfirmed',
          freshness: 'unmanaged',
          note: /as it was declared: no layers confirm it/,
        },
      ],
      [
        'FROM scratch, by buildah',
        {
          make: image => byBuildah(image, 'FROM scratch\nCOPY app /app\n'),
          base: null,
          method: 'annotation',
          confidence: 'confirmed',
          freshness: 'none',
        },
      ],
      [
        'FROM scratch, by dockerd, declared',
        {
          make: image => byDocker(image, 'FROM scratch\nCOPY app /app\n'),
          declared: () => ({ base: 'scratch' }),
          base: null,
          method: 'declared',
          confidence: 'unconfirmed',
          freshness: 'none',
          note: /as it was declared: no layers confirm it/,
        },
      ],
      [
        'on an image that nobody knows',
        {
          make: image => byDocker(image, 'FROM scratch\nCOPY app /app\n'),
          base: null,
          method: 'none',
          confidence: 'none',
          freshness: 'unknown',
          note: /layers begin with those of no mirror or base/,
        },
      ],
      [
        'squashed, with the labels of its base',
        {
          make: squashedByHand,
          base: null,
          method: 'none',
          confidence: 'none',
          freshness: 'unknown',
          note: /no base found: the image is squashed/,
        },
      ],
      [
        'squashed, by docker export and import',
        {
          make: image =>
            engine.flatten(home(CORE), home(image), `${folder}/flat.tar`),
          base: null,
          method: 'none',
          confidence: 'none',
          freshness: 'unknown',
          note: /no base found: the image is squashed/,
        },
      ],
      [
        'squashed, and declared',
        {
          make: squashedByHand,
          declared: () => ({ base: home(CORE) }),
          base: CORE,
          method: 'declared',
          confidence: 'unconfirmed',
          freshness: 'current',
          note: /as it was declared: the image is squashed/,
        },
      ],
      [
        'squashed by buildah, which annotates it all the same',
        {
          make: image => byBuildah(image, copyApp(CORE), true),
          base: CORE,
          method: 'annotation',
          confidence: 'unconfirmed',
          freshness: 'current',
          note: /as it is annotated: the image is squashed/,
        },
      ],
      [
        'an index with platforms on different bases',
        {
          make: image =>
            asIndex(image, [
              { architecture: 'amd64', from: CORE },
              { architecture: 'arm64', from: MIRROR },
            ]),
          base: MIRROR,
          method: 'chain',
          confidence: 'low',
          freshness: 'unmanaged',
          candidates: [CORE, MIRROR],
          platforms: PLATFORMS,
          platformBases: [
            ['linux/amd64', CORE, 'current'],
            ['linux/arm64', MIRROR, 'unmanaged'],
          ],
          note: /stand on different bases/,
        },
      ],
      [
        'a base known by the digest of its index',
        {
          make: image =>
            byHand(image, CORE, {
              annotations: {
                [BASE_NAME]: home('bases/core'),
                [BASE_DIGEST]: core.index,
              },
            }),
          base: CORE,
          method: 'annotation',
          confidence: 'confirmed',
          freshness: 'current',
          digest: () => core.index,
        },
      ],
      [
        "a base known by its child's digest",
        {
          make: image =>
            byHand(image, CORE, { annotations: { [BASE_DIGEST]: core.child } }),
          base: CORE,
          method: 'annotation',
          confidence: 'confirmed',
          freshness: 'current',
          digest: () => core.index,
        },
      ],
      [
        "declared by its child's digest",
        {
          make: image => byHand(image, CORE),
          declared: () => ({ baseDigest: core.child }),
          base: CORE,
          method: 'declared',
          confidence: 'confirmed',
          freshness: 'current',
          digest: () => core.index,
        },
      ],
      [
        'declared, and the layers are those of another',
        {
          make: image => byDocker(image, copyApp(MIRROR)),
          declared: () => ({ base: home(CORE) }),
          base: CORE,
          method: 'declared',
          confidence: 'low',
          freshness: 'current',
          mismatch: true,
          candidates: [MIRROR],
          note: /not what the layers begin with/,
        },
      ],
    ])('%s', async (name, expected) => {
      const image = `apps/${name.replace(/[^a-z0-9]+/gi, '-').toLowerCase()}:1`;
      await expected.make(image);

      const found = await register(image, expected.declared?.() ?? {});

      const path_ = (reference: string) =>
        reference.replace(`${registry.host}/`, '');
      const { base, method, confidence, mismatch = false } = expected;
      expect({
        base: found.base && path_(found.base.reference),
        detection: {
          ...found.detection,
          candidates: found.detection.candidates.map(path_),
        },
        state: found.state,
        freshness: found.freshness,
        platformBases: found.platformBases?.map(each => [
          each.platform,
          each.base && path_(each.base.reference),
          each.freshness,
        ]),
      }).toEqual({
        base,
        detection: {
          method,
          confidence,
          mismatch,
          candidates: expected.candidates ?? [],
        },
        state: 'current',
        freshness: expected.freshness,
        platformBases: expected.platformBases,
      });
      expect(found.platforms).toEqual(expected.platforms ?? found.platforms);
      expect(found.base?.digest).toBe(
        expected.digest?.() ?? found.base?.digest,
      );
      expect(found.notes.map(each => expected.note?.test(each))).toEqual(
        expected.note ? [true] : [],
      );
      expect(found.verdict.warnings).toEqual(
        expect.arrayContaining(found.notes),
      );
    });
  },
);
