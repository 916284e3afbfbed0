import { ConflictError, InputError, NotFoundError } from '@backstage/errors';
import { formatRepository, parseReference } from '@imglife/oci';
import { splitRepository } from '../applications/scanScope';
import type { RemovalTable } from '../database/tables';
import type { RepositoryName } from '../definitions/Definitions';
import type { Registries } from '../registries/Registries';
import type { RunContext, RunHandler } from '../runs/RunContext';
import type { RunService } from '../runs/RunService';
import type { StatusRecomputer } from '../status/StatusRecomputer';
import type { RetentionService } from './RetentionService';
import type { RetentionStore } from './RetentionStore';
import { TagArchiver } from './TagArchiver';

/** What {@link ImageRestorer} works with. */
export interface ImageRestorerOptions {
  registries: Pick<Registries, 'clientFor' | 'canonical'>;
  store: RetentionStore;
  recomputer: StatusRecomputer;
  now: () => Date;
}

/**
 * Runs of kind `restore`: copies an image back from the archive, to the tag
 * that it had. The copy stays where it is until its time is over.
 */
export class ImageRestorer implements RunHandler {
  readonly kind = 'restore';
  readonly #options: ImageRestorerOptions;

  static create(options: ImageRestorerOptions): ImageRestorer {
    return new ImageRestorer(options);
  }

  private constructor(options: ImageRestorerOptions) {
    this.#options = options;
  }

  /** The service of routes, over the runs that this works on. */
  service(runs: Pick<RunService, 'start'>): RetentionService {
    return {
      restore: async (reference, actor) => {
        const { name, tag } = this.#parse(reference);
        await this.#find(name, tag);
        return runs.start(
          { kind: this.kind, target: `${formatRepository(name)}:${tag}` },
          { trigger: 'user', actor },
        );
      },
    };
  }

  /**
   * @throws NotFoundError - retention keeps no copy of the target
   * @throws ConflictError - another image has the tag by now
   * @throws RegistryError - the copy failed, or has another digest
   */
  async run(context: RunContext): Promise<void> {
    const { store, recomputer, registries, now } = this.#options;
    const { name, tag } = this.#parse(context.target ?? '');
    const removal = await this.#find(name, tag);
    context.progress({ total: 1 });
    if (!(await this.#isThere(removal, context))) {
      const archive = parseReference(removal.archive_reference!);
      await TagArchiver.create({ registries }).copy(
        removal,
        { from: archive, to: name, tag },
        context,
      );
    }
    await store.recordRestored(removal, {
      actor: context.actor,
      at: now().toISOString(),
    });
    const reference = `${removal.repository}:${tag}`;
    const reason = `from ${removal.archive_reference}`;
    context.log(`${reference}: restored ${removal.digest} ${reason}`);
    context.item({
      reference,
      action: 'restore',
      reason,
      state: 'done',
      error: null,
    });
    context.progress({ done: 1 });
    await recomputer.recompute('image restored');
  }

  async #isThere(
    { repository, tag, digest }: RemovalTable,
    { signal }: RunContext,
  ): Promise<boolean> {
    const place = splitRepository(repository);
    const found = await this.#options.registries
      .clientFor(place.registry)
      .headManifest(place.repository, tag, { signal });
    if (found && found.digest !== digest) {
      throw new ConflictError(
        `${repository}:${tag} is ${found.digest} by now; it was not replaced by ${digest}`,
      );
    }
    return found !== undefined;
  }

  async #find(name: RepositoryName, tag: string): Promise<RemovalTable> {
    const repository = formatRepository(name);
    const found = await this.#options.store.findArchived(repository, tag);
    if (!found) {
      throw new NotFoundError(
        `reference: retention keeps no copy of ${repository}:${tag}`,
      );
    }
    return found;
  }

  #parse(text: string): { name: RepositoryName; tag: string } {
    let parsed: ReturnType<typeof parseReference>;
    try {
      parsed = parseReference(text);
    } catch (error) {
      throw new InputError(`reference: ${(error as Error).message}`);
    }
    const { tag, digest, registry, repository } = parsed;
    if (tag === undefined || digest !== undefined) {
      throw new InputError(`reference: ${text} must be host/path:tag`);
    }
    const name = this.#options.registries.canonical({ registry, repository });
    return { name, tag };
  }
}
