import type { LoggerService } from '@backstage/backend-plugin-api';
import { ConflictError, InputError, NotFoundError } from '@backstage/errors';
import type { NotificationService } from '@backstage/plugin-notifications-node';
import type { PublishedRequest } from '@imglife/backstage-plugin-imglife-common';
import {
  formatRepository,
  InvalidReferenceError,
  parseReference,
  type ResolvedImage,
} from '@imglife/oci';
import type {
  BaseDefinition,
  Definitions,
} from '../../definitions/Definitions';
import type { LifecycleService } from '../../lifecycle/LifecycleService';
import type { Registries } from '../../registries/Registries';
import type { StatusRecomputer } from '../../status/StatusRecomputer';
import { BaseHooks } from '../BaseHooks';
import { BASE_DIGEST_LABEL } from '../baseLabels';
import type { BasePlanner } from '../BasePlanner';
import type { BaseStore, BuildAttempt } from '../BaseStore';
import type { BaseTagPlan } from '../BaseTagPlan';
import { publishedContext } from '../packContext';
import { planBuild, type PlannedBuild } from '../planBuild';
import { blockedMessage, identityOf, whyLeftAlone } from '../planWords';
import { EXPORT_BUILDER } from './ExportBuilder';
import { OutsideImages } from './OutsideImages';

/** What {@link ReportedBases} works with. */
export interface ReportedBasesOptions {
  /** read at use: they may change */
  definitions: { bases: Pick<Definitions['bases'], 'entries' | 'hooks'> };
  registries: Pick<Registries, 'canonical' | 'clientFor' | 'allows'>;
  planner: BasePlanner;
  store: BaseStore;
  /** of the portal */
  notifications: NotificationService;
  lifecycle: Pick<LifecycleService, 'load'>;
  recomputer: StatusRecomputer;
  /** Queues a build of the base of that name, which moves floating tags. */
  queueBuild(name: string, actor: string): Promise<unknown>;
  now: () => Date;
  logger: LoggerService;
}

interface TagName {
  /** `host/path` */
  repository: string;
  tag: string;
}

/**
 * Bases that were built outside the portal. What is told of them counts once
 * the registry confirms it, and is then recorded as a build of our own.
 */
export class ReportedBases {
  readonly #options: ReportedBasesOptions;
  readonly #images: OutsideImages;
  readonly #hooks: BaseHooks;

  static create(options: ReportedBasesOptions): ReportedBases {
    return new ReportedBases(options);
  }

  private constructor(options: ReportedBasesOptions) {
    this.#options = options;
    this.#images = OutsideImages.create(options);
    this.#hooks = BaseHooks.create(options);
  }

  /**
   * Records a published base. The same facts twice are one build.
   *
   * @param actor - who reports it, as recorded
   * @returns `reference` as `host/path:tag`; `created`: it was not known before
   * @throws InputError - no reference, an unlisted host, or an image that is not
   *   what was exported
   * @throws NotFoundError - no base has or follows that tag, or the registry
   *   does not have it
   * @throws ConflictError - other than what is due now: digest, input hash,
   *   withdrawn, blocked
   * @throws ServiceUnavailableError - a registry cannot be read just now
   */
  async report(
    request: PublishedRequest,
    actor: string,
  ): Promise<{ reference: string; created: boolean }> {
    const { digest, inputHash } = request;
    const startedAt = this.#options.now().toISOString();
    const name = this.#name(request.reference);
    const reference = `${name.repository}:${name.tag}`;
    const plan = await this.#plan(name, request);
    if (plan === 'known') {
      return { reference, created: false };
    }
    const planned = await planBuild(plan, { force: false });
    const image = await this.#images.read(plan, digest);
    this.#checkDue(plan, planned, { inputHash, image });
    await this.#images.check(image, plan, planned.prepared);
    const attempt = {
      ...this.#attempt(planned, startedAt, actor),
      context: await publishedContext(planned.prepared),
    };
    const created = await this.#record(plan, planned, { attempt, image });
    return { reference, created };
  }

