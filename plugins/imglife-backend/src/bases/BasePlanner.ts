import { NotFoundError, toError } from '@backstage/errors';
import { formatRepository } from '@imglife/oci';
import type {
  BaseDefinition,
  Definitions,
  MirrorDefinition,
} from '../definitions/Definitions';
import type { LifecycleData } from '../lifecycle/LifecycleService';
import type { RunContext } from '../runs/RunContext';
import type { BaseStore, BaseTag } from './BaseStore';
import { sourceReference } from './baseSourceTags';
import { formatBaseTag } from './baseTag';
import type { BaseTagPlan } from './BaseTagPlan';
import type { ContextTrees } from './ContextTrees';
import { mirrorBelow } from './orderBases';
import { planBuilds, type MirrorTag } from './planBuilds';
import { readSources } from './readSources';

/** What {@link BasePlanner} works with. */
export interface BasePlannerOptions {
  /** read at use: they may change */
  definitions: Pick<Definitions, 'mirrors' | 'policy'> & {
    bases: Pick<Definitions['bases'], 'entries'>;
  };
  trees: Pick<ContextTrees, 'read'>;
  store: Pick<
    BaseStore,
    'mirrorTags' | 'publishedTags' | 'baseTags' | 'context'
  >;
  now: () => Date;
}

/** Tags by `host/path:tag`. */
export interface PlannedTags {
  /** that bases are to have */
  wanted: Set<string>;
  /** that they are to be built on */
  followed: Set<string>;
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= read();
    return result;
  };
}

/** Finds from stored state which tags a base is to have. */
export class BasePlanner {
  readonly #options: BasePlannerOptions;

  static create(options: BasePlannerOptions): BasePlanner {
    return new BasePlanner(options);
  }

  private constructor(options: BasePlannerOptions) {
    this.#options = options;
  }

  /**
   * The bases of a target, or all of them.
   *
   * @param target - name of a base
   * @throws NotFoundError - there is no base of that name
   */
  wanted(target: string | undefined): BaseDefinition[] {
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

  /**
   * One plan for each tag that the bases follow, in their order. A tag that
   * cannot be named is a failed item.
   */
  async plan(
    definitions: ReadonlyArray<BaseDefinition>,
    lifecycle: LifecycleData,
    context: Pick<RunContext, 'item' | 'log'>,
  ): Promise<BaseTagPlan[]> {
    const known = await this.#options.store.baseTags(
      definitions.map(({ target }) => formatRepository(target)),
    );
    const readBelow = this.#belowReader();
    const plans: BaseTagPlan[] = [];
    for (const definition of definitions) {
      const mirror = this.#mirrorOf(definition);
      const tags = await readBelow(definition, mirror);
      plans.push(
        ...this.#planBase(
          { definition, mirror, tags, lifecycle, known },
          context,
        ),
      );
    }
    return plans;
  }

  /**
   * The tags that all bases are to have now, and those of mirrors and bases
   * that they follow. One whose name cannot be formed is none.
   */
  async tags(lifecycle: LifecycleData): Promise<PlannedTags> {
    const silent = { item: () => {}, log: () => {} };
    const plans = await this.plan(this.wanted(undefined), lifecycle, silent);
    return {
      wanted: new Set(plans.map(plan => `${plan.repository}:${plan.tag}`)),
      followed: new Set(plans.map(plan => sourceReference(plan.mirrorTag))),
    };
  }

  #planBase(
    found: Pick<BaseTagPlan, 'definition' | 'mirror' | 'lifecycle'> & {
      tags: MirrorTag[];
      known: ReadonlyMap<string, BaseTag[]>;
    },
    context: Pick<RunContext, 'item' | 'log'>,
  ): BaseTagPlan[] {
    const { definition, mirror, lifecycle, tags } = found;
    const { from, name } = definition;
    const repository = formatRepository(definition.target);
    const followed = planBuilds(from, tags, tag =>
      this.#isSupported(tag, mirror, lifecycle),
    );
    if (!followed.length) {
      const wanted = 'tag' in from ? `tag ${from.tag}` : 'tag it could follow';
      const below = from.base ? `base ${from.base}` : `mirror ${mirror.name}`;
      context.log(`${name}: ${below} holds no ${wanted} yet`);
    }
    const sources = once(() => readSources(definition, this.#options.trees));
    return followed.flatMap(mirrorTag => {
      const tag = tagOf(definition, mirrorTag, repository, context);
      return tag === undefined
        ? []
        : {
            definition,
            mirror,
            mirrorTag,
            repository,
            tag,
            known: found.known.get(repository) ?? [],
            readSources: sources,
            readContext: hash => this.#options.store.context(hash),
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

  /** Reads what bases are built on, each of it once. */
  #belowReader() {
    const { store, definitions } = this.#options;
    const read = new Map<string, Promise<MirrorTag[]>>();
    return (
      { from }: BaseDefinition,
      mirror: MirrorDefinition,
    ): Promise<MirrorTag[]> => {
      const pinned = 'tag' in from ? from.tag : undefined;
      const base = definitions.bases.entries.find(
        each => each.name === from.base,
      );
      const key = JSON.stringify(base ? [base.name, pinned] : mirror.name);
      const tags =
        read.get(key) ??
        (base
          ? store.publishedTags(formatRepository(base.target), pinned)
          : store.mirrorTags(mirror.name, formatRepository(mirror.target)));
      read.set(key, tags);
      return tags;
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
}

function tagOf(
  definition: BaseDefinition,
  mirrorTag: MirrorTag,
  repository: string,
  context: Pick<RunContext, 'item'>,
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
