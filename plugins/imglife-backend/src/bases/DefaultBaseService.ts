import type { LoggerService } from '@backstage/backend-plugin-api';
import type { NotificationService } from '@backstage/plugin-notifications-node';
import type {
  ImageBuilder,
  ImageSigner,
} from '@imglife/backstage-plugin-imglife-node';
import { formatRepository } from '@imglife/oci';
import type { BaseDefinition, Definitions } from '../definitions/Definitions';
import type {
  LifecycleData,
  LifecycleService,
} from '../lifecycle/LifecycleService';
import type { Registries } from '../registries/Registries';
import type { RunContext } from '../runs/RunContext';
import type { StatusRecomputer } from '../status/StatusRecomputer';
import { BaseHooks } from './BaseHooks';
import { BasePlanner } from './BasePlanner';
import { BasePublisher } from './BasePublisher';
import type { BaseService } from './BaseService';
import type { BaseTagPlan } from './BaseTagPlan';
import type { BaseStore } from './BaseStore';
import type { ContextTrees } from './ContextTrees';
import { BaseTagWorker } from './BaseTagWorker';
import { FloatingTagMover } from './FloatingTagMover';
import { orderBases } from './orderBases';
import { eachAtOnce } from '../eachAtOnce';

/** What {@link DefaultBaseService} works with. */
export interface DefaultBaseServiceOptions {
  definitions: Pick<Definitions, 'mirrors' | 'policy' | 'registries'> & {
    bases: Omit<Definitions['bases'], 'builders' | 'signers'>;
  };
  registries: Pick<Registries, 'clientFor'>;
  trees: Pick<ContextTrees, 'read'>;
  store: BaseStore;
  /** by id; the embedded one and those of the builders extension point */
  builders: ReadonlyMap<string, ImageBuilder>;
  /** by id; none when missing */
  signers?: ReadonlyMap<string, ImageSigner>;
  /** of the portal */
  notifications: NotificationService;
  lifecycle: Pick<LifecycleService, 'load'>;
  recomputer: StatusRecomputer;
  now: () => Date;
  logger: LoggerService;
}

/** Plans from stored state and builds what differs from it. */
export class DefaultBaseService implements BaseService {
  readonly kind = 'build';
  readonly #options: DefaultBaseServiceOptions;
  readonly #planner: BasePlanner;
  readonly #worker: BaseTagWorker;
  readonly #floating: FloatingTagMover;

  static create(options: DefaultBaseServiceOptions): DefaultBaseService {
    return new DefaultBaseService(options);
  }

  private constructor(options: DefaultBaseServiceOptions) {
    const { registries, definitions, signers, now } = options;
    this.#options = options;
    this.#planner = BasePlanner.create(options);
    this.#floating = FloatingTagMover.create(options);
    this.#worker = BaseTagWorker.create({
      ...options,
      hooks: BaseHooks.create(options),
      publisher: BasePublisher.create({
        registries,
        definitions,
        signers,
        now,
      }),
    });
  }

  /**
   * @throws NotFoundError - there is no base of the target's name
   */
  async run(context: RunContext): Promise<void> {
    const { lifecycle, recomputer } = this.#options;
    const bases = this.#planner.wanted(context.target);
    const known = await lifecycle.load();
    let changed = false;
    try {
      for (const group of orderBases(bases)) {
        changed = (await this.#buildGroup(group, known, context)) || changed;
      }
    } finally {
      if (changed) {
        await recomputer.recompute('bases built');
      }
    }
  }

  /** @returns whether a row changed */
  async #buildGroup(
    bases: BaseDefinition[],
    lifecycle: LifecycleData,
    context: RunContext,
  ): Promise<boolean> {
    const { definitions, store } = this.#options;
    let changed = false;
    if (!context.dryRun) {
      changed = await store.describe(
        bases.map(({ target, kind, owner }) => ({
          repository: formatRepository(target),
          kind,
          owner,
        })),
      );
    }
    const plans = await this.#planner.plan(bases, lifecycle, context);
    if (!context.dryRun) {
      const followed = tagsByRepository(bases, plans);
      changed = (await store.forgetUnpublished(followed)) || changed;
    }
    context.progress({ total: plans.length });
    await eachAtOnce(plans, definitions.bases.concurrency, async plan => {
      context.signal.throwIfAborted();
      changed = (await this.#worker.work(plan, context)) || changed;
      context.progress({ done: 1 });
    });
    await this.#floating.move(bases, context);
    return changed;
  }
}

/** The tags that each of the bases is to have. */
function tagsByRepository(
  bases: ReadonlyArray<BaseDefinition>,
  plans: ReadonlyArray<BaseTagPlan>,
): Map<string, Set<string>> {
  const found = new Map(
    bases.map(({ target }) => [formatRepository(target), new Set<string>()]),
  );
  plans.forEach(({ repository, tag }) => found.get(repository)?.add(tag));
  return found;
}
