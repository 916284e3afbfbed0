import type {
  Adoption,
  ApplicationRow,
  BaseRow,
  MirrorRow,
  Run,
  Summary,
  Transition,
} from '@imglife/backstage-plugin-imglife-common';

const HOST = 'registry.example.com';

/** A mirror row that is fine, but for what is changed. */
export function mirrorRow(change: Partial<MirrorRow> = {}): MirrorRow {
  const tag = change.tag ?? '3.24.1';
  return {
    reference: `${HOST}/mirrors/alpine:${tag}`,
    name: 'alpine',
    repository: `${HOST}/mirrors/alpine`,
    tag,
    version: tag,
    digest: `sha256:${'a'.repeat(64)}`,
    platforms: ['linux/amd64', 'linux/arm64'],
    sizeBytes: 1000,
    upstream: { reference: `docker.io/library/alpine:${tag}`, digest: null },
    pendingDigest: null,
    state: 'current',
    firstPulledAt: '2026-06-01T00:00:00.000Z',
    pulledAt: '2026-06-01T00:00:00.000Z',
    verifiedAt: null,
    error: null,
    product: 'alpine-linux',
    cycle: '3.24',
    support: 'supported',
    eolDate: '2028-06-01',
    eol: [],
    status: 'ok',
    ...change,
  };
}

/** A base row that is current, but for what is changed. */
export function baseRow(change: Partial<BaseRow> = {}): BaseRow {
  const tag = change.tag ?? '3.24.1-core1.0.0';
  return {
    reference: `${HOST}/bases/alpine:${tag}`,
    name: 'alpine',
    kind: 'core',
    repository: `${HOST}/bases/alpine`,
    tag,
    version: tag,
    upstreamVersion: '3.24.1',
    coreVersion: '1.0.0',
    digest: `sha256:${'b'.repeat(64)}`,
    platforms: ['linux/amd64'],
    mirror: { reference: `${HOST}/mirrors/alpine:3.24.1`, digest: null },
    builtAt: '2026-06-02T00:00:00.000Z',
    reasons: ['first-build'],
    state: 'published',
    changes: [],
    withdrawal: null,
    error: null,
    freshness: 'current',
    latest: `${HOST}/bases/alpine:${tag}`,
    latestInCycle: `${HOST}/bases/alpine:${tag}`,
    usedBy: 0,
    product: 'alpine-linux',
    cycle: '3.24',
    support: 'supported',
    eolDate: '2028-06-01',
    eol: [],
    status: 'ok',
    ...change,
  };
}

/** An application on a current base, but for what is changed. */
export function applicationRow(
  change: Partial<ApplicationRow> = {},
): ApplicationRow {
  const repository = change.repository ?? `${HOST}/apps/pay`;
  const tag = change.tag ?? '1.2.0';
  return {
    reference: `${repository}:${tag}`,
    repository,
    tag,
    digest: `sha256:${'c'.repeat(64)}`,
    platforms: ['linux/amd64'],
    base: {
      reference: `${HOST}/bases/alpine:3.24.1-core1.0.0`,
      digest: `sha256:${'b'.repeat(64)}`,
      name: 'alpine',
      version: '3.24.1-core1.0.0',
    },
    platformBases: null,
    notes: [],
    detection: {
      method: 'chain',
      confidence: 'confirmed',
      mismatch: false,
      candidates: [],
    },
    state: 'current',
    freshness: 'current',
    latest: `${HOST}/bases/alpine:3.24.1-core1.0.0`,
    latestInCycle: `${HOST}/bases/alpine:3.24.1-core1.0.0`,
    outdatedSince: null,
    graceUntil: null,
    violations: [],
    exemption: null,
    revision: 'a3f8b1c0ffee00',
    project: 'shop/pay',
    builtAt: '2026-07-01T10:00:00.000Z',
    registeredAt: '2026-07-01T10:05:00.000Z',
    registeredBy: 'service:demo-ci',
    entityRef: 'component:default/pay',
    owner: 'group:default/payments',
    fields: {},
    product: 'alpine-linux',
    cycle: '3.24',
    support: 'supported',
    eolDate: '2028-06-01',
    eol: [],
    status: 'ok',
    ...change,
  };
}

/** An application whose base has a newer one and has ended. */
export function endedApplication(
  change: Partial<ApplicationRow> = {},
): ApplicationRow {
  return applicationRow({
    base: {
      reference: `${HOST}/bases/alpine:3.21.3-core1.0.0`,
      digest: null,
      name: 'alpine',
      version: '3.21.3-core1.0.0',
    },
    freshness: 'outdated',
    latest: `${HOST}/bases/alpine:3.24.1-core1.0.0`,
    latestInCycle: `${HOST}/bases/alpine:3.21.7-core1.0.0`,
    violations: ['outdated', 'ended'],
    cycle: '3.21',
    support: 'ended',
    eolDate: '2024-11-01',
    status: 'critical',
    ...change,
  });
}

/** Counts of a small house. */
export const summary: Summary = {
  mirrors: { total: 45, ok: 40, warning: 3, critical: 2, unknown: 0 },
  bases: { total: 2, ok: 2, warning: 0, critical: 0, unknown: 0 },
  applications: { total: 1, ok: 0, warning: 0, critical: 1, unknown: 0 },
  data: {
    lifecycleAgeDays: 1,
    lastSyncAt: null,
    lastBuildAt: null,
    lastScanAt: null,
  },
  definitions: [],
};

/** What some applications stand on, but for what is changed. */
export function adoptionItem(
  change: Partial<Adoption['items'][number]> = {},
): Adoption['items'][number] {
  return {
    tier: 'bases',
    base: 'alpine',
    product: 'alpine-linux',
    cycle: '3.24',
    applications: 3,
    ok: 3,
    warning: 0,
    critical: 0,
    unknown: 0,
    repository: `${HOST}/bases/alpine`,
    eolDate: '2028-06-01',
    ended: 0,
    ending: 0,
    ...change,
  };
}

/** A run that succeeded, but for what is changed. */
export function runRow(change: Partial<Run> = {}): Run {
  return {
    id: 'run-1',
    kind: 'sync',
    target: 'alpine',
    trigger: 'schedule',
    actor: 'imglife-due',
    dryRun: false,
    state: 'succeeded',
    progress: { done: 2, total: 2, bytes: 2_500_000 },
    items: [],
    createdAt: '2026-11-29T10:00:00.000Z',
    startedAt: '2026-11-29T10:00:01.000Z',
    finishedAt: '2026-11-29T10:01:13.000Z',
    error: null,
    ...change,
  };
}

/** A base that became outdated, but for what is changed. */
export function transition(change: Partial<Transition> = {}): Transition {
  return {
    id: 1,
    base: `${HOST}/bases/alpine:3.21.3-core1.0.0`,
    name: 'alpine',
    from: { status: 'ok', freshness: 'current' },
    to: { status: 'critical', freshness: 'outdated' },
    cause: 'bases built',
    at: '2026-11-29T10:00:00.000Z',
    applications: 2,
    ...change,
  };
}
