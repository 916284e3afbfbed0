import { stringifyError } from '@backstage/errors';
import { parseReference, removeTag, TagSurvey } from '@imglife/oci';
import type { RemovalTable } from '../database/tables';
import type { Registries } from '../registries/Registries';
import type { RunContext } from '../runs/RunContext';
import { tagPattern } from '../mirrors/tagPattern';
import type { RetainedImage } from './RetainedImage';
import type { RetentionStore, Usage } from './RetentionStore';

const DAY_MS = 86_400_000;

/** What {@link ExpiredArchives} works with. */
export interface ExpiredArchivesOptions {
  registries: Pick<Registries, 'clientFor'>;
  store: RetentionStore;
  now: () => Date;
}

/** A copy, and every removal that it was made for. */
interface Copy {
  reference: string;
  digest: string;
  tag: string;
  ids: number[];
  /** of the newest, ISO 8601 UTC */
  at: string;
}

/**
 * Copies in archives older than `keepDays`: deleted as tags are, unless a
 * pattern protects the tag or somebody uses it. Only what retention put there
 * is looked at.
 */
export class ExpiredArchives {
  readonly #options: ExpiredArchivesOptions;

  static create(options: ExpiredArchivesOptions): ExpiredArchives {
    return new ExpiredArchives(options);
  }

  private constructor(options: ExpiredArchivesOptions) {
    this.#options = options;
  }

  /** @param images - whose archives are looked at */
  async run(
    images: ReadonlyArray<RetainedImage>,
    context: RunContext,
  ): Promise<void> {
    const { store } = this.#options;
    const byRepository = new Map(
      images.map(image => [image.repository, image]),
    );
    const rows = await store.archived();
    const surveys = new Map<string, TagSurvey>();
    for (const [repository, copies] of copiesOf(rows)) {
      const image = byRepository.get(repository);
      for (const copy of image?.rules.archive ? copies : []) {
        context.signal.throwIfAborted();
        await this.#look(copy, image!, surveys, context);
      }
    }
  }

  async #look(
    copy: Copy,
    image: RetainedImage,
    surveys: Map<string, TagSurvey>,
    context: RunContext,
  ): Promise<void> {
    const { store, now } = this.#options;
    const age = Math.floor((now().getTime() - Date.parse(copy.at)) / DAY_MS);
    const { keepDays } = image.rules.archive!;
    if (age <= keepDays) {
      return;
    }
    const reason = `was archived ${age} days ago, ${keepDays} are kept`;
    const item = {
      reference: copy.reference,
      action: 'delete-archive',
      reason,
      error: null,
    };
    const kept = keeps(copy, image, await store.usage());
    if (kept) {
      context.item({ ...item, state: 'skipped', reason: kept });
      return;
    }
    if (context.dryRun) {
      context.item({ ...item, state: 'planned' });
      return;
    }
    try {
      await this.#delete(copy, surveys, context);
      await store.recordArchiveRemoved(copy.ids, now().toISOString());
      context.log(`${copy.reference}: deleted ${copy.digest}; ${reason}`);
      context.item({ ...item, state: 'done' });
    } catch (error) {
      context.signal.throwIfAborted();
      const message = stringifyError(error);
      context.log(`${copy.reference}: ${message}`);
      context.item({ ...item, state: 'failed', error: message });
    }
  }

  async #delete(
    { reference, digest }: Copy,
    surveys: Map<string, TagSurvey>,
    { signal }: RunContext,
  ): Promise<void> {
    const { registry, repository, tag = '' } = parseReference(reference);
    const client = this.#options.registries.clientFor(registry);
    const key = `${registry}/${repository}`;
    const survey = surveys.get(key) ?? TagSurvey.create({ client, repository });
    surveys.set(key, survey);
    // moved by other hands: it is no copy of ours any more
    await removeTag({ client, repository, tag, digest, survey, signal });
  }
}

function keeps(
  copy: Copy,
  image: RetainedImage,
  usage: Usage,
): string | undefined {
  const pattern = image.rules.protect.find(text =>
    tagPattern(text).matches(copy.tag),
  );
  if (pattern !== undefined) {
    return `is protected by ${JSON.stringify(pattern)}`;
  }
  const users =
    usage.references.get(copy.reference) ?? usage.digests.get(copy.digest);
  return users && `is used by ${users.join(', ')}`;
}

/** By the repository that was archived. */
function copiesOf(rows: ReadonlyArray<RemovalTable>): Map<string, Copy[]> {
  const found = new Map<string, Map<string, Copy>>();
  for (const row of rows) {
    const copies = found.get(row.repository) ?? new Map<string, Copy>();
    found.set(row.repository, copies);
    const reference = row.archive_reference!;
    copies.set(reference, {
      reference,
      digest: row.digest,
      tag: row.tag,
      ids: [...(copies.get(reference)?.ids ?? []), row.id],
      // rows come oldest first
      at: row.at,
    });
  }
  return new Map(
    [...found].map(([repository, copies]) => [
      repository,
      [...copies.values()],
    ]),
  );
}
