/** Media types of OCI image-spec 1.1 (media-types.md) and Docker image manifest v2. */
export const MediaTypes = {
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  ociLayer: 'application/vnd.oci.image.layer.v1.tar',
  ociLayerGzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  ociLayerZstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
  ociForeignLayer: 'application/vnd.oci.image.layer.nondistributable.v1.tar',
  ociForeignLayerGzip:
    'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
  ociForeignLayerZstd:
    'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd',
  ociEmpty: 'application/vnd.oci.empty.v1+json',
  dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  dockerLayer: 'application/vnd.docker.image.rootfs.diff.tar',
  dockerLayerGzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  dockerLayerZstd: 'application/vnd.docker.image.rootfs.diff.tar.zstd',
  dockerForeignLayerGzip:
    'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
} as const;

const INDEXES: readonly string[] = [
  MediaTypes.ociIndex,
  MediaTypes.dockerIndex,
];
const IMAGES: readonly string[] = [
  MediaTypes.ociManifest,
  MediaTypes.dockerManifest,
];
const CONFIGS: readonly string[] = [
  MediaTypes.ociConfig,
  MediaTypes.dockerConfig,
];
const FOREIGN =
  /^application\/vnd\.(oci\.image\.layer\.nondistributable\.|docker\.image\.rootfs\.foreign\.)/;
const SCHEMA1 = /^application\/vnd\.docker\.distribution\.manifest\.v1\+/;

/** `Accept` header for every manifest this client understands. */
export const MANIFEST_ACCEPT = [...INDEXES, ...IMAGES].join(', ');

/** An OCI image index or a Docker manifest list. */
export function isIndex(mediaType: string): boolean {
  return INDEXES.includes(mediaType);
}

/** An OCI or Docker image manifest of one platform (or an OCI artifact). */
export function isImageManifest(mediaType: string): boolean {
  return IMAGES.includes(mediaType);
}

/** A config that describes a runnable image, not an artifact. */
export function isImageConfig(mediaType: string): boolean {
  return CONFIGS.includes(mediaType);
}

/** A Docker image manifest version 2, schema 1: gone from the specs since 2024. */
export function isSchema1(mediaType: string): boolean {
  return SCHEMA1.test(mediaType);
}

/**
 * A layer the registry need not hold (OCI image-spec, layer.md
 * "Non-Distributable Layers"): it has URLs and a foreign media type.
 */
export function isForeignLayer(layer: {
  mediaType: string;
  urls?: string[];
}): boolean {
  return Boolean(layer.urls?.length) && FOREIGN.test(layer.mediaType);
}
