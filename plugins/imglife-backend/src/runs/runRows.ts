import type { Run, RunKind } from '@imglife/backstage-plugin-imglife-common';
import type { RunItemTable, RunTable } from '../database/tables';
import type { StartedRun } from './RunStore';

/** A row as `GET /v1/runs` answers it. */
export function toRun(row: RunTable, items: RunItemTable[]): Run {
  return {
    id: row.id,
    kind: row.kind as Run['kind'],
    target: row.target,
    trigger: row.trigger as Run['trigger'],
    actor: row.actor,
    dryRun: Boolean(row.dry_run),
    state: row.state as Run['state'],
    progress: { done: row.done, total: row.total, bytes: Number(row.bytes) },
    items: items.map(item => ({
      reference: item.reference,
      action: item.action,
      reason: item.reason,
      state: item.state as Run['items'][number]['state'],
      error: item.error,
      ...(item.changes && { changes: JSON.parse(item.changes) }),
      ...(item.bytes !== null && { bytes: Number(item.bytes) }),
    })),
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    error: row.error,
  };
}

/** A row as the one who works on it sees it. */
export function toStartedRun(row: RunTable): StartedRun {
  return {
    id: row.id,
    kind: row.kind as RunKind,
    target: row.target ?? undefined,
    dryRun: Boolean(row.dry_run),
    force: Boolean(row.force),
    actor: row.actor,
    attempt: row.attempt,
  };
}
