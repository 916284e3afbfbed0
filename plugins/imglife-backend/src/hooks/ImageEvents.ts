import type { LoggerService } from '@backstage/backend-plugin-api';
import { stringifyError } from '@backstage/errors';
import type { EventsService } from '@backstage/plugin-events-node';
import type { ImglifeEvents } from '@imglife/backstage-plugin-imglife-node';

/** Tells other plugins what has been stored. */
export interface ImageEvents {
  /**
   * Called once it is committed; nobody waits. An event that is lost costs its
   * receiver a delay, since all of it can be asked for.
   */
  publish<Topic extends keyof ImglifeEvents>(
    topic: Topic,
    payload: ImglifeEvents[Topic],
  ): void;
}

/** {@link ImageEvents} through the portal's events service. */
export class PortalImageEvents implements ImageEvents {
  readonly #events: Pick<EventsService, 'publish'>;
  readonly #logger: LoggerService;

  static create(options: {
    events: Pick<EventsService, 'publish'>;
    logger: LoggerService;
  }): PortalImageEvents {
    return new PortalImageEvents(options);
  }

  private constructor(options: {
    events: Pick<EventsService, 'publish'>;
    logger: LoggerService;
  }) {
    this.#events = options.events;
    this.#logger = options.logger;
  }

  publish<Topic extends keyof ImglifeEvents>(
    topic: Topic,
    eventPayload: ImglifeEvents[Topic],
  ): void {
    this.#events.publish({ topic, eventPayload }).catch((error: unknown) => {
      this.#logger.warn(
        `${topic} could not be published: ${stringifyError(error)}`,
      );
    });
  }
}
