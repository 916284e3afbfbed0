import { toError } from '@backstage/errors';
import { formatRepository } from '@imglife/oci';
import type { BaseDefinition } from '../definitions/Definitions';
import type { Registries } from '../registries/Registries';
import type { RunContext } from '../runs/RunContext';
import type { BaseStore, BaseTag } from './BaseStore';
import { floatingTags } from './floatingTags';

/** What {@link FloatingTagMover} works with. */
export interface FloatingTagMoverOptions {
  registries: Pick<Registries, 'clientFor'>;
  store: Pick<BaseStore, 'baseTags' | 'floatingTags' | 'recordFloating'>;
  now: () => Date;
}

/**
 * Sets the floating tags of a base from stored state: what is recorded as
 * being so costs no request, and what a killed run left is done by the next.
 */
export class FloatingTagMover {
  readonly #options: FloatingTagMoverOptions;

  static create(options: FloatingTagMoverOptions): FloatingTagMover {
    return new FloatingTagMover(options);
  }

  private constructor(options: FloatingTagMoverOptions) {
    this.#options = options;
  }

  /** A tag that cannot be set is a failed item; the others are set. */
  async move(
    definitions: ReadonlyArray<BaseDefinition>,
    context: RunContext,
  ): Promise<void> {
    const { store } = this.#options;
    const floating = definitions
      .filter(definition => definition.floatingTags.length)
      .map(definition => ({
        definition,
        repository: formatRepository(definition.target),
      }));
    const repositories = floating.map(({ repository }) => repository);
    const known = await store.baseTags(repositories);
    const present = await store.floatingTags(repositories);
    for (const { definition, repository } of floating) {
      const rows = known.get(repository) ?? [];
      const wanted = floatingTags(definition.floatingTags, rows);
      this.#sayLeft(
        repository,
        present.get(repository),
        { wanted, rows },
        context,
      );
      for (const [tag, { tag: baseTag, digest = '' }] of wanted) {
        if (present.get(repository)?.get(tag) !== digest) {
          context.signal.throwIfAborted();
          await this.#set(definition, { tag, baseTag, digest }, context);
        }
      }
    }
  }

  /** A tag cannot be taken from a registry without what it stands on. */
  #sayLeft(
    repository: string,
    present: ReadonlyMap<string, string> = new Map(),
    { wanted, rows }: { wanted: ReadonlyMap<string, BaseTag>; rows: BaseTag[] },
    context: Pick<RunContext, 'item' | 'log'>,
  ): void {
    for (const [tag, digest] of present) {
      const base = rows.find(row => row.withdrawal && row.digest === digest);
      if (base && !wanted.has(tag)) {
        const reason = `is still ${base.tag}, which is withdrawn: there is no other base for it; delete it at the registry`;
        context.log(`${tag}: ${reason}`);
        context.item({
          reference: `${repository}:${tag}`,
          action: 'tag',
          reason,
          state: 'skipped',
          error: null,
        });
      }
    }
  }

  async #set(
    { target }: BaseDefinition,
    moved: { tag: string; baseTag: string; digest: string },
    context: RunContext,
  ): Promise<void> {
    const { registries, store, now } = this.#options;
    const { tag, baseTag, digest } = moved;
    const repository = formatRepository(target);
    const item = {
      reference: `${repository}:${tag}`,
      action: 'tag',
      reason: baseTag,
      error: null,
    };
    if (context.dryRun) {
      context.item({ ...item, state: 'planned' });
      return;
    }
    const { signal } = context;
    try {
      const client = registries.clientFor(target.registry);
      const manifest = await client.getManifest(target.repository, digest, {
        signal,
      });
      const { mediaType } = manifest.descriptor;
      await client.putManifest(
        target.repository,
        tag,
        manifest.bytes,
        mediaType,
      );
      await store.recordFloating(repository, {
        ...moved,
        at: now().toISOString(),
      });
      context.log(`${tag}: is ${baseTag} now`);
      context.item({ ...item, state: 'done' });
    } catch (cause) {
      signal.throwIfAborted();
      const error = toError(cause).message;
      context.log(`${tag}: could not be set to ${baseTag}: ${error}`);
      context.item({ ...item, state: 'failed', error });
    }
  }
}
