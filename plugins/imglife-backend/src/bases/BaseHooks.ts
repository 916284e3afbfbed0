import type { NotificationService } from '@backstage/plugin-notifications-node';
import type {
  BaseHookDefinition,
  Definitions,
} from '../definitions/Definitions';
import type { BasePublishedEvent } from '@imglife/backstage-plugin-imglife-node';
import type { ImageEvents } from '../hooks/ImageEvents';
import { postWebhook } from '../hooks/postWebhook';
import { sendNotification } from '../hooks/sendNotification';
import type { RunContext } from '../runs/RunContext';
import type { BaseTagIdentity, BuildAttempt } from './BaseStore';
import { publishedNotification } from './publishedNotification';

/** What the webhooks of `imglife.bases.hooks.afterBuild` are posted. */
export interface BasePublishedPayload extends BasePublishedEvent {
  event: 'imglife.base.published';
}

/** What {@link BaseHooks} works with. */
export interface BaseHooksOptions {
  /** read at use: they may change */
  definitions: { bases: Pick<Definitions['bases'], 'hooks'> };
  /** of the portal; it may have no such plugin */
  notifications: NotificationService;
  /** undefined: nobody is told */
  imageEvents?: ImageEvents;
}

/** Tells of published bases, by digest. */
export class BaseHooks {
  readonly #options: BaseHooksOptions;

  static create(options: BaseHooksOptions): BaseHooks {
    return new BaseHooks(options);
  }

  private constructor(options: BaseHooksOptions) {
    this.#options = options;
  }

  /** Tells every hook; a failure is a warning in the run's log. */
  async published(
    identity: BaseTagIdentity,
    attempt: BuildAttempt,
    digest: string,
    context: Pick<RunContext, 'log' | 'signal'>,
  ): Promise<void> {
    const { name, repository, tag, mirror, coreVersion } = identity;
    const published: BasePublishedEvent = {
      name,
      reference: `${repository}:${tag}@${digest}`,
      repository,
      tag,
      digest,
      upstreamVersion: mirror.tag,
      coreVersion,
      reasons: attempt.reasons,
      inputHash: attempt.inputHash,
      runId: attempt.runId ?? null,
      builtAt: attempt.finishedAt,
    };
    const event = 'imglife.base.published';
    this.#options.imageEvents?.publish(event, published);
    const payload: BasePublishedPayload = { event, ...published };
    const { afterBuild } = this.#options.definitions.bases.hooks;
    await Promise.all(
      afterBuild.map(hook =>
        this.#tell(hook, payload, identity, {
          log: line => context.log(`${tag}: ${line}`),
          signal: context.signal,
        }),
      ),
    );
  }

  async #tell(
    { webhook, notification }: BaseHookDefinition,
    payload: BasePublishedPayload,
    identity: BaseTagIdentity,
    context: { log(line: string): void; signal: AbortSignal },
  ): Promise<void> {
    if (webhook !== undefined) {
      await postWebhook(webhook, payload, context);
    }
    const owner = identity.owner === undefined ? [] : [identity.owner];
    const recipients = notification?.recipients ?? owner;
    if (notification && recipients.length) {
      await sendNotification(
        this.#options.notifications,
        publishedNotification(payload, identity, recipients),
        context,
      );
    }
  }
}
