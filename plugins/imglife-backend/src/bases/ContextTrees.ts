import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UrlReaderService } from '@backstage/backend-plugin-api';
import { ForwardedError, InputError } from '@backstage/errors';
import { MAX_CONTEXT_BYTES, MAX_CONTEXT_ENTRIES } from './readContext';

const TIMEOUT_MS = 120_000;
const COMMIT = /^[0-9a-f]{40}([0-9a-f]{24})?$/;

/** A context that was read by URL. */
export interface ContextTree {
  /** absolute; read-only */
  folder: string;
  /** the commit it is of, where the host tells */
  revision?: string;
  /** time of that commit, where the archive tells */
  committedAt?: Date;
}

interface Held extends ContextTree {
  etag: string;
  /** of the tree before, which a build may still read */
  previous?: string;
}

/**
 * Contexts kept in git, read as trees by URL. A tree is fetched again only
 * when its etag has changed.
 */
export class ContextTrees {
  readonly #reader: UrlReaderService;
  readonly #now: () => Date;
  readonly #held = new Map<string, Held>();
  readonly #reading = new Map<string, Promise<ContextTree>>();

  static create(options: {
    reader: UrlReaderService;
    now: () => Date;
  }): ContextTrees {
    return new ContextTrees(options.reader, options.now);
  }

  private constructor(reader: UrlReaderService, now: () => Date) {
    this.#reader = reader;
    this.#now = now;
  }

  /**
   * The tree as it is now.
   *
   * @throws InputError - it is too large
   * @throws ForwardedError - it cannot be read
   */
  async read(url: string): Promise<ContextTree> {
    const reading =
      this.#reading.get(url) ??
      this.#refresh(url).finally(() => this.#reading.delete(url));
    this.#reading.set(url, reading);
    return reading;
  }

  /** Removes what is on disk. */
  async close(): Promise<void> {
    const held = [...this.#held.values()];
    this.#held.clear();
    for (const { folder, previous } of held) {
      await remove(folder);
      await remove(previous);
    }
  }

  async #refresh(url: string): Promise<ContextTree> {
    const known = this.#held.get(url);
    try {
      const tree = await this.#fetch(url, known?.etag);
      await remove(known?.previous);
      this.#held.set(url, { ...tree, previous: known?.folder });
      return tree;
    } catch (error) {
      if (known && (error as Error).name === 'NotModifiedError') {
        return known;
      }
      throw error instanceof InputError
        ? error
        : new ForwardedError(`Cannot read the context ${url}`, error);
    }
  }

  async #fetch(url: string, etag: string | undefined): Promise<Held> {
    const startedAt = this.#now();
    const response = await this.#reader.readTree(url, {
      etag,
      filter: limiter(url),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const folder = await mkdtemp(join(tmpdir(), 'imglife-context-'));
    try {
      await response.dir({ targetDir: folder });
      return {
        folder,
        etag: response.etag,
        revision: COMMIT.test(response.etag) ? response.etag : undefined,
        committedAt: await newestBefore(folder, startedAt),
      };
    } catch (error) {
      await remove(folder);
      throw error;
    }
  }
}

/** Stops a tree that is too large while it is read. */
function limiter(url: string) {
  let entries = 0;
  let bytes = 0;
  return (_path: string, entry?: { size: number }) => {
    entries += 1;
    bytes += entry?.size ?? 0;
    if (entries > MAX_CONTEXT_ENTRIES || bytes > MAX_CONTEXT_BYTES) {
      throw new InputError(
        `The context ${url} has over ${MAX_CONTEXT_ENTRIES} entries or ${MAX_CONTEXT_BYTES} bytes; is it the right folder?`,
      );
    }
    return true;
  };
}

/**
 * Archives of git give each file its commit's time; those of other hosts do
 * not, and what was unpacked just now tells nothing.
 */
async function newestBefore(
  folder: string,
  limit: Date,
): Promise<Date | undefined> {
  const entries = await readdir(folder, {
    recursive: true,
    withFileTypes: true,
  });
  const times = await Promise.all(
    entries
      .filter(entry => entry.isFile())
      .map(async entry => {
        const { mtimeMs } = await stat(join(entry.parentPath, entry.name));
        return Math.floor(mtimeMs / 1000) * 1000;
      }),
  );
  const newest = Math.max(0, ...times);
  return newest > 0 && newest < limit.getTime() - 1000
    ? new Date(newest)
    : undefined;
}

async function remove(folder: string | undefined): Promise<void> {
  if (folder !== undefined) {
    await rm(folder, { recursive: true, force: true });
  }
}
