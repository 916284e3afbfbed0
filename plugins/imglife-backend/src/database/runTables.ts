/** `run` */
export interface RunTable {
  id: string;
  kind: string;
  target: string | null;
  trigger: string;
  actor: string;
  dry_run: boolean | number;
  force: boolean | number;
  state: string;
  attempt: number;
  done: number;
  total: number;
  bytes: number | string;
  cancel_requested: boolean | number;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  error: string | null;
}

/** `run_item` */
export interface RunItemTable {
  id: number;
  run_id: string;
  reference: string;
  action: string;
  reason: string | null;
  state: string;
  error: string | null;
  /** JSON `BuildChange[]` */
  changes: string | null;
  bytes: number | string | null;
}

/** `run_log` */
export interface RunLogTable {
  id: number;
  run_id: string;
  at: string;
  text: string;
}
