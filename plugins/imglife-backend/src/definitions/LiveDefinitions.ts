import type { Definitions } from './Definitions';

/**
 * Definitions that may be replaced as a whole while the plugin runs. Whoever
 * holds them reads their members when they are used, and never keeps one.
 */
export class LiveDefinitions implements Definitions {
  #current: Definitions;

  static create(first: Definitions): LiveDefinitions {
    return new LiveDefinitions(first);
  }

  private constructor(first: Definitions) {
    this.#current = first;
  }

  get registries() {
    return this.#current.registries;
  }

  get tiers() {
    return this.#current.tiers;
  }

  get mirrors() {
    return this.#current.mirrors;
  }

  get bases() {
    return this.#current.bases;
  }

  get applications() {
    return this.#current.applications;
  }

  get lifecycle() {
    return this.#current.lifecycle;
  }

  get policy() {
    return this.#current.policy;
  }

  get notifications() {
    return this.#current.notifications;
  }

  get retention() {
    return this.#current.retention;
  }

  get workers() {
    return this.#current.workers;
  }

  get files() {
    return this.#current.files;
  }

  /** From now on these count. */
  replace(next: Definitions): void {
    this.#current = next;
  }
}
