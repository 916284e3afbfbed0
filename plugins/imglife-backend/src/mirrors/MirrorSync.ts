import { stringifyError } from '@backstage/errors';
import {
  copyImage,
  Descriptor,
  formatRepository,
  ImageLocation,
  RegistryError,
  resolveImage,
} from '@imglife/oci';
import { eachAtOnce } from '../eachAtOnce';
import type { MirrorTagTable } from '../database/tables';
import type { MirrorDefinition } from '../definitions/Definitions';
import type { ImageCycles, LifecycleData } from '../lifecycle/LifecycleService';
import type { Registries } from '../registries/Registries';
import type { RunContext } from '../runs/RunContext';
import type { MirrorStore, MirrorTagKey, PulledTag } from './MirrorStore';
import { SelectionLifecycle, selectTags, TagChoice } from './selectTags';

const TAGS_AT_ONCE = 8;
const DAY_MS = 86_400_000;
// A cycle that ended a short time ago is still in use somewhere.
const MIRRORED_AFTER_END_DAYS = 90;

/** What {@link MirrorSync} works with. */
export interface MirrorSyncOptions {
  mirror: MirrorDefinition;
  registries: Registries;
  store: MirrorStore;
  lifecycle: LifecycleData;
  context: RunContext;
  now: () => Date;
}

/** One round of one mirror: list, select, compare, copy what differs, record. */
export class MirrorSync {
  readonly #options: MirrorSyncOptions;
  readonly #product: string | undefined;
  readonly #verified: string[] = [];
  #changed = false;

  static create(options: MirrorSyncOptions): MirrorSync {
    return new MirrorSync(options);
  }

  private constructor(options: MirrorSyncOptions) {
    this.#options = options;
    const { source, lifecycle } = options.mirror;
    this.#product = options.lifecycle.productOf(source, lifecycle.product);
  }

  /** @returns whether a row was written that verdicts may depend on */
  async run(): Promise<boolean> {
    const { mirror, context, store } = this.#options;
    const upstream = await this.#listUpstream();
    const choices = selectTags({
      tags: upstream,
      selection: mirror.tags,
      lifecycle: this.#selectionLifecycle(),
    });
    const wanted = choices.filter(choice => choice.selected);
    context.progress({ total: wanted.length });
    context.log(
      `${mirror.name}: ${wanted.length} of ${upstream.length} upstream tags are selected`,
    );
    this.#reportMissingNames(new Set(upstream));
    const rows = new Map(
      (await store.list(mirror.name)).map(row => [row.tag, row]),
    );
    await eachAtOnce(wanted, TAGS_AT_ONCE, async choice => {
      context.signal.throwIfAborted();
      await this.#tag(choice, rows.get(choice.tag));
      context.progress({ done: 1 });
    });
    if (!context.dryRun) {
      await this.#settle(new Set(upstream), wanted, rows);
    }
    context.log(
      `${mirror.name}: ${this.#verified.length} tags are as upstream has them`,
    );
    return this.#changed;
  }

