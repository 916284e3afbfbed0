import { stringifyError } from '@backstage/errors';
import {
  formatRepository,
  RegistryError,
  type RegistryClient,
} from '@imglife/oci';
import type { Definitions, RepositoryName } from '../definitions/Definitions';
import { eachAtOnce } from '../eachAtOnce';
import type { RunContext } from '../runs/RunContext';
import type { ApplicationService } from './ApplicationService';
import type { ApplicationStore, KnownTag } from './ApplicationStore';
import { newestTags } from './newestTags';

// OCI distribution-spec, Error Codes; Harbor says the second
const ABSENT = ['NAME_UNKNOWN', 'NOT_FOUND'];

/** What {@link RepositoryScan} works with. */
export interface RepositoryScanOptions {
  name: RepositoryName;
  client: RegistryClient;
  store: Pick<ApplicationStore, 'tagsOf' | 'settle'>;
  applications: Pick<ApplicationService, 'discover' | 'review'>;
  definitions: Pick<Definitions, 'applications'>;
  /** whether images that nobody registered are recorded */
  discovers: boolean;
  context: Pick<
    RunContext,
    'dryRun' | 'force' | 'signal' | 'item' | 'log' | 'progress'
  >;
  now: () => Date;
}

/**
 * One repository of applications, brought up to date: rows whose tag is gone,
 * tags that nobody registered, and images whose base was left open. An image
 * with the digest that is recorded costs one HEAD.
 */
export class RepositoryScan {
  readonly #options: RepositoryScanOptions;
  readonly #repository: string;
  #changed = false;

  static create(options: RepositoryScanOptions): RepositoryScan {
    return new RepositoryScan(options);
  }

  private constructor(options: RepositoryScanOptions) {
    this.#options = options;
    this.#repository = formatRepository(options.name);
  }

  /**
   * @param only - the one tag that is looked at; undefined = the newest
   * @returns whether a row was written that verdicts may depend on
   * @throws RegistryError - the tags cannot be listed; no row was touched
   */
  async run(only?: string): Promise<boolean> {
    const { store, client, context, definitions } = this.#options;
    const known = new Map(
      (await store.tagsOf(this.#repository)).map(row => [row.tag, row]),
    );
    const tags = await this.#listTags();
    await this.#settle(new Set(tags), [...known.keys()]);
    const { tagsPerRepository } = definitions.applications.scan;
    const wanted =
      only === undefined
        ? newestTags(tags, tagsPerRepository)
        : tags.filter(tag => tag === only);
    await eachAtOnce(wanted, client.concurrency, async tag => {
      context.signal.throwIfAborted();
      await this.#tag(tag, known.get(tag));
    });
    return this.#changed;
  }

  /** Empty where the registry says that it has no such repository. */
  async #listTags(): Promise<string[]> {
    const { client, name, context } = this.#options;
    try {
      return await client.listTags(name.repository, {
        signal: context.signal,
      });
    } catch (error) {
      // Without its code a 404 may come from anything in between
      if (
        error instanceof RegistryError &&
        error.status === 404 &&
        ABSENT.includes(error.code ?? '')
      ) {
        return [];
      }
      throw error;
    }
  }

  async #settle(present: Set<string>, known: string[]): Promise<void> {
    const { store, context, definitions, now } = this.#options;
    if (context.dryRun) {
      known
        .filter(tag => !present.has(tag))
        .forEach(tag => this.#item(tag, 'gone', 'planned'));
      return;
    }
    const { gone, back } = await store.settle(this.#repository, present, {
      now: now(),
      current: definitions.applications.current,
    });
    gone.forEach(tag => this.#item(tag, 'gone', 'done'));
    back.forEach(tag => this.#item(tag, 'back', 'done'));
    this.#changed ||= gone.length + back.length > 0;
  }

  async #tag(tag: string, row: KnownTag | undefined): Promise<void> {
    const { context } = this.#options;
    try {
      await this.#compare(tag, row);
    } catch (error) {
      context.signal.throwIfAborted();
      const message = stringifyError(error);
      context.log(`${this.#repository}:${tag}: ${message}`);
      this.#item(tag, row ? 'update' : 'discover', 'failed', message);
    }
  }

  async #compare(tag: string, row: KnownTag | undefined): Promise<void> {
    const { client, name, discovers, applications, context } = this.#options;
    const { signal, force, dryRun } = context;
    if (!row && !discovers) {
      return;
    }
    const found = await client.headManifest(name.repository, tag, { signal });
    if (!found) {
      return;
    }
    const image = { name, tag, digest: found.digest };
    const isOpen = row && ['none', 'unconfirmed'].includes(row.confidence);
    const isSame = row?.digest === found.digest;
    if (row && !row.discovered) {
      // A pipeline has spoken: only what it left open is looked for
      if (!isSame || !(isOpen || force) || dryRun) {
        return;
      }
      this.#done(tag, 'review', await applications.review(image, row.actor));
    } else if (!isSame || isOpen || force) {
      if (dryRun) {
        this.#item(tag, row ? 'update' : 'discover', 'planned');
        return;
      }
      const isNew = await applications.discover(image);
      this.#done(tag, row ? 'update' : 'discover', isNew);
    }
  }

  #done(tag: string, action: string, isNew: boolean): void {
    if (isNew) {
      this.#item(tag, action, 'done');
      this.#changed = true;
    }
  }

  #item(
    tag: string,
    action: string,
    state: 'planned' | 'done' | 'failed',
    error: string | null = null,
  ): void {
    this.#options.context.item({
      reference: `${this.#repository}:${tag}`,
      action,
      reason: null,
      state,
      error,
    });
  }
}
