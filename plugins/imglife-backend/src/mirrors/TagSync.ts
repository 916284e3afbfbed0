import { stringifyError } from '@backstage/errors';
import {
  BlobLedger,
  Descriptor,
  ImageLocation,
  planCopy,
  RegistryError,
  resolveImage,
} from '@imglife/oci';
import type { MirrorTagTable } from '../database/tables';
import { TagCopier, TagOutcome, TagSyncOptions } from './TagCopier';
import type { MirroredTag } from './TagPlaces';
import { tagPattern } from './tagPattern';

const UNTOUCHED: TagOutcome = { verified: false, changed: false };

/** Compares, copies, holds back, verifies and repairs single tags. */
export class TagSync {
  readonly #options: TagSyncOptions;
  readonly #isImmutable: (tag: string) => boolean;
  readonly #wantedPlatforms: string;
  readonly #copier: TagCopier;

  static create(options: TagSyncOptions): TagSync {
    return new TagSync(options);
  }

  private constructor(options: TagSyncOptions) {
    this.#options = options;
    const { immutable, platforms = [] } = options.mirror;
    const pattern = immutable === undefined ? undefined : tagPattern(immutable);
    this.#isImmutable = tag => pattern?.matches(tag) ?? false;
    this.#wantedPlatforms = platforms.join(',');
    this.#copier = TagCopier.create(options);
  }

