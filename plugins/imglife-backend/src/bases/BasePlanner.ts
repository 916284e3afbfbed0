import { NotFoundError, toError } from '@backstage/errors';
import { formatRepository } from '@imglife/oci';
import type {
  BaseDefinition,
  Definitions,
  MirrorDefinition,
} from '../definitions/Definitions';
import type { LifecycleData } from '../lifecycle/LifecycleService';
import type { RunContext } from '../runs/RunContext';
import type { BaseStore } from './BaseStore';
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
  store: Pick<BaseStore, 'mirrorTags' | 'publishedTags' | 'baseTags'>;
  now: () => Date;
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
   * One plan for each tag that the base follows. A tag that cannot be named is
   * a failed item.
   */
  async plan(
    definition: BaseDefinition,
    lifecycle: LifecycleData,
    context: Pick<RunContext, 'item' | 'log'>,
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
      const tag = tagOf(definition, mirrorTag, repository, context);
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