  async #plan(
    { repository, tag }: TagName,
    { digest, inputHash }: PublishedRequest,
  ): Promise<BaseTagPlan | 'known'> {
    const { store, planner, lifecycle } = this.#options;
    const reference = `${repository}:${tag}`;
    const base = this.#definition(repository);
    const row = await store.baseTag(repository, tag);
    const reason = row && whyLeftAlone(row, { force: false });
    if (reason) {
      throw new ConflictError(`reference: ${reference} is ${reason}`);
    }
    const { published } = row ?? {};
    if (published?.digest === digest && published.inputHash === inputHash) {
      return 'known';
    }
    const quiet = { item: () => {}, log: () => {} };
    const plans = await planner.plan([base], await lifecycle.load(), quiet);
    const plan = plans.find(each => each.tag === tag);
    if (!plan) {
      const tags = plans.map(each => each.tag).join(', ') || 'none';
      throw new NotFoundError(
        `reference: base ${base.name} is not to have the tag ${tag} now; its tags are: ${tags}. If its mirror has moved on, export and build it again`,
      );
    }
    return plan;
  }

  #definition(repository: string): BaseDefinition {
    const { entries } = this.#options.definitions.bases;
    const base = entries.find(
      ({ target }) => formatRepository(target) === repository,
    );
    if (!base) {
      const names = entries.map(({ name }) => name).join(', ');
      throw new NotFoundError(
        `reference: ${repository} is the repository of no base; known bases: ${
          names || 'none'
        }`,
      );
    }
    return base;
  }

  /** What was built is what is to be built now. */
  #checkDue(
    plan: BaseTagPlan,
    { prepared, decision }: PlannedBuild,
    { inputHash, image }: { inputHash: string; image: ResolvedImage },
  ): void {
    const { definition, mirrorTag, repository, tag, known } = plan;
    if (decision.action === 'blocked') {
      throw new ConflictError(blockedMessage(plan, decision.reasons));
    }
    if (prepared.inputHash !== inputHash) {
      const builtOn =
        image.images[0]?.config.config?.Labels?.[BASE_DIGEST_LABEL];
      const moved = builtOn !== undefined && builtOn !== mirrorTag.digest;
      throw new ConflictError(
        `inputHash: base ${
          definition.name
        } has changed since this was exported: ${
          moved
            ? `it was built on ${builtOn}, and ${prepared.mirrorReference} is ${mirrorTag.digest} now`
            : 'template, context, arguments, compression or coreVersion are others now'
        }; export and build it again`,
      );
    }
    if (decision.action === 'none') {
      const row = known.find(each => each.tag === tag);
      throw new ConflictError(
        `digest: ${repository}:${tag} is published as ${row?.published?.digest} from the same inputs; a tag moves only when its mirror does. Push that again, or raise coreVersion of base ${definition.name} (now ${definition.coreVersion})`,
      );
    }
  }

  #attempt(
    { prepared, changes }: PlannedBuild,
    startedAt: string,
    actor: string,
  ): BuildAttempt {
    const { inputHash, inputs, dockerfile, sources } = prepared;
    return {
      inputHash,
      inputs,
      dockerfile,
      sources,
      reasons: changes.map(({ reason }) => reason),
      changes,
      builder: EXPORT_BUILDER,
      actor,
      startedAt,
      finishedAt: this.#options.now().toISOString(),
    };
  }

  async #record(
    plan: BaseTagPlan,
    { held }: PlannedBuild,
    { attempt, image }: { attempt: BuildAttempt; image: ResolvedImage },
  ): Promise<boolean> {
    const { store, recomputer, queueBuild, logger } = this.#options;
    const { definition, repository, tag } = plan;
    const identity = identityOf(plan);
    // The same fact, however long ago it was told before
    const once = { onceSince: '' };
    if (!(await store.recordPublished(identity, attempt, image, once))) {
      return false;
    }
    if (held) {
      const message = blockedMessage(plan, held.reasons);
      await store.recordBlocked(repository, tag, message);
    }
    await recomputer.recompute('base reported');
    if (definition.floatingTags.length) {
      await queueBuild(definition.name, attempt.actor);
    }
    const { digest } = image.descriptor;
    // a slow webhook is not the caller's matter; it throws nothing
    void this.#hooks.published(identity, attempt, digest, {
      log: line => logger.info(line),
      signal: new AbortController().signal,
    });
    return true;
  }

  #name(text: string): TagName {
    const { registries } = this.#options;
    try {
      const { tag = 'latest', digest, ...name } = parseReference(text);
      if (digest) {
        throw new InputError(
          'reference: must be a tag; its digest is `digest`',
        );
      }
      if (!registries.allows(name.registry)) {
        throw new InputError(
          `reference: the registry ${name.registry} is not listed under imglife.registries`,
        );
      }
      return { repository: formatRepository(registries.canonical(name)), tag };
    } catch (error) {
      if (error instanceof InvalidReferenceError) {
        throw new InputError(`reference: ${error.message}`);
      }
      throw error;
    }
  }
}
