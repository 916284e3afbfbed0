import { InputError } from '@backstage/errors';
import { BlobLedger, formatRepository } from '@imglife/oci';
import { eachAtOnce } from '../eachAtOnce';
import type { MirrorTagTable } from '../database/tables';
import type { MirrorDefinition } from '../definitions/Definitions';
import { targetTag } from '../definitions/targetTag';
import type { LifecycleData } from '../lifecycle/LifecycleService';
import type { Registries } from '../registries/Registries';
import type { RunContext } from '../runs/RunContext';
import type { MirrorStore } from './MirrorStore';
import { readTagAges } from './readTagAges';
import {
  SelectionLifecycle,
  selectTags,
  TagChoice,
  tagsToAge,
} from './selectTags';
import type { TagChange } from './TagCopier';
import { MirroredTag, TagPlaces } from './TagPlaces';
import { TagSync } from './TagSync';

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
  /** shared by the run */
  ledger: BlobLedger;
  now: () => Date;
}

/** What one round did. */
export interface MirrorOutcome {
  /** a row was written that verdicts may depend on */
  changed: boolean;
  changes: TagChange[];
}

/** One round of one mirror: list, select, compare, copy what differs, record. */
export class MirrorSync {
  readonly #options: MirrorSyncOptions;
  readonly #product: string | undefined;
  readonly #places: TagPlaces;
  readonly #verified: string[] = [];
  #changed = false;

  static create(options: MirrorSyncOptions): MirrorSync {
    return new MirrorSync(options);
  }

  private constructor(options: MirrorSyncOptions) {
    this.#options = options;
    const { source, lifecycle } = options.mirror;
    this.#places = TagPlaces.create(options.mirror, options.registries);
    this.#product = options.lifecycle.productOf(source, lifecycle.product);
  }

  /**
   * @throws InputError - fewer tags are selected than `atLeast`, or two of them
   *   would have one tag at the target; nothing is then written
   */
  async run(): Promise<MirrorOutcome> {
    const { mirror, context, store, ledger } = this.#options;
    const upstream = await this.#listUpstream();
    this.#warnOfCycles();
    const choices = await this.#select(upstream);
    const wanted = this.#nameTags(choices);
    context.progress({ total: wanted.length });
    context.log(
      `${mirror.name}: ${wanted.length} of ${upstream.length} upstream tags are selected`,
    );
    this.#reportChoices(choices, new Set(upstream));
    const rows = new Map(
      (await store.list(mirror.name))
        .filter(row => row.repository === formatRepository(mirror.target))
        .map(row => [row.tag, row]),
    );
    const tags = TagSync.create({
      ...this.#options,
      ledger,
      places: this.#places,
      cyclesOf: tag => this.#options.lifecycle.cyclesOf(this.#product, tag),
    });
    const changes: TagChange[] = [];
    await eachAtOnce(wanted, TAGS_AT_ONCE, async tag => {
      context.signal.throwIfAborted();
      const outcome = await tags.sync(tag, rows.get(tag.tag));
      this.#changed ||= outcome.changed;
      if (outcome.verified) {
        this.#verified.push(tag.tag);
      }
      if (outcome.change) {
        changes.push(outcome.change);
      }
      context.progress({ done: 1 });
    });
    if (!context.dryRun) {
      await this.#settle(new Set(upstream), wanted, rows);
    }
    context.log(
      `${mirror.name}: ${this.#verified.length} tags are as upstream has them`,
    );
    return { changed: this.#changed, changes };
  }

  async #select(upstream: string[]): Promise<TagChoice[]> {
    const { mirror, now } = this.#options;
    const { atLeast = 0, minAgeMs } = mirror.tags;
    const input = {
      tags: upstream,
      selection: mirror.tags,
      lifecycle: this.#selectionLifecycle(),
    };
    const since =
      minAgeMs === undefined
        ? new Map<string, string>()
        : await readTagAges(tagsToAge(input), {
            ...this.#options,
            places: this.#places,
          });
    const choices = selectTags({ ...input, ages: { since, now: now() } });
    const selected = choices.filter(choice => choice.selected).length;
    if (selected < atLeast) {
      throw new InputError(
        `${mirror.configPath}.tags: ${selected} tags are selected, atLeast asks for ${atLeast}; nothing was changed`,
      );
    }
    return choices;
  }

  #warnOfCycles(): void {
    const { mirror, context } = this.#options;
    const { cycles } = mirror.tags;
    if (typeof cycles === 'number' && !this.#selectionLifecycle()) {
      context.log(
        `${mirror.name}: no cycles are known of its product, so that cycles: ${cycles} leaves none out; lifecycle.product may name one`,
      );
    }
  }

  #nameTags(choices: TagChoice[]): MirroredTag[] {
    const { mirror } = this.#options;
    const sources = new Map<string, string>();
    return choices
      .filter(choice => choice.selected)
      .map(({ tag: upstreamTag, reason }) => {
        const tag = targetTag(mirror.tags.targetTag, upstreamTag);
        const other = sources.get(tag);
        if (other !== undefined) {
          throw new InputError(
            `${mirror.configPath}.tags.targetTag: ${other} and ${upstreamTag} would both be ${tag}`,
          );
        }
        sources.set(tag, upstreamTag);
        return { upstreamTag, tag, reason };
      });
  }

  async #listUpstream(): Promise<string[]> {
    const { mirror, registries, ledger, context } = this.#options;
    const { registry, repository } = mirror.source;
    const client = registries.clientFor(registry);
    // the signatures of its tags are found in the same list
    return ledger.tags({ host: client.host, repository }, () =>
      client.listTags(repository, { signal: context.signal }),
    );
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

  #reportChoices(choices: TagChoice[], upstream: ReadonlySet<string>): void {
    const { mirror, context } = this.#options;
    for (const { tag, selected, reason } of context.dryRun ? choices : []) {
      if (!selected) {
        context.item({
          reference: `${formatRepository(mirror.source)}:${tag}`,
          action: 'none',
          reason: `not selected: ${reason}`,
          state: 'skipped',
          error: null,
        });
      }
    }
    for (const name of mirror.tags.names.filter(tag => !upstream.has(tag))) {
      context.item({
        reference: this.#places.reference(name),
        action: 'copy',
        reason: 'named',
        state: 'failed',
        error: `${formatRepository(mirror.source)} has no tag ${name}`,
      });
    }
  }

  /** What the round says of tags as a whole. */
  async #settle(
    upstream: ReadonlySet<string>,
    wanted: MirroredTag[],
    rows: ReadonlyMap<string, MirrorTagTable>,
  ): Promise<void> {
    const { mirror, store, now, context } = this.#options;
    const repository = formatRepository(mirror.target);
    await store.recordVerified(repository, this.#verified, now().toISOString());
    const gone = [...rows.values()].filter(
      row =>
        !upstream.has(row.upstream_tag) &&
        // what retention removed is gone already, and here
        !['gone-upstream', 'removed'].includes(row.state),
    );
    await store.recordGone(
      repository,
      gone.map(row => row.tag),
    );
    for (const row of gone) {
      context.log(
        `${this.#places.reference(row.tag)}: is gone upstream, kept here`,
      );
    }
    await store.setSelected(
      mirror.name,
      repository,
      new Set(wanted.map(({ tag }) => tag)),
    );
    const recovered = this.#verified.some(
      tag => rows.get(tag) && rows.get(tag)!.state !== 'current',
    );
    this.#changed ||= gone.length > 0 || recovered;
  }
}
