import type { WithdrawRequest } from '@imglife/backstage-plugin-imglife-common';

/** What is done with one published base, beside building it. */
export interface BaseTagService {
  /**
   * Takes a base back: it is never the latest again, and never built again
   * under its tag. The same facts twice change nothing.
   *
   * @param actor - who asks, as recorded
   * @returns `host/path:tag`
   * @throws InputError - no reference, or a replacement that is none
   * @throws NotFoundError - no base of that reference is published
   */
  withdraw(request: WithdrawRequest, actor: string): Promise<string>;
}