  async #listUpstream(): Promise<string[]> {
    const { mirror, registries, context } = this.#options;
    const client = registries.clientFor(mirror.source.registry);
    return client.listTags(mirror.source.repository, {
      signal: context.signal,
    });
  }

  #selectionLifecycle(): SelectionLifecycle | undefined {
    const { lifecycle, mirror, now } = this.#options;
    const product = this.#product;
    if (product === undefined || !lifecycle.cyclesOfProduct(product).length) {
      return undefined;
    }
    const since = new Date(now().getTime() - MIRRORED_AFTER_END_DAYS * DAY_MS);
    return {
      cycles: lifecycle.cyclesOfProduct(product).map(cycle => cycle.name),
      cycleOf: tag => lifecycle.cyclesOf(product, tag).cycle,
      isMirrored: cycle =>
        lifecycle.judge(
          { product, cycle },
          {
            now: since,
            warnDays: 0,
            extendedSupport: mirror.lifecycle.extendedSupport,
          },
        ).support !== 'ended',
    };
  }

  #reportMissingNames(upstream: ReadonlySet<string>): void {
    const { mirror, context } = this.#options;
    for (const name of mirror.tags.names) {
      if (!upstream.has(name)) {
        context.item({
          reference: this.#reference(name),
          action: 'copy',
          reason: 'named',
          state: 'failed',
          error: `${formatRepository(mirror.source)} has no tag ${name}`,
        });
      }
    }
  }

  async #tag(
    choice: TagChoice,
    row: MirrorTagTable | undefined,
  ): Promise<void> {
    const { context, store } = this.#options;
    try {
      await this.#compare(choice, row);
    } catch (error) {
      context.signal.throwIfAborted();
      const message = stringifyError(error);
      context.log(`${this.#reference(choice.tag)}: ${message}`);
      context.item({
        reference: this.#reference(choice.tag),
        action: row?.digest ? 'update' : 'copy',
        reason: choice.reason,
        state: 'failed',
        error: message,
      });
      if (!context.dryRun) {
        await store.recordFailure(this.#key(choice.tag), message);
        this.#changed = true;
      }
    }
  }

  async #compare(
    choice: TagChoice,
    row: MirrorTagTable | undefined,
  ): Promise<void> {
    const { context } = this.#options;
    const source = this.#source(choice.tag);
    const target = this.#target(choice.tag);
    const [wanted, present] = await Promise.all([
      this.#head(source),
      this.#head(target),
    ]);
    if (!wanted) {
      throw new RegistryError('upstream lists this tag but does not have it', {
        host: source.client.host,
        repository: source.repository,
        reference: choice.tag,
      });
    }
    if (present?.digest === wanted.digest) {
      await this.#unchanged(choice, wanted, row);
      return;
    }
    const action = present ? 'update' : 'copy';
    const reason = present
      ? `upstream moved from ${present.digest}`
      : choice.reason;
    if (!context.dryRun) {
      await this.#copy(choice.tag, wanted);
    }
    context.item({
      reference: this.#reference(choice.tag),
      action,
      reason,
      state: context.dryRun ? 'planned' : 'done',
      error: null,
    });
  }

  async #unchanged(
    choice: TagChoice,
    wanted: Descriptor,
    row: MirrorTagTable | undefined,
  ): Promise<void> {
    const { tag } = choice;
    const cycles = this.#cycles(tag);
    const isRecorded =
      row?.digest === wanted.digest &&
      row.upstream_digest === wanted.digest &&
      row.product === (cycles.product ?? null) &&
      row.cycle === (cycles.cycle ?? null);
    if (!isRecorded && !this.#options.context.dryRun) {
      // It was copied before us, or the process died before it was recorded
      const image = await resolveImage(
        { ...this.#target(tag), reference: wanted.digest },
        { signal: this.#options.context.signal },
      );
      await this.#record(tag, wanted, { image, bytes: 0, durationMs: 0 });
    }
    this.#verified.push(tag);
  }

  async #copy(tag: string, wanted: Descriptor): Promise<void> {
    const { context, now } = this.#options;
    const startedAt = now().getTime();
    const target = this.#target(tag);
    const copied = await copyImage({
      // By digest: what was compared is what is copied
      source: { ...this.#source(tag), reference: wanted.digest },
      target: { client: target.client, repository: target.repository, tag },
      signal: context.signal,
      onBytes: bytes => context.progress({ bytes }),
    });
    const { digest, mediaType, images, sizeBytes, bytesMoved } = copied;
    await this.#record(tag, wanted, {
      image: {
        descriptor: { digest, mediaType, size: wanted.size },
        images,
        sizeBytes,
      },
      bytes: bytesMoved,
      durationMs: now().getTime() - startedAt,
    });
    context.log(
      `${this.#reference(tag)}: copied ${digest}, ${bytesMoved} bytes`,
    );
  }

  async #record(
    tag: string,
    wanted: Descriptor,
    pulled: Pick<PulledTag, 'image' | 'bytes' | 'durationMs'>,
  ): Promise<void> {
    const { store, context, now } = this.#options;
    await store.recordPull({
      ...this.#key(tag),
      ...pulled,
      upstreamDigest: wanted.digest,
      cycles: this.#cycles(tag),
      runId: context.id,
      actor: context.actor,
      at: now().toISOString(),
    });
    this.#changed = true;
  }

  /** What the round says of tags as a whole. */
  async #settle(
    upstream: ReadonlySet<string>,
    wanted: TagChoice[],
    rows: ReadonlyMap<string, MirrorTagTable>,
  ): Promise<void> {
    const { mirror, store, now, context } = this.#options;
    const repository = formatRepository(mirror.target);
    await store.recordVerified(repository, this.#verified, now().toISOString());
    const gone = [...rows.values()].filter(
      row => !upstream.has(row.tag) && row.state !== 'gone-upstream',
    );
    await store.recordGone(
      repository,
      gone.map(row => row.tag),
    );
    for (const row of gone) {
      context.log(`${this.#reference(row.tag)}: is gone upstream, kept here`);
    }
    await store.setSelected(
      mirror.name,
      repository,
      new Set(wanted.map(choice => choice.tag)),
    );
    const recovered = this.#verified.some(
      tag => rows.get(tag) && rows.get(tag)!.state !== 'current',
    );
    this.#changed ||= gone.length > 0 || recovered;
  }

  #cycles(tag: string): ImageCycles {
    return this.#options.lifecycle.cyclesOf(this.#product, tag);
  }

  async #head(location: ImageLocation): Promise<Descriptor | undefined> {
    const { client, repository, reference } = location;
    return client.headManifest(repository, reference, {
      signal: this.#options.context.signal,
    });
  }

  #source(tag: string): ImageLocation {
    const { registry, repository } = this.#options.mirror.source;
    const client = this.#options.registries.clientFor(registry);
    return { client, repository, reference: tag };
  }

  #target(tag: string): ImageLocation {
    const { registry, repository } = this.#options.mirror.target;
    const client = this.#options.registries.clientFor(registry);
    return { client, repository, reference: tag };
  }

  #reference(tag: string): string {
    return `${formatRepository(this.#options.mirror.target)}:${tag}`;
  }

  #key(tag: string): MirrorTagKey {
    const { name, source, target } = this.#options.mirror;
    return {
      mirror: name,
      repository: formatRepository(target),
      tag,
      upstreamRepository: formatRepository(source),
    };
  }
}
