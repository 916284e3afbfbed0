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

  /** Whether there is a value at all. */
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

  /** Whether it is `true` itself. */
  get isTrue(): boolean {
    return this.#value === true;
  }

  /** The value when it is text that is not empty. */
  get text(): string | undefined {
    return typeof this.#value === 'string' && this.#value !== ''
      ? this.#value
      : undefined;
  }

  /** What is found by following the keys; absent where there is nothing. */
  get(...keys: string[]): LooseValue {
    return keys.reduce<LooseValue>((found, key) => found.#member(key), this);
  }

  #member(key: string): LooseValue {
    const value =
      this.isBlock && Object.hasOwn(this.#value as object, key)
        ? (this.#value as Record<string, unknown>)[key]
        : undefined;
    return new LooseValue(value, [...this.path, key]);
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
