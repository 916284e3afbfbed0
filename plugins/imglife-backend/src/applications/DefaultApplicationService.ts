import type { LoggerService } from '@backstage/backend-plugin-api';
import { InputError, ServiceUnavailableError } from '@backstage/errors';
import type { Registration } from '@imglife/backstage-plugin-imglife-common';
import {
  formatRepository,
  InvalidReferenceError,
  parseReference,
  RegistryError,
  ResolvedImage,
  resolveImage,
} from '@imglife/oci';
import type { Definitions, RepositoryName } from '../definitions/Definitions';
import type { Registries } from '../registries/Registries';
import type { StatusRecomputer } from '../status/StatusRecomputer';
import type { ApplicationService } from './ApplicationService';
import type { ApplicationFacts, ApplicationStore } from './ApplicationStore';
import { BaseDetection, detectBase } from './detectBase';
import { EntityMapper, ImageMapping, mapImage } from './EntityMapper';
import { exemptionOf } from './exemptionOf';
import { ImageFacts, imageFactsOf } from './imageFacts';
import {
  NamedBase,
  namedBaseOf,
  parseNamedBase,
  ScratchBase,
} from './namedBase';
import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';

const DAY_MS = 86_400_000;
const AHEAD_MS = 10 * 60_000;
const REVISION_LABEL = 'org.opencontainers.image.revision';
const SOURCE_LABEL = 'org.opencontainers.image.source';
const UNKNOWN_BASE = '?';

/** What {@link DefaultApplicationService} works with. */
export interface DefaultApplicationServiceOptions {
  definitions: Definitions;
  registries: Registries;
  store: ApplicationStore;
  entities: EntityMapper;
  recomputer: StatusRecomputer;
  now: () => Date;
  logger: LoggerService;
}

/** {@link ApplicationService} over registries, chain index and catalog. */
export class DefaultApplicationService implements ApplicationService {
  readonly #options: DefaultApplicationServiceOptions;

  static create(
    options: DefaultApplicationServiceOptions,
  ): DefaultApplicationService {
    return new DefaultApplicationService(options);
  }

  private constructor(options: DefaultApplicationServiceOptions) {
    this.#options = options;
  }

  async register(
    registration: Registration,
    actor: string,
  ): Promise<{ reference: string; created: boolean }> {
    const { definitions, store, recomputer, now } = this.#options;
    const image = this.#image(registration);
    const declared = this.#declared(registration);
    this.#checkDate(registration.builtAt);
    const declaredEntityRef = entityRefOf(registration.entityRef);
    const resolved = await this.#resolve(image, registration);
    const inImage = resolved && imageFactsOf(resolved, now());
    const builtAt = registration.builtAt
      ? new Date(registration.builtAt).toISOString()
      : inImage?.created;
    const found = await this.#detect(declared, inImage, builtAt);
    const facts = factsOf(registration, {
      repository: formatRepository(image.name),
      tag: image.tag,
      read: inImage,
      labels: labelsOf(resolved),
      builtAt,
      found,
      declaredEntityRef,
    });
    const { created, usesChanged } = await store.register({
      facts,
      use: useOf(found, registration.baseDigest),
      exemption: exemptionOf(
        {
          image: `${facts.repository}:${facts.tag}`,
          project: facts.project,
          base: facts.base?.reference,
        },
        definitions.policy.exemptions,
        now(),
      ),
      mapping: await this.#mapping(facts),
      actor,
      now: now(),
      current: definitions.applications.current,
    });
    if (usesChanged || created) {
      await recomputer.recompute('application registered');
    }
    return { reference: `${facts.repository}:${facts.tag}`, created };
  }

  async retireAged(): Promise<void> {
    const { definitions, store, now } = this.#options;
    const { maxAgeDays } = definitions.applications.current;
    await store.retireBuiltBefore(
      new Date(now().getTime() - maxAgeDays * DAY_MS).toISOString(),
    );
  }

  async remapEntities(): Promise<void> {
    const { entities, store, logger } = this.#options;
    const owners = await entities.owners();
    const changed = await store.remap(image => mapImage(image, owners));
    if (changed) {
      logger.info(`${changed} applications follow the catalog's changes`);
    }
  }

