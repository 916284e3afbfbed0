import { toError } from '@backstage/errors';
import type {
  NotificationSendOptions,
  NotificationService,
} from '@backstage/plugin-notifications-node';

const TIMEOUT_MS = 30_000;

/** How {@link sendNotification} works. */
export interface SendNotificationOptions {
  /** Says what went wrong. */
  log(line: string): void;
  /** ends the waiting */
  signal: AbortSignal;
  /** milliseconds; default 30 s: many users of a group are told one by one */
  timeoutMs?: number;
}

/** Resolves never; rejects when the time is over. */
function limit(signal: AbortSignal, timeoutMs: number) {
  const ends = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  let reject: (reason: unknown) => void = () => {};
  const over = new Promise<never>((_, refuse) => {
    reject = refuse;
  });
  const end = () =>
    reject(
      signal.aborted
        ? signal.reason
        : new Error(`no answer within ${timeoutMs / 1000} s`),
    );
  ends.addEventListener('abort', end, { once: true });
  if (ends.aborted) {
    end();
  }
  return { over, done: () => ends.removeEventListener('abort', end) };
}

/**
 * Sends a notification of the portal.
 *
 * @returns whether it was taken; a failure, such as a portal without
 *   notifications, is logged and never thrown, since what it tells of has
 *   happened already
 */
export async function sendNotification(
  service: NotificationService,
  notification: NotificationSendOptions,
  options: SendNotificationOptions,
): Promise<boolean> {
  const { log, signal, timeoutMs = TIMEOUT_MS } = options;
  const { over, done } = limit(signal, timeoutMs);
  try {
    await Promise.race([service.send(notification), over]);
    return true;
  } catch (error) {
    log(`warning: notification failed: ${toError(error).message}`);
    return false;
  } finally {
    done();
  }
}
