import { ConflictError, InputError, NotFoundError } from '@backstage/errors';
import { formatRepository, parseReference, Reference } from '@imglife/oci';
import type { RunService } from '../runs/RunService';
import type { MirrorStore } from './MirrorStore';

/** Lets moved immutable tags follow their upstream, by a person's word. */
export class MovedTags {
  readonly #store: MirrorStore;
  readonly #runs: Pick<RunService, 'start'>;
  readonly #now: () => Date;

  static create(options: {
    store: MirrorStore;
    runs: Pick<RunService, 'start'>;
    now: () => Date;
  }): MovedTags {
    return new MovedTags(options.store, options.runs, options.now);
  }

  private constructor(
    store: MirrorStore,
    runs: Pick<RunService, 'start'>,
    now: () => Date,
  ) {
    this.#store = store;
    this.#runs = runs;
    this.#now = now;
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
    const { registry, repository, tag } = parseTagReference(reference);
    const place = formatRepository({ registry, repository });
    const row = await this.#store.find(place, tag);
    if (!row) {
      throw new NotFoundError(`${place}:${tag} is no mirrored tag`);
    }
    const at = this.#now().toISOString();
    const recorded =
      row.accepted_digest === digest ||
      // copied already
      (row.upstream_digest === digest && row.pending_digest === null) ||
      (await this.#store.recordAcceptance(
        { repository: place, tag, digest },
        { actor, at },
      ));
    if (!recorded) {
      const waiting = row.pending_digest ?? 'nothing';
      throw new ConflictError(
        `${place}:${tag}: ${digest} does not wait to be accepted, but ${waiting} does`,
      );
    }
    return this.#runs.start(
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
