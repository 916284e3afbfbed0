import type { RunItem } from '@imglife/backstage-plugin-imglife-common';
import {
  BlobLedger,
  copyImage,
  copyReferrers,
  Descriptor,
  findDamage,
  ImageLocation,
} from '@imglife/oci';
import type { MirrorTagTable } from '../database/tables';
import type { MirrorDefinition } from '../definitions/Definitions';
import type { ImageCycles } from '../lifecycle/LifecycleService';
import type { RunContext } from '../runs/RunContext';
import type { MirrorStore, PulledTag } from './MirrorStore';
import type { MirroredTag, TagPlaces } from './TagPlaces';

// Signatures come minutes after their image
const REFERRERS_AFTER_MS = 86_400_000;

/** A tag that has another image at the target than before. */
export interface TagChange {
  reference: string;
  digest: string;
  previousDigest: string | null;
}

/** What a round found of one tag. */
export interface TagOutcome {
  /** the target is as upstream has it, seen in this round */
  verified: boolean;
  /** rows were written that verdicts may depend on */
  changed: boolean;
  change?: TagChange;
}

/** What {@link TagSync} works with. */
export interface TagSyncOptions {
  mirror: MirrorDefinition;
  places: TagPlaces;
  store: MirrorStore;
  /** shared by the run */
  ledger: BlobLedger;
  cyclesOf: (tag: string) => ImageCycles;
  context: RunContext;
  now: () => Date;
}

/** Moves images and referrers of single tags, and records what it did. */
export class TagCopier {
  readonly #options: TagSyncOptions;

  static create(options: TagSyncOptions): TagCopier {
    return new TagCopier(options);
  }

  private constructor(options: TagSyncOptions) {
    this.#options = options;
  }

  /** What is missing or wrong beneath the manifest at the target, for people. */
  async findDamages(
    tag: MirroredTag,
    target: ImageLocation,
  ): Promise<string[]> {
    const { context, places } = this.#options;
    const found = await findDamage(target, { signal: context.signal });
    const damages = found.map(
      ({ kind, digest, problem }) => `${kind} ${digest} ${problem}`,
    );
    damages.forEach(damage =>
      context.log(`${places.reference(tag.tag)}: ${damage}`),
    );
    return damages;
  }

  /** Copies, records, says so; `how.action` names why. */
  async transfer(
    tag: MirroredTag,
    wanted: Descriptor,
    row: MirrorTagTable | undefined,
    how: { ledger: BlobLedger; action: string; reason?: string },
  ): Promise<TagOutcome> {
    const { mirror, context, places, now } = this.#options;
    const startedAt = now().getTime();
    const copied = await copyImage({
      ...this.ends(tag, wanted),
      platforms: mirror.platforms,
      referrers: mirror.referrers !== false,
      ledger: how.ledger,
      signal: context.signal,
      onBytes: bytes => context.progress({ bytes }),
    });
    const { digest, mediaType, images, sizeBytes, notes, contents } = copied;
    await this.record(tag, copied.upstreamDigest, {
      image: {
        descriptor: { digest, mediaType, size: wanted.size },
        images,
        sizeBytes,
        contents,
      },
      bytes: copied.bytesMoved,
      durationMs: now().getTime() - startedAt,
      notes,
      repaired: how.action === 'repair',
    });
    const reference = places.reference(tag.tag);
    context.log(`${reference}: copied ${digest}, ${copied.bytesMoved} bytes`);
    notes.forEach(note => context.log(`${reference}: ${note}`));
    this.say(tag, how.action, how.reason ?? 'was damaged at the target', {
      bytes: copied.bytesMoved,
    });
    const previousDigest = row?.digest ?? null;
    return {
      verified: false,
      changed: true,
      ...(previousDigest !== digest && {
        change: { reference, digest, previousDigest },
      }),
    };
  }

  /** In the first day after a pull, and when verifying. */
  async bringReferrers(
    tag: MirroredTag,
    present: Descriptor,
    row: MirrorTagTable | undefined,
  ): Promise<void> {
    const { mirror, store, context, places, ledger, now } = this.#options;
    const pulledAt = row?.pulled_at ?? undefined;
    const isFresh =
      pulledAt !== undefined &&
      now().getTime() - Date.parse(pulledAt) < REFERRERS_AFTER_MS;
    if (mirror.referrers === false || !(isFresh || context.kind === 'verify')) {
      return;
    }
    const { copied, contents } = await copyReferrers({
      source: { ...places.source(tag.upstreamTag), reference: present.digest },
      target: places.target(tag.tag),
      ledger,
      signal: context.signal,
      onBytes: bytes => context.progress({ bytes }),
    });
    if (copied) {
      await store.recordContent(places.key(tag).repository, contents);
      const reason = `${copied} signatures or other referrers came later`;
      this.say(tag, 'referrers', reason);
    }
  }

  /** Records what the target has now. */
  async record(
    tag: MirroredTag,
    upstreamDigest: string,
    pulled: Pick<
      PulledTag,
      'image' | 'bytes' | 'durationMs' | 'notes' | 'repaired'
    >,
  ): Promise<void> {
    const { mirror, store, context, now, places, cyclesOf } = this.#options;
    await store.recordPull({
      ...places.key(tag),
      ...pulled,
      upstreamDigest,
      wantedPlatforms: (mirror.platforms ?? []).join(','),
      cycles: cyclesOf(tag.upstreamTag),
      runId: context.id,
      actor: context.actor,
      at: now().toISOString(),
    });
  }

  /** By digest: what was compared is what is copied. */
  ends(tag: MirroredTag, wanted: Descriptor) {
    const { client, repository } = this.#options.places.target(tag.tag);
    return {
      source: this.#options.places.source(wanted.digest),
      target: { client, repository, tag: tag.tag },
    };
  }

  /** Adds an item to the run. */
  say(
    { tag }: MirroredTag,
    action: string,
    reason: string,
    more: Partial<RunItem> = {},
  ): void {
    const { context, places } = this.#options;
    const reference = places.reference(tag);
    const item = { reference, action, reason, error: null, ...more };
    context.item({ ...item, state: more.state ?? 'done' });
  }
}
