import { ConflictError, InputError, NotFoundError } from '@backstage/errors';
import { formatRepository, parseReference, Reference } from '@imglife/oci';
import type { Registries } from '../registries/Registries';
import type { RunService } from '../runs/RunService';
import type { MirrorStore } from './MirrorStore';

/** What {@link MovedTags} works with. */
export interface MovedTagsOptions {
  registries: Pick<Registries, 'canonical'>;
  store: MirrorStore;
  runs: Pick<RunService, 'start'>;
  now: () => Date;
}

/** Lets moved immutable tags follow their upstream, by a person's word. */
export class MovedTags {
  readonly #options: MovedTagsOptions;

  static create(options: MovedTagsOptions): MovedTags {
    return new MovedTags(options);
  }

  private constructor(options: MovedTagsOptions) {
    this.#options = options;
  }

  /**
   * Accepts what upstream has now, and queues the sync that copies it. A repeat
   * changes nothing.
   *
   * @returns the id of the run
   * @throws InputError - no reference with a tag
   * @throws NotFoundError - no such mirrored tag
   * @throws ConflictError - that digest is not the one that waits
   */
  async accept(
    { reference, digest }: { reference: string; digest: string },
    actor: string,
  ): Promise<{ id: string }> {
    const { registries, store, runs, now } = this.#options;
    const { tag, ...name } = parseTagReference(reference);
    const place = formatRepository(registries.canonical(name));
    const row = await store.find(place, tag);
    if (!row) {
      throw new NotFoundError(`${place}:${tag} is no mirrored tag`);
    }
    const at = now().toISOString();
    const recorded =
      (row.accepted_digest === digest && row.pending_digest === digest) ||
      // copied already
      (row.upstream_digest === digest && row.pending_digest === null) ||
      (await store.recordAcceptance(
        { repository: place, tag, digest },
        { actor, at },
      ));
    if (!recorded) {
      throw new ConflictError(
        row.pending_digest
          ? `${place}:${tag}: ${row.pending_digest} waits to be accepted, not ${digest}`
          : `${place}:${tag}: nothing waits to be accepted`,
      );
    }
    return runs.start(
      { kind: 'sync', target: row.mirror },
      { trigger: 'user', actor },
    );
  }
}

function parseTagReference(text: string): Reference & { tag: string } {
  let reference: Reference;
  try {
    reference = parseReference(text);
  } catch (error) {
    throw new InputError(`reference: ${(error as Error).message}`);
  }
  if (reference.tag === undefined || reference.digest !== undefined) {
    throw new InputError(`reference: ${text} must be host/path:tag`);
  }
  return { ...reference, tag: reference.tag };
}
