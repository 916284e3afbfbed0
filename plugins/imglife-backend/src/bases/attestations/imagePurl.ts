import { PackageURL } from 'packageurl-js';

/** One image, for {@link imagePurl}. */
export interface PurlImage {
  /** `host/path` */
  repository: string;
  tag: string;
  digest: string;
  /** such as `linux/arm64` */
  platform?: string;
}

/**
 * Package URL of an image (purl-spec, type `oci`): the last part of its path,
 * pinned by digest; where it lies is a qualifier.
 */
export function imagePurl(image: PurlImage): string {
  const { repository, tag, digest, platform } = image;
  const name = repository.split('/').at(-1) ?? repository;
  const arch = platform?.split('/').slice(1).join('/');
  return new PackageURL(
    'oci',
    undefined,
    name,
    digest,
    { ...(arch && { arch }), repository_url: repository, tag },
    undefined,
  ).toString();
}
