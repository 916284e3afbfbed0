import type { LoggerService } from '@backstage/backend-plugin-api';
import { ConflictError, InputError, toError } from '@backstage/errors';
import type { RunItem } from '@imglife/backstage-plugin-imglife-common';
import type { ImageBuilder } from '@imglife/backstage-plugin-imglife-node';
import type { RunContext } from '../runs/RunContext';
import type { BasePublisher } from './BasePublisher';
import type {
  BaseStore,
  BaseTag,
  BaseTagIdentity,
  BuildAttempt,
} from './BaseStore';
import { baseVersionKey } from './baseTag';
import {
  prepareBase,
  type BaseTagPlan,
  type PreparedBase,
} from './BaseTagPlan';
import {
  decideBuild,
  type BuildDecision,
  type PublishedInputs,
} from './buildReasons';

type Build = Extract<BuildDecision, { action: 'build' }>;
type Blocked = Extract<BuildDecision, { action: 'blocked' }>;

/** What {@link BaseTagWorker} works with. */
export interface BaseTagWorkerOptions {
  store: BaseStore;
  publisher: BasePublisher;
  /** by id */
  builders: ReadonlyMap<string, ImageBuilder>;
  now: () => Date;
  logger: LoggerService;
}

function toInputs(row: BaseTag): PublishedInputs | undefined {
  const { published, tag, upstreamTag, versionKey } = row;
  return published && { tag, upstreamTag, versionKey, ...published };
}

function decide(
  plan: BaseTagPlan,
  prepared: PreparedBase,
  force: boolean,
): BuildDecision {
  const { tag, mirrorTag, definition, known } = plan;
  const { inputHash, inputs } = prepared;
  const versionKey = baseVersionKey(mirrorTag.tag, definition.coreVersion);
  return decideBuild(
    { tag, upstreamTag: mirrorTag.tag, versionKey, inputHash, inputs },
    known.map(toInputs).filter(row => row !== undefined),
    { force },
  );
}

function identityOf(plan: BaseTagPlan): BaseTagIdentity {
  const { definition, repository, tag, mirrorTag } = plan;
  const { name, kind, owner, coreVersion } = definition;
  return { name, kind, owner, repository, tag, coreVersion, mirror: mirrorTag };
}

/** Brings one base tag up to what it follows. */
export class BaseTagWorker {
  readonly #options: BaseTagWorkerOptions;

  static create(options: BaseTagWorkerOptions): BaseTagWorker {
    return new BaseTagWorker(options);
  }

  private constructor(options: BaseTagWorkerOptions) {
    this.#options = options;
  }

  /**
   * A fault of this tag is its item's and row's; what is thrown stops the run.
   *
   * @returns whether a row changed
   */
  async work(plan: BaseTagPlan, context: RunContext): Promise<boolean> {
    let prepared: PreparedBase;
    let decision: BuildDecision;
    try {
      prepared = await prepareBase(plan);
      decision = decide(plan, prepared, context.force);
    } catch (error) {
      return this.#fail(plan, context, error);
    }
    switch (decision.action) {
      case 'build':
        return this.#build(plan, prepared, decision, context);
      case 'blocked':
        return this.#block(plan, decision, context);
      default:
        return this.#leave(plan, context);
    }
  }

  async #leave(plan: BaseTagPlan, context: RunContext): Promise<boolean> {
    const { repository, tag, known } = plan;
    this.#item(plan, context, { action: 'none', state: 'skipped' });
    const row = known.find(each => each.tag === tag);
    if (context.dryRun || row?.state === 'published') {
      return false;
    }
    await this.#options.store.recordUnchanged(repository, tag);
    return true;
  }

  async #block(
    plan: BaseTagPlan,
    { reasons }: Blocked,
    context: RunContext,
  ): Promise<boolean> {
    const { definition, repository, tag, known } = plan;
    const reason = reasons.join(', ');
    const message = `raise coreVersion of base ${definition.name} (now ${definition.coreVersion}): changed since ${tag} was published: ${reason}`;
    context.log(`${tag}: blocked, ${message}`);
    this.#item(plan, context, {
      action: 'blocked',
      reason,
      state: context.force ? 'failed' : 'skipped',
      error: context.force ? new ConflictError(message).message : null,
    });
    const row = known.find(each => each.tag === tag);
    if (context.dryRun || (row?.state === 'blocked' && row.error === message)) {
      return false;
    }
    await this.#options.store.recordBlocked(repository, tag, message);
    return true;
  }

  async #build(
    plan: BaseTagPlan,
    prepared: PreparedBase,
    { reasons }: Build,
    context: RunContext,
  ): Promise<boolean> {
    const { now, publisher, store } = this.#options;
    const { tag } = plan;
    const reason = reasons.join(', ');
    const startedAt = now().toISOString();
    const attempt = (): BuildAttempt => ({
      inputHash: prepared.inputHash,
      inputs: prepared.inputs,
      dockerfile: prepared.dockerfile,
      reasons,
      builder: plan.definition.builder,
      runId: context.id,
      actor: context.actor,
      startedAt,
      finishedAt: now().toISOString(),
    });
    const item = { action: 'build', reason };
    try {
      const builder = this.#builderFor(plan, prepared);
      if (context.dryRun) {
        this.#item(plan, context, { ...item, state: 'planned' });
        return false;
      }
      context.log(`${tag}: building (${reason})`);
      const request = { plan, prepared, reasons, builder, context };
      const image = await publisher.publish(request);
      await store.recordPublished(identityOf(plan), attempt(), image);
      context.log(`${tag}: published as ${image.descriptor.digest}`);
    } catch (error) {
      return this.#fail(plan, context, error, { attempt: attempt(), reason });
    }
    this.#item(plan, context, { ...item, state: 'done' });
    return true;
  }

  #builderFor(plan: BaseTagPlan, prepared: PreparedBase): ImageBuilder {
    const { builders } = this.#options;
    const { name, builder: id } = plan.definition;
    const builder = builders.get(id);
    if (!builder) {
      throw new InputError(
        `There is no builder "${id}" for base ${name}; known: ${[
          ...builders.keys(),
        ].join(', ')}`,
      );
    }
    const answer = builder.canBuild(prepared.dockerfile);
    if (!answer.ok) {
      throw new InputError(answer.reason);
    }
    return builder;
  }

  async #fail(
    plan: BaseTagPlan,
    context: RunContext,
    cause: unknown,
    tried?: { attempt: BuildAttempt; reason: string },
  ): Promise<boolean> {
    if (context.signal.aborted) {
      throw cause;
    }
    const error = toError(cause);
    const { tag } = plan;
    this.#options.logger.warn(`Base ${plan.repository}:${tag} failed`, error);
    context.log(`${tag}: failed, ${error.message}`);
    this.#item(plan, context, {
      action: 'build',
      reason: tried?.reason ?? null,
      state: 'failed',
      error: error.message,
    });
    if (context.dryRun) {
      return false;
    }
    await this.#options.store.recordFailed(
      identityOf(plan),
      tried?.attempt,
      error.message,
    );
    return true;
  }

  #item(
    plan: BaseTagPlan,
    context: RunContext,
    item: Pick<RunItem, 'action' | 'state'> & Partial<RunItem>,
  ): void {
    const reference = `${plan.repository}:${plan.tag}`;
    context.item({ reason: null, error: null, ...item, reference });
  }
}
