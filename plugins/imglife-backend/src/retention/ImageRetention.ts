import { NotFoundError, stringifyError } from '@backstage/errors';
import type { RunItem } from '@imglife/backstage-plugin-imglife-common';
import { type RemovedTag, removeTag, TagSurvey } from '@imglife/oci';
import type { Registries } from '../registries/Registries';
import type { RunContext } from '../runs/RunContext';
import { decideTags, type TagDecision } from './decideTags';
import { needsOf, type PlannedBases } from './needsOf';
import type { RetainedImage } from './RetainedImage';
import type { RetentionStore, StoredTag, Usage } from './RetentionStore';
import type { TagArchiver } from './TagArchiver';
import { UsageUnknownError } from './UsageUnknownError';

/** What {@link ImageRetention} works with. */
export interface ImageRetentionOptions {
  image: RetainedImage;
  registries: Pick<Registries, 'clientFor'>;
  store: RetentionStore;
  archiver: TagArchiver;
  /** read anew at each call */
  planned(): Promise<PlannedBases>;
  /** @throws UsageUnknownError - nothing may be deleted at all */
  guard(): Promise<void>;
  context: RunContext;
  now: () => Date;
}

interface Decided {
  usage: Usage;
  tags: Array<{ tag: StoredTag; decision: TagDecision }>;
}

/**
 * Retention of one repository: decide, archive, decide again, delete, record.
 * A dry run goes the same way up to the first deed.
 */
export class ImageRetention {
  readonly #options: ImageRetentionOptions;
  readonly #survey: TagSurvey;

  static create(options: ImageRetentionOptions): ImageRetention {
    return new ImageRetention(options);
  }

