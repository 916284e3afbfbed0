import {
  findDamage,
  parseRepository,
  resolveImage,
  type ImageLocation,
  type PlatformImage,
  type ResolvedImage,
} from '@imglife/oci';
import type { Registries } from '../registries/Registries';
import type { MirrorTag } from './planBuilds';

/** What an image has to be before it counts as a base. */
export interface WantedImage {
  /** what it is built on */
  mirror: ResolvedImage;
  /** that, for messages */
  from: string;
  platforms: ReadonlyArray<string>;
  /** of each platform's config */
  labels: Readonly<Record<string, string>>;
  /** of each manifest and of the index */
  annotations: Readonly<Record<string, string>>;
}

/** The first of the wanted that is absent or other than wanted. */
function missing(
  wanted: Readonly<Record<string, string>>,
  found: Readonly<Record<string, string>> = {},
): string | undefined {
  return Object.keys(wanted).find(name => found[name] !== wanted[name]);
}

function platformFault(
  own: PlatformImage,
  image: ResolvedImage,
  wanted: WantedImage,
): string | undefined {
  const { mirror, from, labels, annotations } = wanted;
  const { platform } = own;
  const below = mirror.images.find(each => each.platform === platform);
  const layers = below?.diffIds ?? [];
  if (
    !below ||
    own.diffIds.length <= layers.length ||
    layers.some((diffId, index) => diffId !== own.diffIds[index])
  ) {
    return `does not stand on the layers of ${from} (${platform})`;
  }
  const label = missing(labels, own.config.config?.Labels);
  if (label) {
    return `lacks the label ${label}`;
  }
  const annotation =
    missing(annotations, own.manifest.annotations) ??
    missing(annotations, image.annotations);
  return annotation && `lacks the annotation ${annotation}`;
}

/**
 * Why an image is not the base that was wanted: the layers of each platform
 * are the mirror's and at least one more, there are no other platforms, and
 * every label and annotation is set.
 *
 * @returns what follows "an image that …"; undefined when it is as wanted
 */
export function imageFault(
  image: ResolvedImage,
  wanted: WantedImage,
): string | undefined {
  for (const platform of wanted.platforms) {
    const own = image.images.find(each => each.platform === platform);
    const fault = own
      ? platformFault(own, image, wanted)
      : `has no platform ${platform}`;
    if (fault) {
      return fault;
    }
  }
  const other = image.images.find(
    ({ platform }) => !wanted.platforms.includes(platform),
  );
  return (
    other && `has the platform ${other.platform}, which its mirror has not`
  );
}

/**
 * Why an image cannot be pulled: a manifest or blob of it is missing, or of
 * another size. Throws RegistryError when the registry cannot be asked.
 *
 * @returns what follows "an image that …"; undefined when all of it is there
 */
export async function pullFault(
  image: ImageLocation,
  signal: AbortSignal,
): Promise<string | undefined> {
  const [damage] = await findDamage(image, { signal });
  return (
    damage &&
    `cannot be pulled: its ${damage.kind} ${damage.digest} ${damage.problem} at the registry`
  );
}

/** Reads what a base is built on, by its digest. Throws RegistryError. */
export async function resolveMirror(
  { repository: name, digest }: MirrorTag,
  registries: Pick<Registries, 'clientFor'>,
  signal: AbortSignal,
): Promise<ResolvedImage> {
  const { registry, repository } = parseRepository(name);
  const client = registries.clientFor(registry);
  return resolveImage({ client, repository, reference: digest }, { signal });
}