  #image(registration: Registration): { name: RepositoryName; tag: string } {
    const { registry, repository, tag, digest } = read('image', () =>
      parseReference(registration.image),
    );
    if (tag === undefined) {
      throw new InputError(
        `image: ${registration.image} has no tag; a registration is kept by its tag`,
      );
    }
    if (digest && registration.digest && digest !== registration.digest) {
      throw new InputError(
        `digest: ${registration.digest} is not the digest in image, ${digest}`,
      );
    }
    const name = this.#options.registries.canonical({ registry, repository });
    this.#assertAllowed('image', name.registry);
    return { name, tag };
  }

  #assertAllowed(field: string, host: string): void {
    if (!this.#options.registries.allows(host)) {
      throw new InputError(
        `${field}: the host ${host} is not listed under imglife.registries`,
      );
    }
  }

  #declared(registration: Registration): NamedBase | ScratchBase | undefined {
    const { base, baseDigest } = registration;
    if (base === undefined) {
      return baseDigest ? { digest: baseDigest } : undefined;
    }
    return read('base', () =>
      parseNamedBase(base, baseDigest, name =>
        this.#options.registries.canonical(name),
      ),
    );
  }

  #checkDate(builtAt: string | undefined): void {
    const ahead = builtAt
      ? Date.parse(builtAt) - this.#options.now().getTime()
      : 0;
    if (ahead > AHEAD_MS) {
      throw new InputError(
        `builtAt: ${builtAt} is more than 10 minutes ahead: check the clock of the builder`,
      );
    }
  }

  /** Undefined when the registry cannot be read but is not needed either. */
  async #resolve(
    image: { name: RepositoryName; tag: string },
    registration: Registration,
  ): Promise<ResolvedImage | undefined> {
    const { digest } = registration;
    const client = this.#options.registries.clientFor(image.name.registry);
    const reference = digest ?? image.tag;
    try {
      return await resolveImage({
        client,
        repository: image.name.repository,
        reference,
      });
    } catch (error) {
      if (!(error instanceof RegistryError)) {
        throw error;
      }
      if (error.status === 404) {
        throw new InputError(
          `image: ${formatRepository(image.name)}${
            digest ? '@' : ':'
          }${reference} does not exist at its registry`,
        );
      }
      if (digest && registration.base) {
        this.#options.logger.warn(
          `${registration.image} is registered as posted: ${error.message}`,
        );
        return undefined;
      }
      throw new ServiceUnavailableError(
        `the registry ${image.name.registry} cannot be read just now: ${error.message}; give digest and base to register without it, or try again`,
      );
    }
  }

  async #detect(
    declared: NamedBase | ScratchBase | undefined,
    image: ImageFacts | undefined,
    builtAt: string | undefined,
  ): Promise<BaseDetection> {
    const { registries, definitions, store } = this.#options;
    const canonical = (name: RepositoryName) => registries.canonical(name);
    const named = [
      declared,
      ...(image?.platforms ?? []).flatMap(platform => [
        namedBaseOf(platform.annotations, canonical),
        namedBaseOf(platform.labels, canonical),
      ]),
    ].filter(name => name !== undefined && name !== 'scratch') as NamedBase[];
    const known = await store.findKnownImages({
      chainIds: [
        ...new Set(
          (image?.platforms ?? []).flatMap(platform => platform.chainIds),
        ),
      ],
      digests: [
        ...new Set(named.map(({ digest }) => digest).filter(Boolean)),
      ] as string[],
      references: named
        .filter(({ repository }) => repository)
        .map(({ repository, tag }) => ({ repository: repository!, tag })),
    });
    const below = ({ registry, repository }: RepositoryName, path: string) =>
      path.startsWith(`${registry}/${repository}/`);
    return detectBase({
      declared,
      image,
      builtAt,
      known,
      canonical,
      tierOf: path => {
        if (below(definitions.tiers.bases, path)) {
          return 'bases';
        }
        return below(definitions.tiers.mirrors, path) ? 'mirrors' : 'other';
      },
    });
  }

  // A catalog that is away must not stop a pipeline: the mapping follows.
  async #mapping(facts: ApplicationFacts): Promise<ImageMapping> {
    const image = {
      repository: facts.repository,
      project: facts.project,
      declared: facts.declaredEntityRef,
    };
    try {
      return mapImage(image, await this.#options.entities.owners());
    } catch (error) {
      this.#options.logger.warn(`The catalog cannot be read: ${error}`);
      return mapImage(image, []);
    }
  }
}

function read<T>(field: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof InvalidReferenceError) {
      throw new InputError(`${field}: ${error.message}`);
    }
    throw error;
  }
}

function entityRefOf(text: string | undefined): string | undefined {
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

function labelsOf(image: ResolvedImage | undefined): Record<string, string> {
  return image?.images[0]?.config.config?.Labels ?? {};
}

/** `team/service` of `https://host/team/service.git`. */
function projectOfSource(source: string | undefined): string | undefined {
  if (!source || !URL.canParse(source)) {
    return undefined;
  }
  return (
    new URL(source).pathname.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '') ||
    undefined
  );
}

function factsOf(
  registration: Registration,
  known: {
    repository: string;
    tag: string;
    read?: ImageFacts;
    labels: Record<string, string>;
    builtAt?: string;
    found: BaseDetection;
    declaredEntityRef?: string;
  },
): ApplicationFacts {
  const { read: image, labels, found } = known;
  const base = found.base.kind === 'base' ? found.base : undefined;
  return {
    repository: known.repository,
    tag: known.tag,
    digest: image?.digest ?? registration.digest,
    platforms:
      registration.platforms ??
      image?.platforms.map(({ platform }) => platform) ??
      [],
    ...(base && {
      base: {
        reference: base.reference,
        digest: registration.baseDigest ?? base.digest,
        name: base.name,
        version: base.version,
      },
    }),
    detection: found.detection,
    revision: registration.revision ?? labels[REVISION_LABEL],
    project: registration.project ?? projectOfSource(labels[SOURCE_LABEL]),
    declaredEntityRef: known.declaredEntityRef,
    fields: registration.fields ?? {},
    builtAt: known.builtAt,
  };
}

function useOf(found: BaseDetection, baseDigest: string | undefined) {
  const { base } = found;
  if (base.kind === 'none') {
    return { reference: '', digest: '', tier: 'none' as const };
  }
  if (base.kind === 'unknown') {
    return { reference: UNKNOWN_BASE, digest: '', tier: 'bases' as const };
  }
  return {
    reference: base.reference,
    digest: baseDigest ?? base.digest ?? '',
    tier: base.tier,
  };
}
