import { statusValues } from '@imglife/backstage-plugin-imglife-common';
import type { BaseTagTable } from '../database/tables';
import { baseTag } from './__fixtures__/rows';
import { PublishedBases } from './PublishedBases';
import { judgeFreshness, judgePolicy, mirrorStatus, UsedBase } from './verdict';

let nextId = 1;
function base(change: Partial<BaseTagTable> = {}): BaseTagTable {
  nextId += 1;
  return { ...baseTag(change), id: nextId };
}

const own = base();
const reference = (tag: string) => `reg.test/bases/alpine:${tag}`;
const nextInCycle = base({
  tag: '3.21.7-core1.0.0',
  published_at: '2026-05-02T10:00:00.000Z',
});
const evenNewerInCycle = base({
  tag: '3.21.8-core1.0.0',
  published_at: '2026-06-02T10:00:00.000Z',
});
const nextCycle = base({
  tag: '3.24.1-core1.0.0',
  cycle: '3.24',
  published_at: '2026-07-02T10:00:00.000Z',
});
const otherFamily = base({
  tag: '9.9.9-slim-core1.0.0',
  family: 'slim',
});
const otherName = base({ tag: '9.9.9-core1.0.0', name: 'debian' });
const planned = base({ tag: '3.21.9-core1.0.0', digest: null });
const withdrawn = base({ tag: '3.21.9-core1.0.0', state: 'withdrawn' });
const removed = base({ state: 'removed', digest: null });

describe('judgeFreshness', () => {
  const cases: Array<{
    name: string;
    used: UsedBase;
    others?: BaseTagTable[];
    freshness?: 'cycle' | 'newest';
    expected: object;
  }> = [
    {
      name: 'FROM scratch',
      used: { tier: 'none' },
      expected: { freshness: 'none' },
    },
    {
      name: 'a base nobody knows',
      used: { tier: 'bases' },
      expected: { freshness: 'unknown' },
    },
    {
      name: 'a mirror',
      used: { tier: 'mirrors' },
      expected: { freshness: 'unmanaged' },
    },
    {
      name: 'an image of upstream',
      used: { tier: 'other' },
      expected: { freshness: 'unmanaged' },
    },
    {
      name: 'the only one',
      used: { tier: 'bases', base: own },
      expected: {
        freshness: 'current',
        latest: reference('3.21.3-core1.0.0'),
        latestInCycle: reference('3.21.3-core1.0.0'),
      },
    },
    {
      name: 'newer ones in its cycle: since the first of them',
      used: { tier: 'bases', base: own },
      others: [evenNewerInCycle, nextInCycle, nextCycle],
      expected: {
        freshness: 'outdated',
        latest: reference('3.24.1-core1.0.0'),
        latestInCycle: reference('3.21.8-core1.0.0'),
        outdatedSince: '2026-05-02',
      },
    },
    {
      name: 'a newer core version of the same upstream version',
      used: { tier: 'bases', base: own },
      others: [base({ tag: '3.21.3-core1.1.0' })],
      expected: { freshness: 'outdated', outdatedSince: '2026-02-01' },
    },
    {
      name: 'a newer cycle only',
      used: { tier: 'bases', base: own },
      others: [nextCycle],
      expected: {
        freshness: 'superseded',
        latest: reference('3.24.1-core1.0.0'),
        latestInCycle: reference('3.21.3-core1.0.0'),
      },
    },
    {
      name: 'a newer cycle where the newest is wanted',
      used: { tier: 'bases', base: own },
      others: [nextCycle],
      freshness: 'newest',
      expected: { freshness: 'outdated', outdatedSince: '2026-07-02' },
    },
    {
      name: 'an older cycle',
      used: { tier: 'bases', base: nextCycle },
      others: [own, nextInCycle],
      expected: { freshness: 'current' },
    },
    {
      name: 'another family or name, which never competes',
      used: { tier: 'bases', base: own },
      others: [otherFamily, otherName],
      expected: {
        freshness: 'current',
        latest: reference('3.21.3-core1.0.0'),
      },
    },
    {
      name: 'a newer one that is not published, or was taken back',
      used: { tier: 'bases', base: own },
      others: [planned, withdrawn],
      expected: { freshness: 'current' },
    },
    {
      name: 'without known cycles: the whole family is one',
      used: { tier: 'bases', base: base({ cycle: null }) },
      others: [base({ tag: '3.24.1-core1.0.0', cycle: null })],
      expected: { freshness: 'outdated' },
    },
    {
      name: 'one that was taken back, before anything else',
      used: { tier: 'bases', base: withdrawn },
      others: [own, nextInCycle],
      expected: {
        freshness: 'withdrawn',
        latestInCycle: reference('3.21.7-core1.0.0'),
      },
    },
    {
      name: 'one that was never published',
      used: { tier: 'bases', base: planned },
      others: [own],
      expected: { freshness: 'unknown' },
    },
    {
      name: 'one that retention removed: it is outdated all the same',
      used: { tier: 'bases', base: removed },
      others: [nextInCycle],
      expected: {
        freshness: 'outdated',
        latestInCycle: reference('3.21.7-core1.0.0'),
        outdatedSince: '2026-05-02',
      },
    },
    {
      name: 'one that was removed and is the newest: it is not there',
      used: { tier: 'bases', base: removed },
      others: [nextCycle],
      expected: { freshness: 'unknown' },
    },
    {
      name: 'one that was taken back and then removed',
      used: { tier: 'bases', base: { ...removed, withdrawal: '{}' } },
      others: [nextInCycle],
      expected: { freshness: 'withdrawn' },
    },
    {
      name: 'another digest than the tag has now',
      used: {
        tier: 'bases',
        base: own,
        digest: 'sha256:before',
        presentDigests: new Set(['sha256:now', 'sha256:child']),
      },
      expected: { freshness: 'rebuilt', outdatedSince: '2026-02-01' },
    },
    {
      name: 'the digest of a child',
      used: {
        tier: 'bases',
        base: own,
        digest: 'sha256:child',
        presentDigests: new Set(['sha256:now', 'sha256:child']),
      },
      expected: { freshness: 'current' },
    },
    {
      name: 'no digest: the present one is meant',
      used: {
        tier: 'bases',
        base: own,
        digest: '',
        presentDigests: new Set(['sha256:now']),
      },
      expected: { freshness: 'current' },
    },
    {
      name: 'both rebuilt and outdated',
      used: {
        tier: 'bases',
        base: own,
        digest: 'sha256:before',
        presentDigests: new Set(['sha256:now']),
      },
      others: [nextInCycle],
      expected: { freshness: 'outdated' },
    },
  ];

  it.each(cases)(
    '$name: $expected',
    ({ used, others = [], freshness = 'cycle', expected }) => {
      const bases = PublishedBases.of([
        ...(used.base ? [used.base] : []),
        ...others,
      ]);
      expect(judgeFreshness(used, bases, { freshness })).toMatchObject(
        expected,
      );
    },
  );
});

