import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { InputError } from '@backstage/errors';
import type { Registration } from '@imglife/backstage-plugin-imglife-common';
import {
  formatPlatform,
  formatRepository,
  InvalidReferenceError,
  parsePlatform,
  parseReference,
  type Reference,
} from '@imglife/oci';
import type {
  Definitions,
  RegistryDefinition,
  RepositoryName,
} from '../definitions/Definitions';
import {
  parseNamedBase,
  type Canonical,
  type NamedBase,
  type ScratchBase,
} from './namedBase';
import { ownTierOf } from './scanScope';

const AHEAD_MS = 10 * 60_000;

/** What a pipeline posted, checked and normalised. */
export interface PostedBuild
  extends Pick<Registration, 'revision' | 'project' | 'fields'> {
  name: RepositoryName;
  tag: string;
  digest?: string;
  base?: NamedBase | ScratchBase;
  /** sorted, such as `linux/arm64` */
  platforms?: string[];
  /** ISO 8601 UTC */
  builtAt?: string;
  /** in full and in lower case */
  entityRef?: string;
}

/** What a registration is read with. */
export interface KnownPlaces {
  registries: RegistryDefinition[];
  tiers: Pick<Definitions['tiers'], 'mirrors' | 'bases'>;
  canonical: Canonical;
  now: Date;
}

/**
 * Checks what can be checked without asking anyone.
 *
 * @throws InputError - names the field, and what is wrong with it
 */
export function readRegistration(
  registration: Registration,
  known: KnownPlaces,
): PostedBuild {
  const { revision, project, fields, platforms } = registration;
  return {
    ...readImage(registration, known),
    base: readBase(registration, known.canonical),
    platforms: platforms && readPlatforms(platforms),
    builtAt: readDate(registration.builtAt, known.now),
    entityRef: readEntityRef(registration.entityRef),
    revision,
    project,
    fields,
  };
}

/**
 * The name a registration is kept under.
 *
 * @returns `repository` as `host/path`, aliases replaced
 * @throws InputError - no reference, or one without a tag
 */
export function readImageName(
  image: string,
  canonical: Canonical,
): { repository: string; tag: string } {
  const { registry, repository, tag } = readTagged(image);
  return {
    repository: formatRepository(canonical({ registry, repository })),
    tag,
  };
}

function readTagged(image: string): Reference & { tag: string } {
  const reference = inField('image', () => parseReference(image));
  if (reference.tag === undefined) {
    throw new InputError(
      `image: ${image} has no tag; a registration is kept by its tag`,
    );
  }
  return { ...reference, tag: reference.tag };
}

function readImage(
  { image, digest: beside }: Registration,
  { registries, tiers, canonical }: KnownPlaces,
): Pick<PostedBuild, 'name' | 'tag' | 'digest'> {
  const { registry, repository, tag, digest } = readTagged(image);
  const name = canonical({ registry, repository });
  if (!registries.some(({ host }) => host === name.registry)) {
    throw new InputError(
      `image: the host ${name.registry} is not listed under imglife.registries`,
    );
  }
  const own = ownTierOf(formatRepository(name), tiers);
  if (own) {
    throw new InputError(
      `image: ${image} is on the path of the ${own}, which the portal fills itself; only applications are registered`,
    );
  }
  return { name, tag, digest: oneDigest('digest', beside, 'image', digest) };
}

function readBase(
  { base, baseDigest }: Registration,
  canonical: Canonical,
): NamedBase | ScratchBase | undefined {
  if (base === undefined) {
    return baseDigest ? { digest: baseDigest } : undefined;
  }
  const named = inField('base', () =>
    parseNamedBase(base, baseDigest, canonical),
  );
  if (named !== 'scratch') {
    oneDigest('baseDigest', baseDigest, 'base', named.digest);
  } else if (baseDigest) {
    throw new InputError('baseDigest: scratch has no digest, leave it out');
  }
  return named;
}

function oneDigest(
  field: string,
  beside: string | undefined,
  other: string,
  within: string | undefined,
): string | undefined {
  if (beside && within && beside !== within) {
    throw new InputError(
      `${field}: ${beside} is not the digest in ${other}, ${within}; give one of them`,
    );
  }
  return beside ?? within;
}

function readPlatforms(platforms: string[]): string[] {
  const normalised = platforms.map(platform =>
    inField('platforms', () => formatPlatform(parsePlatform(platform))),
  );
  return [...new Set(normalised)].sort();
}

function readDate(text: string | undefined, now: Date): string | undefined {
  if (text === undefined) {
    return undefined;
  }
  const time = Date.parse(text);
  if (time - now.getTime() > AHEAD_MS) {
    throw new InputError(
      `builtAt: ${text} is more than 10 minutes ahead: check the clock of the builder`,
    );
  }
  if (!(time >= 0)) {
    throw new InputError(`builtAt: ${text} is no date since 1970`);
  }
  return new Date(time).toISOString();
}

function readEntityRef(text: string | undefined): string | undefined {
  if (text === undefined) {
    return undefined;
  }
  try {
    return stringifyEntityRef(
      parseEntityRef(text, {
        defaultKind: 'component',
        defaultNamespace: 'default',
      }),
    );
  } catch {
    throw new InputError(
      `entityRef: ${JSON.stringify(
        text,
      )} is no entity reference such as component:default/name`,
    );
  }
}

function inField<T>(field: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof InvalidReferenceError || field === 'platforms') {
      throw new InputError(`${field}: ${(error as Error).message}`);
    }
    throw error;
  }
}
