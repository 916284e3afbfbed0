import { digestOf } from './digest';
import { LayerFiles, makeLayer } from './makeLayer';

const OCI = 'application/vnd.oci.image';

/** A descriptor (image-spec descriptor.md). */
export interface MadeDescriptor {
  mediaType: string;
  digest: string;
  size: number;
  platform?: { os: string; architecture: string; variant?: string };
}

/** What an image is made of. */
export interface ImageSpec {
  /** Such as `linux/amd64` or `linux/arm/v7`; one gives an image, several an index. */
  platforms: string[];
  /** Files of each layer, lowest first; by default one layer that names the platform. */
  layers?: LayerFiles[] | ((platform: string) => LayerFiles[]);
  /** Environment variables by name. */
  env?: Record<string, string>;
  labels?: Record<string, string>;
  /** ISO date; default the first of January 2026. */
  created?: string;
  /** Annotations of every manifest and of the index. */
  annotations?: Record<string, string>;
  /** The image below, by platform; its layers, labels and environment are inherited. */
  from?: MadeBase[];
}

/** One platform of an image to build on. */
export interface MadeBase {
  platform: string;
  layers: MadeDescriptor[];
  config: ImageConfig;
}

/** The parts of an image configuration (image-spec config.md) that are made here. */
export interface ImageConfig {
  created: string;
  os: string;
  architecture: string;
  variant?: string;
  config: { Env?: string[]; Labels?: Record<string, string> };
  rootfs: { type: 'layers'; diff_ids: string[] };
  history: { created?: string; created_by?: string; empty_layer?: boolean }[];
}

/** A manifest or index, ready to be pushed. */
export interface MadeManifest {
  digest: string;
  mediaType: string;
  bytes: Buffer;
}

/** One platform of a made image. */
export interface MadeChild extends MadeManifest {
  platform: string;
  diffIds: string[];
  /** Layers of the base, which the repository needs too. */
  inherited: MadeDescriptor[];
}

/** An image that was made and not pushed yet. */
export interface MadeImage extends MadeManifest {
  children: MadeChild[];
  /** Bytes of configurations and own layers by digest. */
  blobs: Map<string, Buffer>;
}

function descriptorOf(mediaType: string, bytes: Buffer): MadeDescriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}

function manifest(mediaType: string, content: object): MadeManifest {
  const bytes = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType, ...content }),
  );
  return { digest: digestOf(bytes), mediaType, bytes };
}

function splitPlatform(text: string) {
  const [os, architecture, variant] = text.split('/');
  return { os, architecture, ...(variant && { variant }) };
}

function mergeEnv(inherited: string[] = [], own: Record<string, string> = {}) {
  const names = Object.keys(own);
  return [
    ...inherited.filter(entry => !names.includes(entry.split('=', 1)[0])),
    ...Object.entries(own).map(([name, value]) => `${name}=${value}`),
  ];
}

function layersOf({ layers }: ImageSpec, platform: string): LayerFiles[] {
  if (typeof layers === 'function') {
    return layers(platform);
  }
  return layers ?? [{ 'etc/platform': `${platform}\n` }];
}

function makeChild(
  spec: ImageSpec,
  platform: string,
  blobs: Map<string, Buffer>,
): MadeChild {
  const created = spec.created ?? '2026-01-01T00:00:00Z';
  const base = spec.from?.find(one => one.platform === platform);
  if (spec.from && !base) {
    throw new Error(`the base has no platform ${platform}`);
  }
  const own = layersOf(spec, platform).map(makeLayer);
  const diffIds = [
    ...(base?.config.rootfs.diff_ids ?? []),
    ...own.map(({ diffId }) => diffId),
  ];
  const config: ImageConfig = {
    created,
    ...splitPlatform(platform),
    config: {
      ...base?.config.config,
      Env: mergeEnv(base?.config.config.Env, spec.env),
      Labels: { ...base?.config.config.Labels, ...spec.labels },
    },
    rootfs: { type: 'layers', diff_ids: diffIds },
    history: [
      ...(base?.config.history ?? []),
      ...own.map(() => ({ created, created_by: 'COPY files /' })),
    ],
  } as ImageConfig;
  const configBytes = Buffer.from(JSON.stringify(config));
  const inherited = base?.layers ?? [];
  own.forEach(({ digest, bytes }) => blobs.set(digest, bytes));
  blobs.set(digestOf(configBytes), configBytes);
  const made = manifest(`${OCI}.manifest.v1+json`, {
    config: descriptorOf(`${OCI}.config.v1+json`, configBytes),
    layers: [
      ...inherited,
      ...own.map(({ bytes }) =>
        descriptorOf(`${OCI}.layer.v1.tar+gzip`, bytes),
      ),
    ],
    annotations: spec.annotations,
  });
  return { ...made, platform, diffIds, inherited };
}

/**
 * Makes a small valid OCI image, or an index of one per platform. The same
 * specification gives the same digests on every machine.
 *
 * @throws Error when there is no platform, or the base lacks one
 */
export function makeImage(spec: ImageSpec): MadeImage {
  if (spec.platforms.length === 0) {
    throw new Error('an image needs at least one platform');
  }
  const blobs = new Map<string, Buffer>();
  const children = spec.platforms.map(platform =>
    makeChild(spec, platform, blobs),
  );
  if (children.length === 1) {
    const { digest, mediaType, bytes } = children[0];
    return { digest, mediaType, bytes, children, blobs };
  }
  const index = manifest(`${OCI}.index.v1+json`, {
    manifests: children.map(({ mediaType, bytes, platform }) => ({
      ...descriptorOf(mediaType, bytes),
      platform: splitPlatform(platform),
    })),
    annotations: spec.annotations,
  });
  return { ...index, children, blobs };
}
