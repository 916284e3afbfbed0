import type {
  Page,
  Run,
  RunQuery,
  RunRequest,
  RunState,
  RunTrigger,
} from '@imglife/backstage-plugin-imglife-common';
import type { RunLogLine } from './RunStore';

/** Starts, shows and stops runs: one service behind route, task and action. */
export interface RunService {
  /**
   * Queues a run. Where one of the same kind, target and options is waiting
   * already, that one is answered, so that a repeat is safe.
   *
   * @throws InputError - the target is not declared
   */
  start(
    request: RunRequest,
    by: { trigger: RunTrigger; actor: string },
  ): Promise<{ id: string }>;
  /** @throws NotFoundError - no such run */
  get(id: string): Promise<Run>;
  list(query: RunQuery): Promise<Page<Run>>;
  /** @throws NotFoundError - no such run */
  cancel(id: string): Promise<RunState>;
  /** Log lines after that id, oldest first, at most 1,000. */
  readLog(id: string, afterId: number): Promise<RunLogLine[]>;
}
