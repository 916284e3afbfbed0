import { stringifyError } from '@backstage/errors';
import {
  formatRepository,
  RegistryError,
  resolveImage,
  type ImageLocation,
  type ResolvedImage,
} from '@imglife/oci';
import type { PathAdopter } from '../applications/ApplicationScanner';
import { invertBaseTag } from '../bases/baseTag';
import type {
  BaseDefinition,
  Definitions,
  MirrorDefinition,
  RepositoryName,
} from '../definitions/Definitions';
import { eachAtOnce } from '../eachAtOnce';
import type { LifecycleService } from '../lifecycle/LifecycleService';
import type { Registries } from '../registries/Registries';
import type { RunContext } from '../runs/RunContext';
import type { AdoptionStore } from './AdoptionStore';

const TAGS_AT_ONCE = 4;
// cosign's and the referrers tag schema's names for what belongs to a digest
export const DIGEST_TAG = /^sha(?:256|512)-[0-9a-f]{64,128}(?:\.\w+)?$/;

/** What {@link DefaultPathAdopter} works with. */
export interface DefaultPathAdopterOptions {
  definitions: Definitions;
  registries: Registries;
  store: AdoptionStore;
  lifecycle: Pick<LifecycleService, 'load'>;
  now: () => Date;
}

/**
 * Adopts the tags on the paths of declared mirrors and bases that there is no
 * record of: read, recorded with their chains, and never changed. A base's tag
 * is taken apart by its `tagFormat`; one that was not made by it is left alone.
 * While a sync or build of the same entry is under way its tags are left to it.
 */
export class DefaultPathAdopter implements PathAdopter {
  readonly #options: DefaultPathAdopterOptions;

  static create(options: DefaultPathAdopterOptions): DefaultPathAdopter {
    return new DefaultPathAdopter(options);
  }

  private constructor(options: DefaultPathAdopterOptions) {
    this.#options = options;
  }

  async adopt(context: RunContext, repository?: string): Promise<boolean> {
    const { definitions, store } = this.#options;
    const isMeant = ({ target }: { target: RepositoryName }) =>
      repository === undefined || formatRepository(target) === repository;
    let adopted = 0;
    for (const mirror of definitions.mirrors.entries.filter(isMeant)) {
      adopted += await this.#path(mirror.target, context, {
        isBusy: await store.isBusy('sync', mirror.name),
        adopt: (tag, image) => this.#mirrorTag(mirror, tag, image),
      });
    }
    for (const base of definitions.bases.entries.filter(isMeant)) {
      adopted += await this.#path(base.target, context, {
        isBusy: await store.isBusy('build', base.name),
        isOurs: tag => invertBaseTag(base.tagFormat, tag) !== undefined,
        adopt: (tag, image) => this.#baseTag(base, tag, image),
      });
    }
    if (adopted) {
      context.log(`${adopted} tags of mirrors and bases were adopted`);
    }
    return adopted > 0;
  }

  async #path(
    target: RepositoryName,
    context: RunContext,
    how: {
      isBusy: boolean;
      isOurs?: (tag: string) => boolean;
      adopt(tag: string, image: ResolvedImage): Promise<void>;
    },
  ): Promise<number> {
    const repository = formatRepository(target);
    if (how.isBusy) {
      context.log(`${repository}: is worked on just now, left to that run`);
      return 0;
    }
    const tags = await this.#unrecorded(target, context);
    let adopted = 0;
    const wanted = tags.filter(tag => how.isOurs?.(tag) ?? true);
    await eachAtOnce(wanted, TAGS_AT_ONCE, async tag => {
      context.signal.throwIfAborted();
      adopted += await this.#one(`${repository}:${tag}`, context, async () => {
        const location = { ...this.#location(target), reference: tag };
        const { signal } = context;
        await how.adopt(tag, await resolveImage(location, { signal }));
      });
    });
    return adopted;
  }

  async #one(
    reference: string,
    context: RunContext,
    work: () => Promise<void>,
  ): Promise<number> {
    const item = { reference, action: 'adopt', reason: 'adopted' };
    if (context.dryRun) {
      context.item({ ...item, state: 'planned', error: null });
      return 0;
    }
    try {
      await work();
      context.item({ ...item, state: 'done', error: null });
      return 1;
    } catch (error) {
      context.signal.throwIfAborted();
      context.item({ ...item, state: 'failed', error: stringifyError(error) });
      return 0;
    }
  }

  async #unrecorded(
    target: RepositoryName,
    context: RunContext,
  ): Promise<string[]> {
    const { store } = this.#options;
    const repository = formatRepository(target);
    const { client } = this.#location(target);
    try {
      const tags = await client.listTags(target.repository, {
        signal: context.signal,
      });
      const known = await store.recordedTags(repository);
      return tags.filter(tag => !known.has(tag) && !DIGEST_TAG.test(tag));
    } catch (error) {
      context.signal.throwIfAborted();
      if (!(error instanceof RegistryError && error.status === 404)) {
        context.item({
          reference: repository,
          action: 'list',
          reason: 'tags',
          state: 'failed',
          error: stringifyError(error),
        });
      }
      return [];
    }
  }

  async #mirrorTag(
    mirror: MirrorDefinition,
    tag: string,
    image: ResolvedImage,
  ): Promise<void> {
    await this.#options.store.adoptMirrorTag({
      mirror: mirror.name,
      repository: formatRepository(mirror.target),
      upstreamRepository: formatRepository(mirror.source),
      tag,
      image,
      at: this.#options.now().toISOString(),
    });
  }

  async #baseTag(
    base: BaseDefinition,
    tag: string,
    image: ResolvedImage,
  ): Promise<void> {
    const parts = invertBaseTag(base.tagFormat, tag)!;
    const source = this.#sourceOf(base);
    const mirror = this.#mirrorBelow(base);
    const known = await this.#options.lifecycle.load();
    const product =
      mirror && known.productOf(mirror.source, mirror.lifecycle.product);
    await this.#options.store.adoptBaseTag({
      ...parts,
      name: base.name,
      kind: base.kind,
      owner: base.owner,
      repository: formatRepository(base.target),
      tag,
      source:
        source && `${formatRepository(source.target)}:${parts.upstreamTag}`,
      cycles: known.cyclesOf(product, parts.upstreamTag),
      image,
      at: this.#options.now().toISOString(),
    });
  }

  /** What the base follows: a mirror, or another base. */
  #sourceOf(
    base: BaseDefinition,
  ): MirrorDefinition | BaseDefinition | undefined {
    const { mirrors, bases } = this.#options.definitions;
    const from: { mirror?: string; base?: string } = base.from;
    return from.mirror === undefined
      ? bases.entries.find(entry => entry.name === from.base)
      : mirrors.entries.find(entry => entry.name === from.mirror);
  }

  #mirrorBelow(base: BaseDefinition): MirrorDefinition | undefined {
    let below = this.#sourceOf(base);
    // declared bases do not go in a circle, but this must not hang if they did
    for (let depth = 0; below && 'from' in below && depth < 10; depth += 1) {
      below = this.#sourceOf(below);
    }
    return below && 'source' in below ? below : undefined;
  }

  #location({
    registry,
    repository,
  }: RepositoryName): Omit<ImageLocation, 'reference'> {
    const client = this.#options.registries.clientFor(registry);
    return { client, repository };
  }
}
