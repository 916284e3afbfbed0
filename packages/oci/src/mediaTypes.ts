/** Media types of images (OCI image-spec media-types.md, Docker image v2.2). @public */
export const MediaTypes = {
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  ociLayer: 'application/vnd.oci.image.layer.v1.tar',
  ociLayerGzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  ociLayerZstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
  ociEmpty: 'application/vnd.oci.empty.v1+json',
  dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  dockerLayer: 'application/vnd.docker.image.rootfs.diff.tar',
  dockerLayerGzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  dockerForeignLayer:
    'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
  dockerSchema1: 'application/vnd.docker.distribution.manifest.v1+json',
  dockerSchema1Signed:
    'application/vnd.docker.distribution.manifest.v1+prettyjws',
} as const;

/** What a manifest request accepts: every form that we read. @public */
export const MANIFEST_ACCEPT = [
  MediaTypes.ociIndex,
  MediaTypes.ociManifest,
  MediaTypes.dockerIndex,
  MediaTypes.dockerManifest,
].join(', ');

/** Whether a manifest of that media type lists other manifests. @public */
export function isIndex(mediaType: string): boolean {
  return (
    mediaType === MediaTypes.ociIndex || mediaType === MediaTypes.dockerIndex
  );
}

/** Whether a descriptor of that media type points at an image manifest or an index. @public */
export function isManifest(mediaType: string): boolean {
  return (
    isIndex(mediaType) ||
    mediaType === MediaTypes.ociManifest ||
    mediaType === MediaTypes.dockerManifest
  );
}

/**
 * Whether a layer may not be pushed to other registries, so that it stays where
 * its `urls` point (OCI image-spec layer.md, Non-Distributable Layers).
 *
 * @public
 */
export function isNonDistributable(mediaType: string): boolean {
  return (
    mediaType === MediaTypes.dockerForeignLayer ||
    mediaType.startsWith('application/vnd.oci.image.layer.nondistributable.')
  );
}
