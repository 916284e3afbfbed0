import { chainIds, type ResolvedImage } from '@imglife/oci';

/** What one platform of an image tells about its base. */
export interface PlatformFacts {
  /** `linux/arm64` */
  platform: string;
  /** of the platform's own manifest */
  digest: string;
  /** chain id of every prefix of its layers, shortest first */
  chainIds: string[];
  /** of its manifest; `base.*` of the index where the manifest has none */
  annotations: Record<string, string>;
  /** of its config; inherited from whatever it is built on */
  labels: Record<string, string>;
  /** its history says that layers were merged */
  merged?: true;
}

/** What was read of an image from its registry. */
export interface ImageFacts {
  /** what the tag points at */
  digest: string;
  /** in the index' order */
  platforms: PlatformFacts[];
  /** when it was built, ISO 8601 UTC; undefined where it does not tell */
  created?: string;
}

/** OCI image-spec annotations.md: what an image is built on. */
export const baseNameKey = 'org.opencontainers.image.base.name';
/** OCI image-spec annotations.md: the digest of what an image is built on. */
export const baseDigestKey = 'org.opencontainers.image.base.digest';

/** The label a base carries and its children inherit. */
export const inputHashLabel = 'io.imglife.input-hash';

// Reproducible builds write the epoch, 1980 or the like. There was no image
// before Docker 0.1, so that an older date tells nothing.
const firstImages = Date.parse('2013-03-20T00:00:00Z');

// What Docker's `build --squash` and `import` write as comment of the layer
const MERGED = /^(merge sha256:|Imported from )/;

function namesBase(annotations: Record<string, string>): boolean {
  return baseNameKey in annotations || baseDigestKey in annotations;
}

function annotationsOf(
  own: Record<string, string>,
  root: Record<string, string>,
): Record<string, string> {
  if (namesBase(own)) {
    return own;
  }
  const inherited = Object.entries(root).filter(([key]) =>
    [baseNameKey, baseDigestKey].includes(key),
  );
  return { ...own, ...Object.fromEntries(inherited) };
}

function createdAt(dates: Array<string | undefined>, now: Date) {
  const known = dates
    .map(date => (date ? Date.parse(date) : Number.NaN))
    .filter(time => time >= firstImages && time <= now.getTime());
  return known.length > 0
    ? new Date(Math.max(...known)).toISOString()
    : undefined;
}

/**
 * Takes from a resolved image what detection needs.
 *
 * @param now - a `created` after it is not believed
 */
export function imageFactsOf(image: ResolvedImage, now: Date): ImageFacts {
  return {
    digest: image.descriptor.digest,
    platforms: image.images.map(each => ({
      platform: each.platform,
      digest: each.digest,
      chainIds: chainIds(each.diffIds),
      annotations: annotationsOf(
        each.manifest.annotations ?? {},
        image.annotations,
      ),
      labels: each.config.config?.Labels ?? {},
      ...(each.config.history?.some(({ comment }) =>
        MERGED.test(comment ?? ''),
      ) && { merged: true as const }),
    })),
    created: createdAt(
      image.images.map(each => each.config.created),
      now,
    ),
  };
}
