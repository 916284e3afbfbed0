import type { DefinitionTable } from '../database/tables';
import { dueEntries, retryDelayMs } from './dueEntries';

const HOUR = 3_600_000;
const schedule = { frequencyMs: HOUR, timeoutMs: HOUR };

function entry(change: Partial<DefinitionTable>): DefinitionTable {
  return {
    kind: 'base',
    name: 'alpine',
    hash: 'h1',
    source: 'app-config',
    since: '2026-11-01T00:00:00.000Z',
    queued_hash: 'h1',
    queued_at: '2026-11-23T09:30:00.000Z',
    finished_at: '2026-11-23T09:31:00.000Z',
    failures: 0,
    retry_at: null,
    ...change,
  };
}

describe('dueEntries', () => {
  it.each<[string, Partial<DefinitionTable>, string | undefined, boolean]>([
    ['fresh and unchanged', {}, undefined, false],
    ['never queued', { queued_at: null, queued_hash: null }, undefined, true],
    ['definition changed', { hash: 'h2' }, undefined, true],
    [
      'interval passed',
      { queued_at: '2026-11-23T09:00:00.000Z' },
      undefined,
      true,
    ],
    ['mirror moved since', {}, '2026-11-23T09:45:00.000Z', true],
    ['mirror moved before', {}, '2026-11-23T09:15:00.000Z', false],
    [
      'failed, waiting, though the mirror moved',
      { failures: 1, retry_at: '2026-11-23T10:01:00.000Z' },
      '2026-11-23T09:45:00.000Z',
      false,
    ],
    [
      'failed, backoff over',
      { failures: 1, retry_at: '2026-11-23T10:00:00.000Z' },
      undefined,
      true,
    ],
    [
      'failed, waiting, but the definition changed',
      { hash: 'h2', failures: 1, retry_at: '2026-11-23T10:01:00.000Z' },
      undefined,
      true,
    ],
    [
      'a mirror does not follow itself',
      { kind: 'mirror' },
      '2026-11-23T09:45:00.000Z',
      false,
    ],
  ])('%s', (_, change, movedAt, due) => {
    const result = dueEntries({
      entries: [entry(change)],
      schedules: {
        mirror: schedule,
        base: schedule,
        lifecycle: schedule,
        scan: schedule,
        verify: schedule,
        retention: schedule,
      },
      movedSources: new Map(movedAt ? [['mirror:alpine', movedAt]] : []),
      sourceOfBase: new Map([['alpine', 'mirror:alpine']]),
      now: new Date('2026-11-23T10:00:00.000Z'),
    });
    expect(result).toHaveLength(due ? 1 : 0);
  });

  it.each([
    [1, 30_000],
    [2, 60_000],
    [5, 480_000],
    [30, HOUR],
  ])('waits after %i failures for %i ms', (failures, delay) => {
    expect(retryDelayMs(failures, HOUR)).toBe(delay);
  });
});
