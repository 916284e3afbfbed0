import {
  digestOf,
  MediaTypes,
  type ContainerConfig,
  type Descriptor,
  type HistoryEntry,
  type ImageConfig,
  type ImageIndex,
  type ImageManifest,
  type PlatformImage,
} from '@imglife/oci';
import type { Layer } from './LayerFactory';

/** A small document to be pushed, and what points at it. */
export interface Content {
  descriptor: Descriptor;
  bytes: Buffer;
}

/** The image of one platform, ready to be pushed. */
export interface AssembledImage {
  manifest: Content;
  config: Content;
  /** of the mirror, as the base's manifest lists them */
  mirrorLayers: Descriptor[];
  layers: Layer[];
}

/** The image of one platform, and the one it stands on. */
export interface BuiltImage {
  mirror: PlatformImage;
  image: AssembledImage;
}

/** What a stage ended with. */
export interface BuiltStage {
  config: ContainerConfig;
  /** of MAINTAINER */
  author?: string;
  steps: ReadonlyArray<BuiltStep>;
}

/** One instruction's part of an image. */
export interface BuiltStep {
  source: string;
  layer?: Layer;
}

const OCI_LAYERS: Record<string, string> = {
  [MediaTypes.dockerLayer]: MediaTypes.ociLayer,
  [MediaTypes.dockerLayerGzip]: MediaTypes.ociLayerGzip,
  'application/vnd.docker.image.rootfs.diff.tar.zstd': MediaTypes.ociLayerZstd,
};

// What the engine that built the mirror noted of its own containers.
const STALE = [
  'container',
  'container_config',
  'docker_version',
  'id',
  'parent',
];

/** JSON under its digest. */
export function jsonContent(mediaType: string, value: object): Content {
  const bytes = Buffer.from(JSON.stringify(value));
  return {
    bytes,
    descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length },
  };
}

/** A layer under its OCI media type, its bytes untouched. */
export function ociLayer(layer: Descriptor): Descriptor {
  return {
    ...layer,
    mediaType: OCI_LAYERS[layer.mediaType] ?? layer.mediaType,
  };
}

/** As many entries with a layer as there are layers (OCI image-spec config.md, history). */
function completeHistory(config: ImageConfig): HistoryEntry[] {
  const history = config.history ?? [];
  const told = history.filter(({ empty_layer: empty }) => !empty).length;
  const missing = Math.max(0, config.rootfs.diff_ids.length - told);
  const entry: HistoryEntry = { comment: 'of the mirror' };
  return [...Array.from({ length: missing }, () => entry), ...history];
}

/** A config without what an engine noted of its own containers. */
export function withoutStale(config: ImageConfig): ImageConfig {
  return Object.fromEntries(
    Object.entries(config).filter(([name]) => !STALE.includes(name)),
  ) as ImageConfig;
}

function assembleConfig(
  mirror: ImageConfig,
  built: BuiltStage,
  created: string,
): ImageConfig {
  const kept = withoutStale(mirror);
  const layers = built.steps.flatMap(({ layer }) => layer ?? []);
  return {
    ...kept,
    created,
    ...(built.author === undefined ? {} : { author: built.author }),
    config: built.config,
    rootfs: {
      type: 'layers',
      diff_ids: [
        ...mirror.rootfs.diff_ids,
        ...layers.map(({ diffId }) => diffId),
      ],
    },
    history: [
      ...completeHistory(mirror),
      ...built.steps.map(({ source, layer }) => ({
        created,
        created_by: source,
        comment: 'imglife',
        ...(layer ? {} : { empty_layer: true }),
      })),
    ],
  };
}

/**
 * Puts a base of one platform together: the mirror's layers, then the new
 * ones, as an OCI image.
 *
 * @param created - ISO 8601 UTC
 */
export function assembleImage(
  mirror: PlatformImage,
  built: BuiltStage,
  options: { created: string; annotations: Readonly<Record<string, string>> },
): AssembledImage {
  const config = jsonContent(
    MediaTypes.ociConfig,
    assembleConfig(mirror.config, built, options.created),
  );
  const mirrorLayers = mirror.manifest.layers.map(ociLayer);
  const layers = built.steps.flatMap(({ layer }) => layer ?? []);
  const manifest: ImageManifest = {
    schemaVersion: 2,
    mediaType: MediaTypes.ociManifest,
    config: config.descriptor,
    layers: [...mirrorLayers, ...layers.map(({ descriptor }) => descriptor)],
    annotations: { ...options.annotations },
  };
  return {
    manifest: jsonContent(MediaTypes.ociManifest, manifest),
    config,
    mirrorLayers,
    layers,
  };
}

/**
 * The index over the images of several platforms.
 *
 * @param images - each with the platform its mirror's index names
 */
export function assembleIndex(
  images: ReadonlyArray<{
    mirror: PlatformImage;
    image: Pick<AssembledImage, 'manifest'>;
  }>,
  annotations: Readonly<Record<string, string>>,
): Content {
  const index: ImageIndex = {
    schemaVersion: 2,
    mediaType: MediaTypes.ociIndex,
    manifests: images.map(({ mirror, image }) => {
      const { os, architecture, variant } = mirror.config;
      return {
        ...image.manifest.descriptor,
        platform: mirror.descriptor.platform ?? {
          os,
          architecture,
          ...(variant ? { variant } : {}),
        },
      };
    }),
    annotations: { ...annotations },
  };
  return jsonContent(MediaTypes.ociIndex, index);
}
