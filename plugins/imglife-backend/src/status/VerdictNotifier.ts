import type { LoggerService } from '@backstage/backend-plugin-api';
import type { NotificationService } from '@backstage/plugin-notifications-node';
import type { Knex } from 'knex';
import { idList } from '../database/idList';
import type { TransitionTable } from '../database/tables';
import type { Definitions } from '../definitions/Definitions';
import { eachAtOnce } from '../eachAtOnce';
import { sendNotification } from '../hooks/sendNotification';
import { verdictNotification } from './verdictNotification';
import type { VerdictThreads } from './VerdictThreads';

const PER_ROUND = 2_000;
const AT_ONCE = 4;
/** What happened before is told to nobody. */
const NEWS_MS = 86_400_000;
const RETRY_MS = 5 * 60_000;

/** What {@link VerdictNotifier} works with. */
export interface VerdictNotifierOptions {
  knex: Knex;
  threads: VerdictThreads;
  /** read at use: they may change */
  definitions: Pick<Definitions, 'notifications'>;
  /** of the portal; it may have no such plugin */
  notifications: NotificationService;
  now: () => Date;
  logger: LoggerService;
}

/**
 * Tells owners when the verdict on what they build on has changed, by what is
 * stored: a killed process or a portal whose notifications are away costs a
 * delay. One replica at a time.
 */
export class VerdictNotifier {
  readonly #options: VerdictNotifierOptions;
  #notBefore = 0;

  static create(options: VerdictNotifierOptions): VerdictNotifier {
    return new VerdictNotifier(options);
  }

  private constructor(options: VerdictNotifierOptions) {
    this.#options = options;
  }

  /** Tells what was not told yet; nothing while it is not switched on. */
  async deliver(): Promise<void> {
    const { definitions, now } = this.#options;
    if (
      !definitions.notifications.verdicts ||
      now().getTime() < this.#notBefore
    ) {
      return;
    }
    let found: number;
    do {
      found = await this.#round();
    } while (found === PER_ROUND);
  }

  /** How many changes it has dealt with. */
  async #round(): Promise<number> {
    const { knex, threads, now, logger } = this.#options;
    const rows: Array<Pick<TransitionTable, 'id' | 'verdict_id' | 'at'>> =
      await knex<TransitionTable>('transition')
        .whereNull('notified_at')
        .orderBy('id')
        .limit(PER_ROUND)
        .select('id', 'verdict_id', 'at');
    const since = new Date(now().getTime() - NEWS_MS).toISOString();
    const news = rows.filter(({ at }) => at >= since);
    const told = await threads.of([
      ...new Set(news.map(({ verdict_id: id }) => id)),
    ]);
    const failed = await this.#send(told.map(verdictNotification));
    if (failed && failed === told.length) {
      logger.warn('No owner could be told of changes; it is tried again');
      this.#notBefore = now().getTime() + RETRY_MS;
      return 0;
    }
    if (rows.length) {
      await knex<TransitionTable>('transition')
        .whereRaw(`id IN ${idList(rows.map(({ id }) => id))}`)
        .update({ notified_at: now().toISOString() });
    }
    return rows.length;
  }

  /** How many were not taken. */
  async #send(
    notifications: ReturnType<typeof verdictNotification>[],
  ): Promise<number> {
    const { notifications: service, logger } = this.#options;
    let failed = 0;
    await eachAtOnce(notifications, AT_ONCE, async notification => {
      const { scope } = notification.payload;
      const taken = await sendNotification(service, notification, {
        log: line => logger.warn(`${scope}: ${line}`),
        signal: new AbortController().signal,
      });
      failed += taken ? 0 : 1;
    });
    return failed;
  }
}
