import { createHash } from 'node:crypto';
import type {
  AuthService,
  DiscoveryService,
  LoggerService,
  SchedulerServiceTaskRunner,
} from '@backstage/backend-plugin-api';
import { ForwardedError, stringifyError } from '@backstage/errors';
import type {
  CatalogService,
  EntityProvider,
  EntityProviderConnection,
} from '@backstage/plugin-catalog-node';
import type { EventsService } from '@backstage/plugin-events-node';
import {
  ApplicationRow,
  ImglifeClient,
  Page,
  TierQuery,
} from '@imglife/backstage-plugin-imglife-common';
import { imageEntities, ImageEntityOptions } from './imageEntities';

const PAGE = 500;
/** What is told of in a burst is read once. */
const CALM_MS = 2_000;
/** Another replica may have told the catalog something older meanwhile. */
const AGAIN_MS = 10 * 60_000;
const TOPICS = [
  'imglife.base.published',
  'imglife.application.registered',
  'imglife.status.changed',
];

/** What {@link ImageEntityProvider} works with. */
export interface ImageEntityProviderOptions {
  auth: AuthService;
  catalog: CatalogService;
  discovery: DiscoveryService;
  events: Pick<EventsService, 'subscribe'>;
  logger: LoggerService;
  options: ImageEntityOptions;
  taskRunner: SchedulerServiceTaskRunner;
  now: () => Date;
}

/**
 * Brings images into the catalog by full mutations: on schedule, and soon after
 * the backend has told of a change. When it does not answer, nothing is changed
 * and nothing is deleted.
 */
export class ImageEntityProvider implements EntityProvider {
  readonly #options: ImageEntityProviderOptions;
  #connection?: EntityProviderConnection;
  /** digest of what the catalog was told last, and when */
  #last = { content: '', at: 0 };
  /** one round of this process at a time */
  #running: Promise<void> = Promise.resolve();
  #isAwaited = false;

  static create(options: ImageEntityProviderOptions): ImageEntityProvider {
    return new ImageEntityProvider(options);
  }

  private constructor(options: ImageEntityProviderOptions) {
    this.#options = options;
  }

  getProviderName(): string {
    return 'imglife';
  }

  async connect(connection: EntityProviderConnection): Promise<void> {
    this.#connection = connection;
    await this.#options.taskRunner.run({
      id: 'imglife-images',
      fn: () => this.refresh(),
    });
    await this.#options.events.subscribe({
      id: 'imglife-images',
      topics: TOPICS,
      onEvent: async () => this.#refreshSoon(),
    });
  }

  /** Nobody waits for it; the schedule makes up for what fails. */
  #refreshSoon(): void {
    if (this.#isAwaited) {
      return;
    }
    this.#isAwaited = true;
    const timer = setTimeout(() => {
      this.#isAwaited = false;
      this.refresh().catch(error => {
        this.#options.logger.warn(stringifyError(error));
      });
    }, CALM_MS);
    timer.unref();
  }

  /**
   * Reads all images and tells the catalog, unless nothing has changed since
   * it was told a short while ago.
   *
   * @throws ForwardedError - the backend did not answer
   */
  async refresh(): Promise<void> {
    const round = this.#running
      .catch(() => undefined)
      .then(() => this.#refresh());
    this.#running = round;
    return round;
  }

  async #refresh(): Promise<void> {
    if (!this.#connection) {
      throw new Error('the image entity provider is not connected');
    }
    const entities = await this.#read();
    const content = createHash('sha256')
      .update(JSON.stringify(entities))
      .digest('hex');
    const at = this.#options.now().getTime();
    if (content === this.#last.content && at - this.#last.at < AGAIN_MS) {
      return;
    }
    await this.#connection.applyMutation({
      type: 'full',
      entities: entities.map(entity => ({ entity, locationKey: 'imglife' })),
    });
    this.#last = { content, at };
    this.#options.logger.info(
      `${entities.length} container images are in the catalog`,
    );
  }

  async #read() {
    const client = this.#client();
    try {
      const bases = await all(query => client.listBases(query));
      const applications = await this.#applications(client);
      const refs = new Set(
        applications.map(row => row.entityRef).filter(ref => ref !== null),
      );
      const existing = await this.#existing([...refs] as string[]);
      return imageEntities(
        { bases, applications, existing },
        this.#options.options,
      );
    } catch (error) {
      throw new ForwardedError(
        'imglife did not give its images; the catalog keeps those it has',
        error,
      );
    }
  }

  /** No more than become entities: a million may have no component. */
  async #applications(client: ImglifeClient): Promise<ApplicationRow[]> {
    const { applications } = this.#options.options;
    if (applications === 'none') {
      return [];
    }
    const owned = applications === 'mapped' ? { owned: true } : {};
    return all(query => client.listApplications({ ...query, ...owned }));
  }

  async #existing(refs: string[]): Promise<Set<string>> {
    const { auth, catalog } = this.#options;
    const credentials = await auth.getOwnServiceCredentials();
    const existing = new Set<string>();
    for (let start = 0; start < refs.length; start += PAGE) {
      const chunk = refs.slice(start, start + PAGE);
      const { items } = await catalog.getEntitiesByRefs(
        { entityRefs: chunk, fields: ['kind', 'metadata.name'] },
        { credentials },
      );
      chunk.forEach((ref, index) => items[index] && existing.add(ref));
    }
    return existing;
  }

  #client(): ImglifeClient {
    const { auth, discovery } = this.#options;
    return new ImglifeClient({
      baseUrl: () => discovery.getBaseUrl('imglife'),
      fetch: async (url, init) => {
        const { token } = await auth.getPluginRequestToken({
          onBehalfOf: await auth.getOwnServiceCredentials(),
          targetPluginId: 'imglife',
        });
        const headers = new Headers(init?.headers);
        headers.set('authorization', `Bearer ${token}`);
        return fetch(url, { ...init, headers });
      },
    });
  }
}

async function all<T>(
  list: (query: TierQuery) => Promise<Page<T>>,
): Promise<T[]> {
  const rows: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await list({ limit: PAGE, ...(cursor && { cursor }) });
    rows.push(...page.items);
    cursor = page.pageInfo.nextCursor;
  } while (cursor);
  return rows;
}
