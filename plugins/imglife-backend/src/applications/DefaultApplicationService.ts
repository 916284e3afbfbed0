import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  InputError,
  NotFoundError,
  ServiceUnavailableError,
} from '@backstage/errors';
import type {
  Exemption,
  Registration,
} from '@imglife/backstage-plugin-imglife-common';
import {
  formatReference,
  formatRepository,
  RegistryError,
  resolveImage,
  type ResolvedImage,
} from '@imglife/oci';
import type { Definitions } from '../definitions/Definitions';
import type { ImageEvents } from '../hooks/ImageEvents';
import type { Registries } from '../registries/Registries';
import type { StatusRecomputer } from '../status/StatusRecomputer';
import { applicationFactsOf, completeFacts } from './applicationFacts';
import type { ApplicationService, DiscoveredImage } from './ApplicationService';
import type {
  ApplicationFacts,
  ApplicationStore,
  BaseFacts,
  BaseUse,
} from './ApplicationStore';
import { BaseDetector } from './BaseDetector';
import { canonicalPattern } from './canonicalPattern';
import { baseUseOf, tierOfOutcome } from './baseUse';
import {
  imageMapping,
  type EntityMapper,
  type ImageMapping,
  type ImageOwner,
} from './EntityMapper';
import { exemptionOf } from './exemptionOf';
import { assertBound, assertMayForget, assertMayName } from './assertBound';
import { imageFactsOf } from './imageFacts';
import type { Canonical } from './namedBase';
import { postedBefore } from './postedBefore';
import {
  readImageName,
  readRegistration,
  type PostedBuild,
} from './readRegistration';

const DAY_MS = 86_400_000;
// A pipeline waits for the answer, and proxies for no longer than a minute
const READ_TIMEOUT_MS = 20_000;
/** Who is said to have registered what nobody did. */
const SCANNER = 'imglife-scan';

/** What {@link DefaultApplicationService} works with. */
export interface DefaultApplicationServiceOptions {
  definitions: Pick<
    Definitions,
    'registries' | 'tiers' | 'applications' | 'policy'
  >;
  registries: Pick<Registries, 'clientFor' | 'canonical'>;
  store: ApplicationStore;
  entities: EntityMapper;
  recomputer: StatusRecomputer;
  /** undefined: nobody is told */
  imageEvents?: ImageEvents;
  now: () => Date;
  logger: LoggerService;
  /** how long a registry may take to show an image; default 20 s */
  readTimeoutMs?: number;
}

/** {@link ApplicationService} over registries, chain index and catalog. */
export class DefaultApplicationService implements ApplicationService {
  readonly #options: DefaultApplicationServiceOptions;
  readonly #canonical: Canonical;
  readonly #bases: BaseDetector;

  static create(
    options: DefaultApplicationServiceOptions,
  ): DefaultApplicationService {
    return new DefaultApplicationService(options);
  }

