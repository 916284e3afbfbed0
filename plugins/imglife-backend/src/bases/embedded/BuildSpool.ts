import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Where one build keeps what is too large for memory: files of a temporary
 * folder, which is made with the first of them and removed with the last.
 */
export class BuildSpool {
  #folder: Promise<string> | undefined;
  #count = 0;

  static create(): BuildSpool {
    return new BuildSpool();
  }

  private constructor() {}

  /** Path of a new file. */
  async file(): Promise<string> {
    this.#folder ??= mkdtemp(join(tmpdir(), 'imglife-build-'));
    return join(await this.#folder, String(this.#count++));
  }

  /** Removes all of them. */
  async remove(): Promise<void> {
    if (this.#folder) {
      await rm(await this.#folder, { recursive: true, force: true });
    }
  }
}
