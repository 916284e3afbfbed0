import type { LoggerService } from '@backstage/backend-plugin-api';
import { NotFoundError, toError } from '@backstage/errors';
import type { ImageBuilder } from '@imglife/backstage-plugin-imglife-node';
import { formatRepository } from '@imglife/oci';
import type {
  BaseDefinition,
  Definitions,
  MirrorDefinition,
} from '../definitions/Definitions';
import type {
  LifecycleData,
  LifecycleService,
} from '../lifecycle/LifecycleService';
import type { Registries } from '../registries/Registries';
import type { RunContext } from '../runs/RunContext';
import type { StatusRecomputer } from '../status/StatusRecomputer';
import { BaseHooks } from './BaseHooks';
import { BasePublisher } from './BasePublisher';
import type { BaseService } from './BaseService';
import type { BaseStore } from './BaseStore';
import { formatBaseTag } from './baseTag';
import type { BaseTagPlan } from './BaseTagPlan';
import type { ContextTrees } from './ContextTrees';
import { BaseTagWorker } from './BaseTagWorker';
import { FloatingTagMover } from './FloatingTagMover';
import { mirrorBelow, orderBases } from './orderBases';
import { eachAtOnce } from '../eachAtOnce';
import { planBuilds, type MirrorTag } from './planBuilds';
import { readSources } from './readSources';

/** What {@link DefaultBaseService} works with. */
export interface DefaultBaseServiceOptions {
  definitions: Pick<Definitions, 'mirrors' | 'policy' | 'registries'> & {
    bases: Omit<Definitions['bases'], 'builders'>;
  };
  registries: Pick<Registries, 'clientFor'>;
  trees: Pick<ContextTrees, 'read'>;
  store: BaseStore;
  /** by id; the embedded one and those of the builders extension point */
  builders: ReadonlyMap<string, ImageBuilder>;
  lifecycle: Pick<LifecycleService, 'load'>;
  recomputer: StatusRecomputer;
  now: () => Date;
  logger: LoggerService;
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= read();
    return result;
  };
}

/** Plans from stored state and builds what differs from it. */
export class DefaultBaseService implements BaseService {
  readonly kind = 'build';
  readonly #options: DefaultBaseServiceOptions;
  readonly #worker: BaseTagWorker;
  readonly #floating: FloatingTagMover;

  static create(options: DefaultBaseServiceOptions): DefaultBaseService {
    return new DefaultBaseService(options);
  }

  private constructor(options: DefaultBaseServiceOptions) {
    const { registries, definitions, now } = options;
    this.#options = options;
    this.#floating = FloatingTagMover.create(options);
    this.#worker = BaseTagWorker.create({
      ...options,
      hooks: BaseHooks.create(definitions),
      publisher: BasePublisher.create({
        registries,
        definitions,
        now,
      }),
    });
  }

  /**
   * @throws NotFoundError - there is no base of the target's name
   */
  async run(context: RunContext): Promise<void> {
    const { lifecycle, recomputer } = this.#options;
    const bases = this.#wanted(context.target);
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
    const plans: BaseTagPlan[] = [];
    let changed = false;
    for (const base of bases) {
      if (!context.dryRun) {
        const repository = formatRepository(base.target);
        changed = (await store.describe(repository, base)) || changed;
      }
      plans.push(...(await this.#plan(base, lifecycle, context)));
    }
    context.progress({ total: plans.length });
    await eachAtOnce(plans, definitions.bases.concurrency, async plan => {
      context.signal.throwIfAborted();
      changed = (await this.#worker.work(plan, context)) || changed;
      context.progress({ done: 1 });
    });
    for (const base of bases) {
      await this.#floating.move(base, context);
    }
    return changed;
  }

  #wanted(target: string | undefined): BaseDefinition[] {
    const { entries } = this.#options.definitions.bases;
    const wanted = entries.filter(
      ({ name }) => target === undefined || name === target,
    );
    if (target !== undefined && !wanted.length) {
      const names = entries.map(({ name }) => name).join(', ');
      throw new NotFoundError(
        `There is no base "${target}"; known: ${names || 'none'}`,
      );
    }
    return wanted;
  }

  async #plan(
    definition: BaseDefinition,
    lifecycle: LifecycleData,
    context: RunContext,
  ): Promise<BaseTagPlan[]> {
    const { store } = this.#options;
    const { from, name } = definition;
    const mirror = this.#mirrorOf(definition);
    const below = this.#below(definition, mirror);
    const repository = formatRepository(definition.target);
    const [tags, known] = await Promise.all([
      below.read(),
      store.baseTags(repository),
    ]);
    const followed = planBuilds(from, tags, tag =>
      this.#isSupported(tag, mirror, lifecycle),
    );
    if (!followed.length) {
      const wanted = 'tag' in from ? `tag ${from.tag}` : 'tag it could follow';
      context.log(`${name}: ${below.called} holds no ${wanted} yet`);
    }
    const sources = once(() => readSources(definition, this.#options.trees));
    return followed.flatMap(mirrorTag => {
      const tag = this.#tagOf(definition, mirrorTag, repository, context);
      return tag === undefined
        ? []
        : {
            definition,
            mirror,
            mirrorTag,
            repository,
            tag,
            known,
            readSources: sources,
            lifecycle,
          };
    });
  }

  #mirrorOf(definition: BaseDefinition): MirrorDefinition {
    const { bases, mirrors } = this.#options.definitions;
    return mirrorBelow(definition, {
      bases: bases.entries,
      mirrors: mirrors.entries,
    });
  }

  #below({ from }: BaseDefinition, mirror: MirrorDefinition) {
    const { store, definitions } = this.#options;
    const base = definitions.bases.entries.find(
      each => each.name === from.base,
    );
    const pinned = 'tag' in from ? from.tag : undefined;
    return base
      ? {
          called: `base ${base.name}`,
          read: () =>
            store.publishedTags(formatRepository(base.target), pinned),
        }
      : {
          called: `mirror ${mirror.name}`,
          read: () =>
            store.mirrorTags(mirror.name, formatRepository(mirror.target)),
        };
  }

  #isSupported(
    tag: MirrorTag,
    mirror: MirrorDefinition,
    lifecycle: LifecycleData,
  ): boolean {
    const { now, definitions } = this.#options;
    const { extendedSupport } = mirror.lifecycle;
    const { warnDays } = definitions.policy;
    const options = { now: now(), warnDays, extendedSupport };
    return lifecycle.judge(tag, options).support !== 'ended';
  }

  #tagOf(
    definition: BaseDefinition,
    mirrorTag: MirrorTag,
    repository: string,
    context: RunContext,
  ): string | undefined {
    try {
      const { tagFormat, coreVersion } = definition;
      return formatBaseTag(tagFormat, {
        upstreamTag: mirrorTag.tag,
        coreVersion,
      });
    } catch (error) {
      context.item({
        reference: `${repository}:${mirrorTag.tag}`,
        action: 'build',
        reason: null,
        state: 'failed',
        error: toError(error).message,
      });
      return undefined;
    }
  }
}
