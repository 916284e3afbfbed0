import type {
  LoggerService,
  UrlReaderService,
} from '@backstage/backend-plugin-api';
import { InputError, stringifyError } from '@backstage/errors';
import type { DefinitionFileTable } from '../database/tables';
import type { DefinitionFile } from './combineDeclarations';
import type { DefinitionFileStore } from './DefinitionFileStore';
import type { Definitions, DefinitionFileSource } from './Definitions';
import { LiveDefinitions } from './LiveDefinitions';

const MAX_BYTES = 1024 * 1024;

/** What {@link DefinitionFiles} works with. */
export interface DefinitionFilesOptions {
  store: DefinitionFileStore;
  reader: UrlReaderService;
  /** Reads and validates app-config together with these files; throws faults. */
  read(files: DefinitionFile[]): Definitions;
  now: () => Date;
  logger: LoggerService;
}

/** How the reading of one file stands. */
export interface DefinitionFileState {
  url: string;
  /** last time it was good, ISO 8601 UTC */
  readAt: string | null;
  /** why what is there now does not count; `null`: it does */
  error: string | null;
}

/**
 * Definitions kept in git: read by URL on schedule, validated together with
 * app-config, and stored. What is stored counts, so that every replica and
 * every restart has the last good set whatever becomes of the URL.
 */
export class DefinitionFiles {
  /** What counts now; replaced by {@link DefinitionFiles.load}. */
  readonly definitions: LiveDefinitions;
  readonly #options: DefinitionFilesOptions;
  readonly #refused = new Map<string, string>();
  #loaded = '';

  /** @throws InputError - app-config alone has faults */
  static create(options: DefinitionFilesOptions): DefinitionFiles {
    return new DefinitionFiles(options);
  }

  private constructor(options: DefinitionFilesOptions) {
    this.#options = options;
    this.definitions = LiveDefinitions.create(options.read([]));
  }

  /** Differs when other files count. */
  get revision(): string {
    return this.#loaded;
  }

  /**
   * Takes up what is stored. A stored file that no longer fits the rest is
   * left out, with a logged error.
   */
  async load(): Promise<void> {
    if (!this.definitions.files.length) {
      return;
    }
    const good = this.#good(await this.#options.store.list());
    const revision = JSON.stringify(good);
    if (revision !== this.#loaded) {
      this.definitions.replace(this.#compose(good));
      this.#loaded = revision;
    }
  }

  /** Reads the files that are due; each failure is recorded and logged. */
  async refresh(): Promise<void> {
    for (const file of this.definitions.files) {
      const now = this.#options.now();
      const dueBefore = new Date(now.getTime() - file.schedule.frequencyMs);
      const { store } = this.#options;
      const hasTurn = await store.claim(
        file.url,
        now.toISOString(),
        dueBefore.toISOString(),
      );
      if (hasTurn) {
        await this.#read(file);
      }
    }
  }

  /** How each declared file stands. */
  async states(): Promise<DefinitionFileState[]> {
    if (!this.definitions.files.length) {
      return [];
    }
    const rows = new Map(
      (await this.#options.store.list()).map(row => [row.url, row]),
    );
    return this.definitions.files.map(({ url }) => ({
      url,
      readAt: rows.get(url)?.read_at ?? null,
      error: rows.get(url)?.error ?? this.#refused.get(url) ?? null,
    }));
  }

  async #read(file: DefinitionFileSource): Promise<void> {
    const { store, logger, now } = this.#options;
    const { url } = file;
    try {
      const rows = await store.list();
      const stored = rows.find(row => row.url === url);
      const read = await this.#fetch(file, stored?.etag ?? undefined);
      const at = now().toISOString();
      if (!read) {
        await store.recordUnchanged(url, at);
        return;
      }
      const others = this.#good(rows).filter(other => other.url !== url);
      // together with the others as they are: what is stored always fits
      this.#options.read([...others, { url, content: read.content }]);
      await store.recordContent(url, { ...read, at });
      if (stored?.content !== read.content) {
        logger.info(`Definitions of ${url} are read anew`);
      }
    } catch (error) {
      const message = stringifyError(error);
      logger.error(
        `Definitions of ${url} do not count, the last good ones stay: ${message}`,
      );
      await store.recordError(url, message, now().toISOString());
    }
  }

  /** @returns undefined when nothing changed since that etag */
  async #fetch(
    { url, schedule }: DefinitionFileSource,
    etag: string | undefined,
  ): Promise<{ content: string; etag?: string } | undefined> {
    const signal = AbortSignal.timeout(schedule.timeoutMs);
    try {
      const response = await this.#options.reader.readUrl(url, {
        etag,
        signal,
      });
      const bytes = await response.buffer();
      if (bytes.length > MAX_BYTES) {
        throw new InputError(
          `${url}: has ${bytes.length} bytes, over ${MAX_BYTES}`,
        );
      }
      return { content: bytes.toString('utf8'), etag: response.etag };
    } catch (error) {
      if ((error as Error).name === 'NotModifiedError') {
        return undefined;
      }
      throw error;
    }
  }

  /** Stored contents of the declared files, in the order of declaration. */
  #good(rows: DefinitionFileTable[]): DefinitionFile[] {
    const contents = new Map(rows.map(row => [row.url, row.content]));
    return this.definitions.files.flatMap(({ url }) => {
      const content = contents.get(url);
      return typeof content === 'string' ? [{ url, content }] : [];
    });
  }

  /** All files, or as many as fit: app-config may have changed since. */
  #compose(good: DefinitionFile[]): Definitions {
    const { read, logger } = this.#options;
    this.#refused.clear();
    const taken: DefinitionFile[] = [];
    let definitions = read(taken);
    for (const file of good) {
      try {
        definitions = read([...taken, file]);
        taken.push(file);
      } catch (error) {
        const message = stringifyError(error);
        this.#refused.set(file.url, message);
        logger.error(`Definitions of ${file.url} do not count: ${message}`);
      }
    }
    return definitions;
  }
}
