import type { LoggerService } from '@backstage/backend-plugin-api';
import { InputError, toError } from '@backstage/errors';
import type {
  BuildChange,
  RunItem,
} from '@imglife/backstage-plugin-imglife-common';
import type { ImageBuilder } from '@imglife/backstage-plugin-imglife-node';
import { smokeFault } from '../definitions/builderFaults';
import type { RunContext } from '../runs/RunContext';
import type { BaseHooks } from './BaseHooks';
import { TagRefusedError, type BasePublisher } from './BasePublisher';
import type { BaseStore, BuildAttempt } from './BaseStore';
import type { BaseTagPlan, PreparedBase } from './BaseTagPlan';
import { EXPORT_BUILDER } from './outside/ExportBuilder';
import { publishedContext } from './packContext';
import { planBuild, type PlannedBuild } from './planBuild';
import {
  awaitedMessage,
  blockedMessage,
  identityOf,
  whyLeftAlone,
} from './planWords';

/** What {@link BaseTagWorker} works with. */
export interface BaseTagWorkerOptions {
  store: BaseStore;
  publisher: BasePublisher;
  hooks: BaseHooks;
  /** by id */
  builders: ReadonlyMap<string, ImageBuilder>;
  now: () => Date;
  logger: LoggerService;
}

/** One attempt, as far as it came. */
interface Tried extends Partial<Pick<PlannedBuild, 'prepared' | 'changes'>> {
  /** ISO 8601 UTC */
  startedAt: string;
}

function reasonOf(
  changes: BuildChange[] | undefined,
): Pick<RunItem, 'reason' | 'changes'> {
  return changes
    ? { reason: changes.map(({ reason }) => reason).join(', '), changes }
    : { reason: null };
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
    const startedAt = this.#options.now().toISOString();
    const row = plan.known.find(each => each.tag === plan.tag);
    const reason = row && whyLeftAlone(row, context);
    if (reason) {
      this.#item(plan, context, { action: 'none', reason, state: 'skipped' });
      return false;
    }
    let planned: PlannedBuild;
    try {
      planned = await planBuild(plan, context);
    } catch (error) {
      return this.#fail(plan, context, error, { startedAt });
    }
    switch (planned.decision.action) {
      case 'build':
        return this.#build(plan, { ...planned, startedAt }, context);
      case 'blocked':
        return this.#block(plan, planned, context);
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
    planned: PlannedBuild,
    context: RunContext,
  ): Promise<boolean> {
    const { repository, tag, known } = plan;
    const { decision, changes } = planned;
    const reasons = decision.action === 'none' ? [] : decision.reasons;
    const message = blockedMessage(plan, reasons, planned);
    context.log(`${tag}: blocked, ${message}`);
    this.#item(plan, context, {
      action: 'blocked',
      reason: reasons.join(', '),
      state: context.force ? 'failed' : 'skipped',
      error: context.force ? message : null,
      changes,
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
    tried: Tried & PlannedBuild,
    context: RunContext,
  ): Promise<boolean> {
    const { publisher, store, hooks } = this.#options;
    const { tag } = plan;
    const { prepared, changes } = tried;
    const item = { action: 'build', ...reasonOf(changes) };
    try {
      const builder = this.#builderFor(plan, prepared);
      if (builder.id === EXPORT_BUILDER) {
        return await this.#await(plan, changes, context);
      }
      if (context.dryRun) {
        this.#item(plan, context, { ...item, state: 'planned' });
        context.log(`${tag}: due (${item.reason})`);
        return false;
      }
      context.log(`${tag}: building (${item.reason})`);
      const reasons = changes.map(({ reason }) => reason);
      const request = { plan, prepared, reasons, builder, context };
      const image = await publisher.publish(request);
      const attempt = {
        ...this.#attempt(plan, context, tried),
        context: await publishedContext(prepared),
      };
      const { digest } = image.descriptor;
      const isNew = await store.recordPublished(
        identityOf(plan),
        attempt,
        image,
        { onceSince: tried.startedAt },
      );
      context.log(`${tag}: published as ${digest}`);
      if (tried.held) {
        const message = blockedMessage(plan, tried.held.reasons);
        context.log(`${tag}: built from what was last published; ${message}`);
        await store.recordBlocked(plan.repository, tag, message);
      }
      if (isNew) {
        await hooks.published(identityOf(plan), attempt, digest, context);
      } else {
        context.log(`${tag}: another run published the same meanwhile`);
      }
    } catch (error) {
      return this.#fail(plan, context, error, tried);
    }
    this.#item(plan, context, { ...item, state: 'done' });
    return true;
  }

  /** Says what others are to build; nothing is built here. */
  async #await(
    plan: BaseTagPlan,
    changes: BuildChange[],
    context: RunContext,
  ): Promise<boolean> {
    const { tag, known } = plan;
    const reason = awaitedMessage(
      plan,
      changes.map(change => change.reason),
    );
    context.log(`${tag}: due, ${reason}`);
    const state = context.dryRun ? 'planned' : 'skipped';
    this.#item(plan, context, { action: 'export', reason, state, changes });
    const row = known.find(each => each.tag === tag);
    if (context.dryRun || (row?.state === 'blocked' && row.error === reason)) {
      return false;
    }
    await this.#options.store.recordAwaited(identityOf(plan), reason);
    return true;
  }

  #attempt(
    plan: BaseTagPlan,
    context: RunContext,
    { prepared, changes = [], startedAt }: Tried,
  ): BuildAttempt {
    return {
      inputHash: prepared?.inputHash ?? '',
      inputs: prepared?.inputs,
      dockerfile: prepared?.dockerfile ?? '',
      sources: prepared?.sources,
      reasons: changes.map(({ reason }) => reason),
      changes,
      builder: plan.definition.builder,
      runId: context.id,
      actor: context.actor,
      startedAt,
      finishedAt: this.#options.now().toISOString(),
    };
  }

  #builderFor(plan: BaseTagPlan, prepared: PreparedBase): ImageBuilder {
    const { builders } = this.#options;
    const { name, builder: id, smoke } = plan.definition;
    const builder = builders.get(id);
    if (!builder) {
      throw new InputError(
        `There is no builder "${id}" for base ${name}; known: ${[
          ...builders.keys(),
        ].join(', ')}`,
      );
    }
    if (smoke && !builder.smoke) {
      // definitions from git may name what was not there at the start
      throw new InputError(smokeFault(name, id));
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
    tried: Tried,
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
      ...reasonOf(tried.changes),
      state: 'failed',
      error: error.message,
    });
    if (context.dryRun) {
      return false;
    }
    const { store } = this.#options;
    await store.recordFailed(
      identityOf(plan),
      this.#attempt(plan, context, tried),
      error.message,
    );
    if (cause instanceof TagRefusedError) {
      await store.recordBlocked(plan.repository, tag, error.message);
    }
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