  private constructor(options: DefaultApplicationServiceOptions) {
    this.#options = options;
    this.#canonical = name => options.registries.canonical(name);
    this.#bases = BaseDetector.create({
      tiers: options.definitions.tiers,
      store: options.store,
      canonical: this.#canonical,
    });
  }

  async register(
    registration: Registration,
    actor: string,
  ): Promise<{ reference: string; created: boolean }> {
    const { definitions, store, recomputer, now } = this.#options;
    const { subjects } = definitions.applications;
    assertBound(subjects, actor, registration.project);
    const posted = readRegistration(registration, {
      registries: definitions.registries,
      tiers: definitions.tiers,
      canonical: this.#canonical,
      now: now(),
    });
    if (subjects.length) {
      const repository = formatRepository(posted.name);
      const project = await store.findProject(repository);
      assertMayName(subjects, actor, { repository, project });
    }
    const { created, usesChanged, facts } = await this.#record(posted, actor);
    if (usesChanged) {
      await recomputer.recompute('application registered');
    }
    return { reference: `${facts.repository}:${facts.tag}`, created };
  }

  async discover(image: DiscoveredImage): Promise<boolean> {
    const { created } = await this.#record(image, SCANNER, true);
    return created;
  }

  async review(image: DiscoveredImage, actor: string): Promise<boolean> {
    const repository = formatRepository(image.name);
    const before = await this.#options.store.findFacts(repository, image.tag);
    if (!before) {
      return false;
    }
    const { created } = await this.#record(
      { ...postedBefore(before), ...image },
      actor,
    );
    return created;
  }

  async #record(posted: PostedBuild, actor: string, discovered = false) {
    const { definitions, store, now } = this.#options;
    const { facts, tier } = await this.#factsOf(posted);
    const stored = await store.register({
      facts,
      use: baseUseOf(facts.base, tier),
      exemption: this.#exemptionOf(facts, facts.base),
      platformExemptions: facts.platformBases?.map(({ base }) =>
        this.#exemptionOf(facts, base),
      ),
      mapping: await this.#mappingOf(facts),
      actor,
      now: now(),
      current: definitions.applications.current,
      discovered,
    });
    if (stored.created) {
      this.#options.imageEvents?.publish('imglife.application.registered', {
        reference: `${facts.repository}:${facts.tag}`,
        digest: facts.digest ?? null,
        base: facts.base?.reference ?? null,
        project: facts.project ?? null,
        registeredBy: actor,
      });
    }
    return { ...stored, facts };
  }

  async forget(image: string, actor: string): Promise<void> {
    const { definitions, store, recomputer, now } = this.#options;
    const name = readImageName(image, this.#canonical);
    const { subjects } = definitions.applications;
    const before = await store.findFacts(name.repository, name.tag);
    if (before) {
      assertMayForget(subjects, actor, before.project);
    }
    const known = await store.forget(name, {
      current: definitions.applications.current,
      now: now(),
    });
    if (!known) {
      throw new NotFoundError(
        `image: ${name.repository}:${name.tag} is not registered`,
      );
    }
    await recomputer.recompute('application forgotten');
  }

  async retireAged(): Promise<void> {
    const { definitions, store, now } = this.#options;
    const { maxAgeDays } = definitions.applications.current;
    await store.retireBuiltBefore(
      new Date(now().getTime() - maxAgeDays * DAY_MS).toISOString(),
    );
  }

  async applyExemptions(): Promise<void> {
    const { definitions, store, logger, now } = this.#options;
    const { exemptions } = definitions.policy;
    const changed = await store.exempt(exemptions, now());
    if (changed) {
      logger.info(`${changed} applications follow the exemptions of now`);
    }
  }

  async remapEntities(): Promise<void> {
    const { store, logger } = this.#options;
    const owners = await this.#owners({ fresh: true });
    const changed = await store.remap(imageMapping(owners));
    if (changed) {
      logger.info(`${changed} applications follow the catalog's changes`);
    }
  }

  async #factsOf(
    posted: PostedBuild,
  ): Promise<{ facts: ApplicationFacts; tier: BaseUse['tier'] }> {
    const { store, now } = this.#options;
    const resolved = await this.#read(posted);
    const image = resolved && imageFactsOf(resolved, now());
    const found = await this.#bases.detect({
      declared: posted.base,
      image,
      builtAt: posted.builtAt ?? image?.created,
    });
    const facts = applicationFactsOf(posted, image, found);
    const tier = tierOfOutcome(found.base);
    if (image) {
      return { facts, tier };
    }
    const before = await store.findFacts(facts.repository, facts.tag);
    return { facts: completeFacts(facts, before), tier };
  }

  /** Undefined when the registry cannot be read but is not needed either. */
  async #read(posted: PostedBuild): Promise<ResolvedImage | undefined> {
    const { name, tag, digest, base } = posted;
    const { registries, logger, readTimeoutMs } = this.#options;
    const signal = AbortSignal.timeout(readTimeoutMs ?? READ_TIMEOUT_MS);
    const image = formatReference({ ...name, tag, digest });
    try {
      return await resolveImage(
        {
          client: registries.clientFor(name.registry),
          repository: name.repository,
          reference: digest ?? tag,
        },
        { signal },
      );
    } catch (error) {
      if (!(error instanceof RegistryError) && !signal.aborted) {
        throw error;
      }
      if (error instanceof RegistryError && error.status === 404) {
        throw new InputError(
          `image: ${image} does not exist at its registry: ${error.message}`,
        );
      }
      if (digest && base && (base === 'scratch' || base.repository)) {
        logger.warn(`${image} is registered as posted: ${error}`);
        return undefined;
      }
      throw new ServiceUnavailableError(
        `the registry ${name.registry} cannot be read just now: ${error}; give digest and base to register without it, or try again`,
      );
    }
  }

  #exemptionOf(
    facts: ApplicationFacts,
    base: BaseFacts | undefined,
  ): Exemption | undefined {
    const { definitions, now } = this.#options;
    return exemptionOf(
      {
        image: `${facts.repository}:${facts.tag}`,
        project: facts.project,
        base: base?.reference,
      },
      definitions.policy.exemptions,
      now(),
    );
  }

  // A catalog that is away must not stop a pipeline: the mapping follows.
  async #mappingOf(facts: ApplicationFacts): Promise<ImageMapping> {
    const owners = await this.#owners().catch(error => {
      this.#options.logger.warn(`The catalog cannot be read: ${error}`);
      return [];
    });
    return imageMapping(owners)({
      repository: facts.repository,
      project: facts.project,
      declared: facts.declaredEntityRef,
    });
  }

  async #owners(options?: { fresh?: boolean }): Promise<ImageOwner[]> {
    const owners = await this.#options.entities.owners(options);
    return owners.map(owner => ({
      ...owner,
      images: owner.images.map(image =>
        canonicalPattern(image, this.#canonical),
      ),
    }));
  }
}
