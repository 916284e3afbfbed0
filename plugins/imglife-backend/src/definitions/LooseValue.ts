import type { ConfigPath } from './Faults';

/**
 * A view of a configuration value that may have any shape, so that checks
 * across values run although a shape is wrong elsewhere: what does not fit is
 * simply absent here, and named by the schema.
 */
export class LooseValue {
  /** below `imglife` */
  readonly path: ConfigPath;
  readonly #value: unknown;

  static create(value: unknown): LooseValue {
    return new LooseValue(value, []);
  }

  private constructor(value: unknown, path: ConfigPath) {
    this.#value = value;
    this.path = path;
  }

  get isPresent(): boolean {
    return this.#value !== undefined;
  }

  /** Whether it is a block, so that keys can be missed in it. */
  get isBlock(): boolean {
    return (
      typeof this.#value === 'object' &&
      this.#value !== null &&
      !Array.isArray(this.#value)
    );
  }

  get isTrue(): boolean {
    return this.#value === true;
  }

  /** The value when it is text that is not empty. */
  get text(): string | undefined {
    return typeof this.#value === 'string' && this.#value !== ''
      ? this.#value
      : undefined;
  }

  get(...keys: string[]): LooseValue {
    let found: LooseValue = this;
    for (const key of keys) {
      const value =
        found.isBlock && Object.hasOwn(found.#value as object, key)
          ? (found.#value as Record<string, unknown>)[key]
          : undefined;
      found = new LooseValue(value, [...found.path, key]);
    }
    return found;
  }

  /** Members of a list; empty when it is none. */
  get items(): LooseValue[] {
    return Array.isArray(this.#value)
      ? this.#value.map(
          (value, index) => new LooseValue(value, [...this.path, index]),
        )
      : [];
  }

  /** The text as `parse` reads it; undefined when it cannot be read. */
  parsed<T>(parse: (text: string) => T): T | undefined {
    if (this.text === undefined) {
      return undefined;
    }
    try {
      return parse(this.text);
    } catch {
      return undefined;
    }
  }
}
