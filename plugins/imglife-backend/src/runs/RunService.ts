import type {
  Page,
  Run,
  RunKind,
  RunQuery,
  RunRequest,
  RunState,
  RunTrigger,
} from '@imglife/backstage-plugin-imglife-common';
import type { RunLogLine } from './RunStore';

/** A run of any kind; the body of `POST /v1/runs` is one of some of them. */
export interface StartRequest extends Omit<RunRequest, 'kind'> {
  kind: RunKind;
}

/** Starts, shows and stops runs: one service behind route, task and action. */
export interface RunService {
  /**
   * Queues a run. Where one of the same kind, target and options is waiting
   * already, that one is answered, so that a repeat is safe.
   *
   * @throws InputError - the target is not declared
   */
  start(
    request: StartRequest,
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
