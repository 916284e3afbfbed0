import type { LoggerService } from '@backstage/backend-plugin-api';
import { stringifyError } from '@backstage/errors';
import type { EventParams, EventsService } from '@backstage/plugin-events-node';
import { parseReference } from '@imglife/oci';
import type { Definitions } from '../definitions/Definitions';
import type { Registries } from '../registries/Registries';
import type { RunContext } from '../runs/RunContext';
import type { RunService } from '../runs/RunService';
import { pushedImages, type PushedImage } from './pushedImages';

/**
 * The topics that webhooks of registries arrive under. The first is for any of
 * them; the others are what modules of Backstage publish GitHub's under.
 */
export const WEBHOOK_TOPICS = [
  'imglife.registry',
  'github.package',
  'github.registry_package',
];

const ACTOR = 'imglife-webhook';
// What waits beyond this is found by the next scan
const MAX_WAITING = 1_000;
const TIME_LIMIT_MS = 60_000;

/** What {@link RegistryWebhooks} works with. */
export interface RegistryWebhooksOptions {
  events: Pick<EventsService, 'subscribe'>;
  registries: Pick<Registries, 'allows' | 'canonical'>;
  definitions: Pick<Definitions, 'mirrors'>;
  scanner: {
    scanImage(
      image: { repository: string; tag: string },
      context: RunContext,
    ): Promise<void>;
  };
  /** mirrors and bases; answers whether the image lies on one's path */
  tiers: {
    look(
      image: { repository: string; tag: string },
      context: RunContext,
    ): Promise<boolean>;
  };
  runs: Pick<RunService, 'start'>;
  logger: LoggerService;
}

/**
 * Brings one image up to date as soon as its registry says that it was pushed:
 * an application is looked at, a mirror whose upstream moved is synced, a tag of
 * ours that someone else pushed is adopted or put right. What is
 * said is only a hint: everything is read from the registry itself. Unlisted
 * hosts, and what cannot be read, are left alone.
 */
export class RegistryWebhooks {
  readonly #options: RegistryWebhooksOptions;
  readonly #waiting = new Map<string, { repository: string; tag: string }>();
  readonly #stopped = new AbortController();
  #working: Promise<void> = Promise.resolve();

  static create(options: RegistryWebhooksOptions): RegistryWebhooks {
    return new RegistryWebhooks(options);
  }

  private constructor(options: RegistryWebhooksOptions) {
    this.#options = options;
  }

  /** Begins to listen. */
  async start(): Promise<void> {
    await this.#options.events.subscribe({
      id: 'imglife-registry-webhooks',
      topics: WEBHOOK_TOPICS,
      onEvent: params => this.#onEvent(params),
    });
  }

  /** Leaves what waits to the next scan. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#waiting.clear();
    await this.#working;
  }

  /** Only notes what is to be done: the sender waits for the answer. */
  async #onEvent({ topic, eventPayload }: EventParams): Promise<void> {
    const { logger } = this.#options;
    const pushed = pushedImages(eventPayload);
    if (!pushed) {
      logger.debug(`A webhook on ${topic} is none of a registry's push`);
      return;
    }
    for (const image of pushed) {
      try {
        await this.#note(image);
      } catch (error) {
        logger.debug(`A webhook on ${topic}: ${stringifyError(error)}`);
      }
    }
    this.#working = this.#working.then(() => this.#work());
  }

  async #note({ host, repository, tag }: PushedImage): Promise<void> {
    const { registries, definitions, runs, logger } = this.#options;
    const named = parseReference(`${host ?? ''}/${repository}:${tag}`);
    if (!host || !registries.allows(named.registry)) {
      logger.debug(`A webhook names the unlisted host ${named.registry}`);
      return;
    }
    const name = registries.canonical(named);
    const followers = definitions.mirrors.entries.filter(
      ({ source }) =>
        source.registry === name.registry &&
        source.repository === name.repository,
    );
    for (const { name: target } of followers) {
      await runs.start(
        { kind: 'sync', target },
        { trigger: 'event', actor: ACTOR },
      );
    }
    const image = { repository: `${name.registry}/${name.repository}`, tag };
    if (this.#waiting.size < MAX_WAITING) {
      this.#waiting.set(`${image.repository}:${tag}`, image);
    }
  }

  async #work(): Promise<void> {
    const { logger } = this.#options;
    for (const [reference, image] of this.#waiting) {
      this.#waiting.delete(reference);
      await this.#look(image).catch(error =>
        logger.warn(`${reference} was pushed: ${stringifyError(error)}`),
      );
    }
  }

  async #look(image: { repository: string; tag: string }): Promise<void> {
    const { scanner, tiers } = this.#options;
    const context = this.#context();
    if (!(await tiers.look(image, context))) {
      await scanner.scanImage(image, context);
    }
  }

  #context(): RunContext {
    const { logger } = this.#options;
    return {
      id: ACTOR,
      kind: 'scan',
      actor: ACTOR,
      dryRun: false,
      force: false,
      signal: AbortSignal.any([
        this.#stopped.signal,
        AbortSignal.timeout(TIME_LIMIT_MS),
      ]),
      log: line => logger.debug(line),
      progress: () => {},
      item: ({ reference, action, state, error }) =>
        logger.info(
          `${reference} was pushed: ${action} ${state}${
            error ? `: ${error}` : ''
          }`,
        ),
    };
  }
}
