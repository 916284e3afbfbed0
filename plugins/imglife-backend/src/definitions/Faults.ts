import { InputError } from '@backstage/errors';
import type { z } from 'zod';

/** Keys and array positions that lead to a value. */
export type ConfigPath = readonly PropertyKey[];

/**
 * The path as it is written in messages and records, such as
 * `imglife.mirrors.entries[1].tags.regex`.
 */
export function formatConfigPath(path: ConfigPath): string {
  return path.reduce<string>(
    (text, key) =>
      typeof key === 'number' ? `${text}[${key}]` : `${text}.${String(key)}`,
    'imglife',
  );
}

/**
 * The faults of a configuration, each with its path, so that one message can
 * name them all. Values of the configuration never go in: they may be secret.
 */
export class Faults {
  readonly #lines = new Set<string>();

  /** @param locate - says where a config path comes from, in a text */
  static create(locate: (text: string) => string = text => text): Faults {
    return new Faults(locate);
  }

  readonly #locate: (text: string) => string;

  private constructor(locate: (text: string) => string) {
    this.#locate = locate;
  }

  /**
   * @param path - below `imglife`
   * @param message - what is wrong and what to do
   */
  add(path: ConfigPath, message: string): void {
    this.#lines.add(`${formatConfigPath(path)}: ${message}`);
  }

  /** Adds what a zod schema found; an unknown key is named in its path. */
  addIssues(issues: readonly z.core.$ZodIssue[]): void {
    for (const issue of issues) {
      if (issue.code === 'unrecognized_keys') {
        for (const key of issue.keys) {
          this.add([...issue.path, key], issue.message);
        }
      } else {
        this.add(issue.path, issue.message);
      }
    }
  }

  /** @throws InputError - there are faults; its message lists each of them */
  throwIfAny(): void {
    const count = this.#lines.size;
    if (count > 0) {
      throw new InputError(
        `The imglife configuration has ${count} fault${
          count > 1 ? 's' : ''
        }:\n${[...this.#lines]
          .map(line => `- ${this.#locate(line)}`)
          .join('\n')}`,
      );
    }
  }
}