  /** A fault is an item with state `failed` and a row of that state. */
  async sync(
    tag: MirroredTag,
    row: MirrorTagTable | undefined,
  ): Promise<TagOutcome> {
    const { context, store, places } = this.#options;
    try {
      return await this.#compare(tag, row);
    } catch (error) {
      context.signal.throwIfAborted();
      const message = stringifyError(error);
      context.log(`${places.reference(tag.tag)}: ${message}`);
      this.#copier.say(tag, row?.digest ? 'update' : 'copy', tag.reason, {
        state: 'failed',
        error: message,
      });
      if (context.dryRun) {
        return UNTOUCHED;
      }
      await store.recordFailure(places.key(tag), message);
      return { verified: false, changed: true };
    }
  }

  async #compare(
    tag: MirroredTag,
    row: MirrorTagTable | undefined,
  ): Promise<TagOutcome> {
    const { context, places } = this.#options;
    const target = places.target(tag.tag);
    const immutable = this.#isImmutable(tag.upstreamTag);
    if (immutable && context.kind !== 'verify' && this.#isSettled(row)) {
      const present = await this.#head(target);
      if (present?.digest === row!.digest) {
        this.#plan(tag, 'is immutable and present');
        return UNTOUCHED;
      }
    }
    const source = places.source(tag.upstreamTag);
    const [wanted, present] = await Promise.all([
      this.#head(source),
      this.#head(target),
    ]);
    if (!wanted) {
      throw new RegistryError('upstream lists this tag but does not have it', {
        host: source.client.host,
        repository: source.repository,
        reference: tag.upstreamTag,
      });
    }
    if (this.#isEqual(row, wanted, present)) {
      return this.#unchanged(tag, wanted, present!, row);
    }
    const known = row?.upstream_digest ?? present?.digest;
    const isMoved = known !== undefined && known !== wanted.digest;
    if (immutable && isMoved && row?.accepted_digest !== wanted.digest) {
      return this.#hold(tag, wanted, row?.digest ?? present?.digest ?? known);
    }
    return this.#copy(tag, wanted, present, row);
  }

  /** Nothing is to be asked of upstream in an ordinary round. */
  #isSettled(row: MirrorTagTable | undefined): boolean {
    if (!row?.digest || row.wanted_platforms !== this.#wantedPlatforms) {
      return false;
    }
    return (
      row.state === 'current' ||
      (row.state === 'moved' && row.accepted_digest !== row.pending_digest)
    );
  }

  #isEqual(
    row: MirrorTagTable | undefined,
    wanted: Descriptor,
    present: Descriptor | undefined,
  ): boolean {
    if (!present) {
      return false;
    }
    const asRecorded =
      row?.digest === present.digest &&
      row.upstream_digest === wanted.digest &&
      row.wanted_platforms === this.#wantedPlatforms;
    return (
      asRecorded ||
      (present.digest === wanted.digest && this.#wantedPlatforms === '')
    );
  }

  async #unchanged(
    tag: MirroredTag,
    wanted: Descriptor,
    present: Descriptor,
    row: MirrorTagTable | undefined,
  ): Promise<TagOutcome> {
    const { context, places } = this.#options;
    if (context.dryRun) {
      this.#plan(tag, 'is as upstream has it');
      return { verified: true, changed: false };
    }
    const target = { ...places.target(tag.tag), reference: present.digest };
    // an ordinary round must not call sound what a verify round found damaged
    const isDoubted = context.kind === 'verify' || row?.state === 'failed';
    if (isDoubted && (await this.#copier.findDamages(tag, target)).length) {
      return this.#repair(tag, wanted, target, row);
    }
    const cycles = this.#options.cyclesOf(tag.upstreamTag);
    const isRecorded =
      row?.digest === present.digest &&
      row.upstream_digest === wanted.digest &&
      row.product === (cycles.product ?? null) &&
      row.cycle === (cycles.cycle ?? null);
    if (!isRecorded) {
      // It was copied before us, or the process died before it was recorded
      const { signal } = context;
      const image = await resolveImage(target, { signal });
      const notes = row ? (JSON.parse(row.notes) as string[]) : [];
      const pulled = { image, bytes: 0, durationMs: 0, notes };
      await this.#copier.record(tag, wanted.digest, pulled);
    }
    await this.#copier.bringReferrers(tag, present, row);
    return { verified: true, changed: !isRecorded };
  }

  async #repair(
    tag: MirroredTag,
    wanted: Descriptor,
    target: ImageLocation,
    row: MirrorTagTable | undefined,
  ): Promise<TagOutcome> {
    // What the ledger believes to be there may be what is missing
    const ledger = BlobLedger.create();
    const how = { ledger, action: 'repair' };
    const outcome = await this.#copier.transfer(tag, wanted, row, how);
    const left = await this.#copier.findDamages(tag, target);
    if (left.length) {
      throw new RegistryError(
        `it is still damaged after it was copied again (${left.join(
          '; ',
        )}); delete that at the registry, and verify again`,
        {
          host: target.client.host,
          repository: target.repository,
          reference: tag.tag,
        },
      );
    }
    return outcome;
  }

  async #hold(
    tag: MirroredTag,
    wanted: Descriptor,
    kept: string,
  ): Promise<TagOutcome> {
    const { context, store, places } = this.#options;
    const reason = `is immutable, but upstream moved to ${wanted.digest}; accept it, or keep ${kept}`;
    context.log(`${places.reference(tag.tag)}: ${reason}`);
    this.#copier.say(tag, 'hold', reason, { state: 'skipped' });
    if (context.dryRun) {
      return UNTOUCHED;
    }
    await store.recordMoved({
      ...places.key(tag),
      digest: kept,
      pendingDigest: wanted.digest,
    });
    return { verified: false, changed: true };
  }

  async #copy(
    tag: MirroredTag,
    wanted: Descriptor,
    present: Descriptor | undefined,
    row: MirrorTagTable | undefined,
  ): Promise<TagOutcome> {
    const { mirror, context, places, ledger } = this.#options;
    const action = present ? 'update' : 'copy';
    const before = row?.upstream_digest ?? present?.digest;
    const reason =
      present && before !== wanted.digest
        ? `upstream moved from ${before}`
        : tag.reason;
    if (!places.source(tag.tag).client.canDiscover(1)) {
      const host = places.source(tag.tag).client.host;
      const postponed = `the quota of ${host} is nearly used up; a later round copies it`;
      this.#copier.say(tag, 'postponed', postponed, { state: 'skipped' });
      return UNTOUCHED;
    }
    if (context.dryRun) {
      const plan = await planCopy({
        ...this.#copier.ends(tag, wanted),
        platforms: mirror.platforms,
        ledger,
        signal: context.signal,
      });
      const bytes = plan.bytesToMove;
      this.#copier.say(tag, action, reason, { state: 'planned', bytes });
      return UNTOUCHED;
    }
    return this.#copier.transfer(tag, wanted, row, { ledger, action, reason });
  }

  /** In a dry run, why a selected tag would not be copied. */
  #plan(tag: MirroredTag, reason: string): void {
    if (this.#options.context.dryRun) {
      this.#copier.say(tag, 'none', reason, { state: 'skipped', bytes: 0 });
    }
  }

  async #head({
    client,
    repository,
    reference,
  }: ImageLocation): Promise<Descriptor | undefined> {
    const { signal } = this.#options.context;
    return client.headManifest(repository, reference, { signal });
  }
}
