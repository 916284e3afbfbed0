import type { LoggerService } from '@backstage/backend-plugin-api';
import { ServiceUnavailableError, toError } from '@backstage/errors';
import type { MirrorDefinition } from '../definitions/Definitions';
import type { RunContext } from '../runs/RunContext';
import { EndOfLifeClient } from './EndOfLifeClient';
import { KnownLifecycle, type LifecycleProduct } from './KnownLifecycle';
import type { LifecycleData, LifecycleService } from './LifecycleService';
import type { LifecycleStore } from './LifecycleStore';
import { osProducts } from './osOfSuffix';
import { withOverrides } from './withOverrides';
import type { ProductFacts } from './productFacts';
import {
  readOverrides,
  readSnapshot,
  type LifecycleSnapshot,
} from './productFiles';

const CACHE_MS = 10_000;

/** What {@link DefaultLifecycleService} works with. */
export interface DefaultLifecycleServiceOptions {
  store: LifecycleStore;
  /** API v1 root; undefined: no network */
  url?: string;
  /** JSON file of product answers, laid over the rest */
  overridesFile?: string;
  /** whose products are in use */
  definitions: {
    mirrors: {
      entries: ReadonlyArray<Pick<MirrorDefinition, 'source' | 'lifecycle'>>;
    };
  };
  now: () => Date;
  logger: LoggerService;
  fetch?: typeof fetch;
  /** undefined: the one that comes with the package */
  snapshot?: LifecycleSnapshot;
}

/**
 * Keeps end-of-life data in the database: seeded by the built-in snapshot,
 * refreshed by the API, own overrides on top.
 */
export class DefaultLifecycleService implements LifecycleService {
  readonly #options: DefaultLifecycleServiceOptions;
  readonly #client: EndOfLifeClient | undefined;
  #overrides: ProductFacts[] | undefined;
  #loaded: { data: Promise<LifecycleData>; until: number } | undefined;

  static create(
    options: DefaultLifecycleServiceOptions,
  ): DefaultLifecycleService {
    return new DefaultLifecycleService(options);
  }

  private constructor(options: DefaultLifecycleServiceOptions) {
    this.#options = options;
    this.#client =
      options.url === undefined
        ? undefined
        : EndOfLifeClient.create({ url: options.url, fetch: options.fetch });
  }

  /**
   * Brings the snapshot into the database where it is newer than what is
   * there, and reads the overrides. To be called once, at start.
   *
   * @throws InputError, ForwardedError - the overrides cannot be read
   */
  async seed(): Promise<void> {
    const { store, snapshot = await readSnapshot() } = this.#options;
    await this.#readOverrides();
    await store.seed(snapshot.products, snapshot.generatedAt);
    this.#loaded = undefined;
  }

  async load(): Promise<LifecycleData> {
    const now = this.#options.now().getTime();
    if (!this.#loaded || this.#loaded.until <= now) {
      const loaded = { data: this.#read(), until: now + CACHE_MS };
      this.#loaded = loaded;
      loaded.data.catch(() => {
        if (this.#loaded === loaded) {
          this.#loaded = undefined;
        }
      });
    }
    return this.#loaded.data;
  }

  async refresh(context: RunContext): Promise<void> {
    const failed: string[] = [];
    try {
      await this.#readOverrides();
    } catch (error) {
      failed.push('overrides');
      addItem(context, 'overrides', 'failed', error);
    }
    if (this.#client) {
      failed.push(...(await this.#refreshAll(context, this.#client)));
    } else {
      context.log(
        'imglife.lifecycle.url is not set: nothing to ask, the built-in snapshot and the overrides count',
      );
    }
    this.#loaded = undefined;
    if (failed.length > 0) {
      throw new ServiceUnavailableError(
        `End-of-life data could not be refreshed for ${failed.join(
          ', ',
        )}; what was known before stays in use`,
      );
    }
  }

  async #refreshAll(
    context: RunContext,
    client: EndOfLifeClient,
  ): Promise<string[]> {
    const names = await this.#namesToRefresh(context.target);
    const failed: string[] = [];
    context.progress({ total: names.length });
    // one after the other: the API is a free service of volunteers
    for (const name of names) {
      context.signal.throwIfAborted();
      if (context.dryRun) {
        addItem(context, name, 'planned');
      } else if (!(await this.#refreshOne(context, client, name))) {
        failed.push(name);
      }
      context.progress({ done: 1 });
    }
    return failed;
  }

  async #refreshOne(
    context: RunContext,
    client: EndOfLifeClient,
    name: string,
  ): Promise<boolean> {
    const { store, now, logger } = this.#options;
    let facts: ProductFacts;
    try {
      facts = await client.product(name, context.signal);
    } catch (error) {
      context.signal.throwIfAborted();
      const { message } = toError(error);
      await store.recordFailure(name, message, now().toISOString());
      addItem(context, name, 'failed', error);
      context.log(`${name}: ${message}`);
      logger.warn(`End-of-life data of ${name} was not refreshed: ${message}`);
      return false;
    }
    await store.replace({
      ...facts,
      source: 'api',
      fetchedAt: now().toISOString(),
    });
    addItem(context, name, 'done');
    context.log(`${name}: ${facts.cycles.length} cycles`);
    return true;
  }

  /** Products of the mirrors, and the systems that tags of others name. */
  async #namesToRefresh(target: string | undefined): Promise<string[]> {
    if (target !== undefined) {
      return [target];
    }
    const data = await this.load();
    return [...this.#inUse(data)].sort();
  }

  #inUse(data: LifecycleData): Set<string> {
    const products = this.#options.definitions.mirrors.entries.flatMap(
      ({ source, lifecycle }) =>
        data.productOf(source, lifecycle.product) ?? [],
    );
    return new Set([...products, ...osProducts]);
  }

  async #readOverrides(): Promise<void> {
    const { overridesFile } = this.#options;
    this.#overrides =
      overridesFile === undefined ? [] : await readOverrides(overridesFile);
  }

  async #read(): Promise<LifecycleData> {
    const { store, now } = this.#options;
    if (this.#overrides === undefined) {
      await this.#readOverrides();
    }
    const products: LifecycleProduct[] = withOverrides(
      await store.readAll(),
      this.#overrides ?? [],
    );
    const options = { products, now: now() };
    const inUse = this.#inUse(
      KnownLifecycle.create({ ...options, inUse: new Set() }),
    );
    return KnownLifecycle.create({ ...options, inUse });
  }
}

function addItem(
  context: RunContext,
  reference: string,
  state: 'planned' | 'done' | 'failed',
  error?: unknown,
): void {
  context.item({
    reference,
    action: 'refresh',
    reason: null,
    state,
    error: error === undefined ? null : toError(error).message,
  });
}