describe('judgePolicy', () => {
  const now = new Date('2026-05-10T12:00:00Z');
  const failOn = ['withdrawn', 'outdated', 'rebuilt', 'ended'] as const;
  const outdated = {
    freshness: 'outdated' as const,
    outdatedSince: '2026-05-02',
  };
  const current = { freshness: 'current' as const };
  const supported = { support: 'supported' as const, eol: [] };
  const ended = { support: 'ended' as const, eol: [] };

  const cases = [
    ['current', { freshness: current, support: supported }, 0, 'ok', []],
    [
      'outdated without grace',
      { freshness: outdated, support: supported },
      0,
      'critical',
      ['outdated'],
    ],
    [
      'outdated in its grace',
      { freshness: outdated, support: supported },
      14,
      'warning',
      [],
      '2026-05-16',
    ],
    [
      'outdated on the last day of grace',
      { freshness: outdated, support: supported },
      8,
      'warning',
      [],
      '2026-05-10',
    ],
    [
      'outdated the day after',
      { freshness: outdated, support: supported },
      7,
      'critical',
      ['outdated'],
    ],
    [
      'ended: grace is for freshness alone',
      { freshness: outdated, support: ended },
      14,
      'critical',
      ['ended'],
      '2026-05-16',
    ],
    [
      'outdated and ended',
      { freshness: outdated, support: ended },
      0,
      'critical',
      ['outdated', 'ended'],
    ],
    [
      'rebuilt',
      {
        freshness: { ...outdated, freshness: 'rebuilt' as const },
        support: supported,
      },
      0,
      'warning',
      ['rebuilt'],
    ],
    [
      'rebuilt in its grace',
      {
        freshness: { ...outdated, freshness: 'rebuilt' as const },
        support: supported,
      },
      14,
      'warning',
      [],
      '2026-05-16',
    ],
    [
      'ending',
      { freshness: current, support: { support: 'ending' as const, eol: [] } },
      0,
      'warning',
      [],
    ],
    [
      'no data is never fine',
      { freshness: current, support: { support: 'unknown' as const, eol: [] } },
      0,
      'unknown',
      [],
    ],
    [
      'a base nobody knows, of a product that somebody does, is not either',
      { freshness: { freshness: 'unknown' as const }, support: supported },
      0,
      'unknown',
      [],
    ],
    [
      'FROM scratch is',
      {
        freshness: { freshness: 'none' as const },
        support: { support: 'unknown' as const, eol: [] },
      },
      0,
      'ok',
      [],
    ],
    [
      'unmanaged',
      { freshness: { freshness: 'unmanaged' as const }, support: supported },
      0,
      'warning',
      [],
    ],
    [
      'withdrawn',
      { freshness: { freshness: 'withdrawn' as const }, support: supported },
      14,
      'critical',
      ['withdrawn'],
    ],
    [
      'a development base, which fails nothing',
      { freshness: outdated, support: ended, kind: 'development' },
      0,
      'critical',
      [],
    ],
    [
      'an exemption, which fails nothing',
      {
        freshness: outdated,
        support: ended,
        exemption: { until: '2026-06-01', reason: 'vendor' },
      },
      0,
      'critical',
      [],
    ],
  ] as const;

  it.each(
    cases.map(([name, input, graceDays, status, violations, graceUntil]) => ({
      name,
      input,
      graceDays,
      expected: { status, violations, ...(graceUntil && { graceUntil }) },
    })),
  )('$name', ({ input, graceDays, expected }) => {
    expect(
      judgePolicy(input as never, { graceDays, failOn: [...failOn] }, now),
    ).toEqual({
      ...expected,
      statusRank: statusValues.indexOf(expected.status),
    });
  });

  it('counts only what the policy names', () => {
    expect(
      judgePolicy(
        { freshness: outdated, support: ended },
        { graceDays: 0, failOn: ['unmanaged', 'ended'] },
        now,
      ).violations,
    ).toEqual(['ended']);
  });
});

describe('mirrorStatus', () => {
  it.each([
    ['current', 'supported', 'ok'],
    ['current', 'ending', 'warning'],
    ['current', 'ended', 'critical'],
    ['current', 'unknown', 'unknown'],
    ['moved', 'supported', 'critical'],
    ['failed', 'supported', 'critical'],
    ['gone-upstream', 'supported', 'warning'],
    ['gone-upstream', 'ended', 'critical'],
  ] as const)('%s, %s: %s', (state, support, status) => {
    expect(mirrorStatus(state, support)).toBe(status);
  });
});
