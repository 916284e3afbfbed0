import type { BlobWays } from './BlobLedger';
import { settled } from './settled';

/** A registry that refuses so many hints at first mounts nothing, or has lost much. */
const MAX_REFUSALS = 3;

/**
 * Mounts from where blobs may be. Until a registry has granted one, they are
 * tried one at a time, so that one which mounts nothing is not asked in vain by
 * many.
 */
export class MountTrials {
  /** By host. */
  readonly #granted = new Set<string>();
  readonly #refusals = new Map<string, number>();
  readonly #trials = new Map<string, Promise<unknown>>();

  static create(): MountTrials {
    return new MountTrials();
  }

  private constructor() {}

  /**
   * Throws what the mount throws.
   *
   * @returns undefined when it is not worth the try
   */
  async mount(
    host: string,
    ways: Pick<BlobWays, 'mount' | 'signal'>,
    from: string,
  ): Promise<boolean | undefined> {
    for (;;) {
      const trial = this.#trials.get(host);
      if (!trial) {
        break;
      }
      await settled(trial, ways.signal);
    }
    const refusals = this.#refusals.get(host) ?? 0;
    if (refusals >= MAX_REFUSALS) {
      return undefined;
    }
    const mounting = ways.mount(from);
    if (this.#granted.has(host)) {
      return mounting;
    }
    this.#trials.set(host, mounting);
    try {
      const isMounted = await mounting;
      if (isMounted) {
        this.#granted.add(host);
        this.#refusals.delete(host);
      } else {
        this.#refusals.set(host, refusals + 1);
      }
      return isMounted;
    } finally {
      this.#trials.delete(host);
    }
  }
}
