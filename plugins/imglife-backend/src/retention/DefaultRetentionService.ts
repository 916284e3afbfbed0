import { InputError, stringifyError } from '@backstage/errors';
import type { Tier } from '@imglife/backstage-plugin-imglife-common';
import { eachAtOnce } from '../eachAtOnce';
import type { Definitions } from '../definitions/Definitions';
import { retainedTiers } from '../definitions/retainedTiers';
import type { Registries } from '../registries/Registries';
import type { RunContext, RunHandler } from '../runs/RunContext';
import type { StatusRecomputer } from '../status/StatusRecomputer';
import { ExpiredArchives } from './ExpiredArchives';
import { ImageRetention } from './ImageRetention';
import type { PlannedBases } from './needsOf';
import type { RetainedImage } from './RetainedImage';
import { retainedImages } from './retainedImages';
import type { RetentionStore } from './RetentionStore';
import { TagArchiver } from './TagArchiver';
import { usageFault } from './usageFault';
import { UsageUnknownError } from './UsageUnknownError';

const IMAGES_AT_ONCE = 3;

/** What {@link DefaultRetentionService} works with. */
export interface DefaultRetentionServiceOptions {
  definitions: Pick<
    Definitions,
    'retention' | 'mirrors' | 'bases' | 'applications'
  >;
  registries: Pick<Registries, 'clientFor'>;
  store: RetentionStore;
  /** what bases are to have and follow now */
  planned(): Promise<PlannedBases>;
  recomputer: StatusRecomputer;
  now: () => Date;
}

/**
 * Runs of kind `retention`: deletes the tags that nothing needs, of the tiers
 * that have rules. Plan and deed are one code path; a dry run ends where the
 * first thing would be changed, and fails where a real one would.
 */
export class DefaultRetentionService implements RunHandler {
  readonly kind = 'retention';
  readonly #options: DefaultRetentionServiceOptions;

  static create(
    options: DefaultRetentionServiceOptions,
  ): DefaultRetentionService {
    return new DefaultRetentionService(options);
  }

  private constructor(options: DefaultRetentionServiceOptions) {
    this.#options = options;
  }

  /**
   * @throws InputError - no tier has rules
   * @throws UsageUnknownError - who uses what is not known, or not any more
   */
  async run(context: RunContext): Promise<void> {
    const { definitions, recomputer, store, registries, now } = this.#options;
    if (!retainedTiers(definitions.retention).length) {
      throw new InputError(
        'nothing may be deleted: imglife.retention has no rules for any tier',
      );
    }
    const images = retainedImages(
      definitions,
      await store.applicationRepositories(),
      context.target,
    );
    const tiers = [...new Set(images.map(({ tier }) => tier))];
    const guard = () => this.#guard(tiers);
    await guard();
    const archiver = TagArchiver.create({ registries });
    let changed = false;
    try {
      await eachAtOnce(images, IMAGES_AT_ONCE, async image => {
        context.signal.throwIfAborted();
        const tools = { archiver, guard, context };
        changed = (await this.#retain(image, tools)) || changed;
      });
      await ExpiredArchives.create({ registries, store, now }).run(
        images,
        context,
      );
    } finally {
      if (changed) {
        await recomputer.recompute('retention');
      }
    }
  }

  async #guard(tiers: Tier[]): Promise<void> {
    const { definitions, store, now } = this.#options;
    const found = await store.usageFacts();
    const facts = {
      ...found,
      hasBases:
        definitions.bases.entries.length > 0 || found.publishedBases > 0,
      scanSchedule: definitions.applications.scan.schedule,
    };
    for (const tier of tiers) {
      const fault = usageFault(tier, facts, now());
      if (fault) {
        throw new UsageUnknownError(
          `nothing of the ${tier} is deleted: ${fault}`,
        );
      }
    }
  }

  async #retain(
    image: RetainedImage,
    tools: {
      archiver: TagArchiver;
      guard(): Promise<void>;
      context: RunContext;
    },
  ): Promise<boolean> {
    const { context } = tools;
    try {
      return await ImageRetention.create({
        ...this.#options,
        ...tools,
        image,
      }).run();
    } catch (error) {
      context.signal.throwIfAborted();
      if (error instanceof UsageUnknownError) {
        throw error;
      }
      const message = stringifyError(error);
      context.log(`${image.repository}: ${message}`);
      context.item({
        reference: image.repository,
        action: 'keep',
        reason: null,
        state: 'failed',
        error: message,
      });
      return false;
    }
  }
}
