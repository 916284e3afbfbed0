import { formatRepository } from '@imglife/oci';
import type { Definitions, RepositoryName } from '../definitions/Definitions';
import type { Registries } from '../registries/Registries';
import type { RunContext } from '../runs/RunContext';
import type { RunService } from '../runs/RunService';
import type { StatusRecomputer } from '../status/StatusRecomputer';
import type { PathAdopter } from '../applications/ApplicationScanner';
import type { AdoptionStore } from './AdoptionStore';
import { DIGEST_TAG } from './DefaultPathAdopter';

/** What {@link PushedTiers} works with. */
export interface PushedTiersOptions {
  definitions: Pick<Definitions, 'mirrors' | 'bases'>;
  registries: Pick<Registries, 'clientFor'>;
  store: Pick<AdoptionStore, 'isBusy' | 'recordedDigest'>;
  adopter: PathAdopter;
  recomputer: StatusRecomputer;
  runs: Pick<RunService, 'start'>;
}

interface Entry {
  name: string;
  target: RepositoryName;
}

/**
 * What a push to the path of a mirror or base is for: a tag without a record is
 * adopted; one that has now another digest than ours starts the run that puts
 * it right, `verify` of a mirror, `build` of a base.
 *
 * Our own pushes are pushes too: while a run of that entry is under way, and
 * where the digest is the one on record, nothing is to be done.
 */
export class PushedTiers {
  readonly #options: PushedTiersOptions;

  static create(options: PushedTiersOptions): PushedTiers {
    return new PushedTiers(options);
  }

  private constructor(options: PushedTiersOptions) {
    this.#options = options;
  }

  /** @returns false when the image lies on no such path */
  async look(
    image: { repository: string; tag: string },
    context: RunContext,
  ): Promise<boolean> {
    const { mirrors, bases } = this.#options.definitions;
    const isTarget = ({ target }: Entry) =>
      formatRepository(target) === image.repository;
    const mirror = mirrors.entries.find(isTarget);
    const entry = mirror ?? bases.entries.find(isTarget);
    if (!entry) {
      return false;
    }
    if (!DIGEST_TAG.test(image.tag) && !(await this.#isBusy(entry, !!mirror))) {
      await this.#reconcile(entry, mirror ? 'verify' : 'build', image, context);
    }
    return true;
  }

  async #isBusy({ name }: Entry, isMirror: boolean): Promise<boolean> {
    const { store } = this.#options;
    return isMirror
      ? (await store.isBusy('sync', name)) || store.isBusy('verify', name)
      : store.isBusy('build', name);
  }

  async #reconcile(
    { name, target }: Entry,
    kind: 'verify' | 'build',
    image: { repository: string; tag: string },
    context: RunContext,
  ): Promise<void> {
    const { adopter, recomputer, registries, runs, store } = this.#options;
    const recorded = await store.recordedDigest(image.repository, image.tag);
    if (recorded === undefined) {
      if (await adopter.adopt(context, image.repository)) {
        await recomputer.recompute('image pushed');
      }
      return;
    }
    const found = await registries
      .clientFor(target.registry)
      .headManifest(target.repository, image.tag, { signal: context.signal });
    if (found && found.digest !== recorded) {
      context.log(
        `${image.repository}:${image.tag} is ${found.digest} and was recorded as ${recorded}`,
      );
      await runs.start(
        { kind, target: name },
        { trigger: 'event', actor: context.actor },
      );
    }
  }
}