  private constructor(options: ImageRetentionOptions) {
    const { registries, image } = options;
    this.#options = options;
    this.#survey = TagSurvey.create({
      client: registries.clientFor(image.target.registry),
      repository: image.target.repository,
    });
  }

  /**
   * A tag that cannot be deleted is a failed item, and the others go on.
   *
   * @returns whether a row changed
   * @throws UsageUnknownError - nothing may be deleted any more
   */
  async run(): Promise<boolean> {
    const { context, image, store } = this.#options;
    if (image.tier === 'mirrors' && !(await store.isSynced(image.name))) {
      this.#item(image.repository, 'keep', {
        state: 'failed',
        error:
          'it was not synced since its rules were declared as they are, so that what they select is not known; sync it first',
      });
      return false;
    }
    let changed = false;
    const { tags } = await this.#decide();
    context.progress({ total: tags.length });
    for (const { tag, decision } of tags) {
      context.signal.throwIfAborted();
      if (decision.removable) {
        changed = (await this.#remove(tag, decision)) || changed;
      } else {
        this.#keep(tag.tag, decision.reasons);
      }
      context.progress({ done: 1 });
    }
    return changed;
  }

  async #decide(): Promise<Decided> {
    const { image, store, planned, now } = this.#options;
    const { tier, name, repository, rules } = image;
    const tags = await store.tags(tier, name, repository);
    const usage = await store.usage();
    const known = { usage, planned: await planned() };
    const decisions = decideTags(
      tags.map(tag => ({ ...tag, needs: needsOf(tag, image, known) })),
      rules,
      now(),
    );
    return {
      usage,
      tags: tags.map((tag, index) => ({ tag, decision: decisions[index] })),
    };
  }

  async #remove(tag: StoredTag, decision: TagDecision): Promise<boolean> {
    const { context, image } = this.#options;
    const { archive } = image.rules;
    const reason = decision.reasons.join('; ');
    if (context.dryRun) {
      const where =
        archive &&
        `; archived to ${archive.to.registry}/${archive.to.repository} first`;
      this.#item(this.#reference(tag.tag), 'delete', {
        state: 'planned',
        reason: `${reason}${where ?? ''}`,
      });
      return false;
    }
    try {
      return await this.#archiveAndDelete(tag, reason);
    } catch (error) {
      context.signal.throwIfAborted();
      if (error instanceof UsageUnknownError) {
        throw error;
      }
      const message = stringifyError(error);
      context.log(`${this.#reference(tag.tag)}: ${message}`);
      this.#item(this.#reference(tag.tag), 'delete', {
        state: 'failed',
        reason,
        error: message,
      });
      return false;
    }
  }

  async #archiveAndDelete(before: StoredTag, reason: string): Promise<boolean> {
    const { archiver, context, image, guard } = this.#options;
    const { archive } = image.rules;
    const archived =
      archive &&
      (await archiver.archive(
        { name: image.target, tag: before.tag, digest: before.digest },
        archive.to,
        context,
      ));
    if (archive && !archived && (await this.#isThere(before.tag))) {
      throw new NotFoundError(
        `${before.digest} is not found, and the tag is there: nothing was archived, and nothing is deleted`,
      );
    }
    // what was decided may be minutes old by now
    await guard();
    const { usage, tags } = await this.#decide();
    const again = tags.find(
      ({ tag }) => tag.id === before.id && tag.digest === before.digest,
    );
    if (!again?.decision.removable) {
      this.#keep(before.tag, again?.decision.reasons ?? ['changed meanwhile']);
      return false;
    }
    const removed = await this.#delete(again.tag, usage);
    if (removed.outcome === 'moved') {
      this.#keep(before.tag, [
        `is another image at the registry than ${before.digest}, which is recorded`,
      ]);
      return false;
    }
    return this.#record(again.tag, { removed, reason, archived });
  }

  async #isThere(tag: string): Promise<boolean> {
    const { registries, image, context } = this.#options;
    const { registry, repository } = image.target;
    const { signal } = context;
    const client = registries.clientFor(registry);
    return (
      (await client.headManifest(repository, tag, { signal })) !== undefined
    );
  }

  async #delete(tag: StoredTag, usage: Usage): Promise<RemovedTag> {
    const { registries, image, context } = this.#options;
    const { registry, repository } = image.target;
    return removeTag({
      client: registries.clientFor(registry),
      repository,
      tag: tag.tag,
      digest: tag.digest,
      survey: this.#survey,
      isKept: digest => usage.digests.has(digest),
      signal: context.signal,
    });
  }

  async #record(
    tag: StoredTag,
    done: { removed: RemovedTag; reason: string; archived?: string },
  ): Promise<boolean> {
    const { store, image, context, now } = this.#options;
    const { tier, name, repository } = image;
    const { removed, archived } = done;
    const notes = [
      done.reason,
      ...(removed.outcome === 'absent' ? ['was gone at the registry'] : []),
      ...(removed.shared ? ['its image stays, another tag has it'] : []),
      ...(archived ? [`archived as ${archived}`] : []),
    ];
    const recorded = await store.recordRemoval({
      tier,
      name,
      repository,
      tag,
      reason: done.reason,
      archiveReference: archived,
      runId: context.id,
      actor: context.actor,
      at: now().toISOString(),
    });
    const reference = this.#reference(tag.tag);
    context.log(`${reference}: deleted ${tag.digest}; ${notes.join('; ')}`);
    this.#item(reference, 'delete', {
      state: 'done',
      reason: notes.join('; '),
    });
    return recorded;
  }

  #reference(tag: string): string {
    return `${this.#options.image.repository}:${tag}`;
  }

  #keep(tag: string, reasons: string[]): void {
    this.#item(this.#reference(tag), 'keep', {
      state: 'skipped',
      reason: reasons.join('; '),
    });
  }

  #item(
    reference: string,
    action: string,
    more: Pick<RunItem, 'state'> & Partial<RunItem>,
  ): void {
    this.#options.context.item({
      reference,
      action,
      reason: null,
      error: null,
      ...more,
    });
  }
}
