import type {
  HistoryEntry,
  Lineage,
  LineageImage,
  Run,
  RunItem,
} from '@imglife/backstage-plugin-imglife-common';

const HOST = 'registry.example.com';

/** An image of a lineage that is fine, but for what is changed. */
export function lineageImage(change: Partial<LineageImage> = {}): LineageImage {
  return {
    reference: `${HOST}/mirrors/alpine:3.24.1`,
    tier: 'mirrors',
    digest: `sha256:${'a'.repeat(64)}`,
    status: 'ok',
    freshness: null,
    support: 'supported',
    eolDate: '2028-06-01',
    owner: null,
    ...change,
  };
}

/** A base on its mirror, with one application, but for what is changed. */
export function lineage(change: Partial<Lineage> = {}): Lineage {
  const base = `${HOST}/bases/alpine:3.24.1-core1.0.0`;
  return {
    image: lineageImage({ reference: base, tier: 'bases' }),
    builtOn: [
      lineageImage(),
      lineageImage({
        reference: 'docker.io/library/alpine:3.24.1',
        tier: 'upstream',
        status: null,
        support: null,
        eolDate: null,
      }),
    ],
    bases: [],
    totalBases: 0,
    applications: {
      items: [
        {
          ...lineageImage({
            reference: `${HOST}/apps/pay:1.2.0`,
            tier: 'applications',
            status: 'warning',
            freshness: 'outdated',
            owner: 'group:default/payments',
          }),
          base,
        },
      ],
      totalItems: 1,
      pageInfo: {},
    },
    ...change,
  };
}

/** A registration of an application, but for what is changed. */
export function historyEntry(change: Partial<HistoryEntry> = {}): HistoryEntry {
  return {
    kind: 'registration',
    at: '2026-07-01T10:05:00.000Z',
    repository: `${HOST}/apps/pay`,
    tag: '1.2.0',
    state: 'succeeded',
    digest: `sha256:${'c'.repeat(64)}`,
    previousDigest: null,
    reasons: [],
    bytes: null,
    durationMs: null,
    base: `${HOST}/bases/alpine:3.24.1-core1.0.0`,
    revision: 'a3f8b1c0ffee00',
    error: null,
    actor: 'service:demo-ci',
    runId: null,
    ...change,
  };
}

/** A run that has succeeded, but for what is changed. */
export function run(items: RunItem[], change: Partial<Run> = {}): Run {
  return {
    id: 'run-1',
    kind: 'sync',
    target: 'alpine',
    trigger: 'user',
    actor: 'user:default/guest',
    dryRun: false,
    state: 'succeeded',
    progress: { done: items.length, total: items.length, bytes: 0 },
    items,
    createdAt: '2026-06-01T00:00:00.000Z',
    startedAt: null,
    finishedAt: null,
    error: null,
    ...change,
  };
}

/** What a run did with one image, but for what is changed. */
export function runItem(change: Partial<RunItem> = {}): RunItem {
  return {
    reference: `${HOST}/bases/alpine:3.24.2-core1.0.0`,
    action: 'build',
    reason: 'new-upstream-tag',
    state: 'done',
    error: null,
    ...change,
  };
}
