import { advice, AdviceFacts, warnings } from './advice';

const facts: AdviceFacts = {
  base: 'r/b:3.21.3',
  freshness: 'current',
  latest: 'r/b:3.24.1',
  latestInCycle: 'r/b:3.21.3',
  support: 'supported',
  eol: [
    { product: 'go', cycle: '1.26', eolDate: '2027-02-01', dataAgeDays: 1 },
    {
      product: 'alpine-linux',
      cycle: '3.21',
      eolDate: '2026-11-01',
      dataAgeDays: 1,
    },
  ],
  eolDate: '2026-11-01',
  graceUntil: null,
  state: 'published',
  latestEolDate: '2028-06-01',
  warnDays: 30,
};

describe('advice', () => {
  it.each([
    [{}, undefined],
    [
      { freshness: 'outdated', latestInCycle: 'r/b:3.21.7' },
      'Set BASE_IMAGE to r/b:3.21.7 (same cycle) or …:3.24.1 (supported until 2028-06-01).',
    ],
    [
      {
        freshness: 'outdated',
        latestInCycle: 'r/b:3.21.7',
        latest: 'r/b:3.21.7',
      },
      'Set BASE_IMAGE to r/b:3.21.7.',
    ],
    [
      {
        freshness: 'unmanaged',
        base: 'docker.io/library/alpine:3.21.3',
        latestInCycle: 'r/b:3.21.3-core1.0.0',
        latest: 'r/b:3.24.1-core1.0.0',
      },
      'Set BASE_IMAGE to r/b:3.21.3-core1.0.0 (same cycle) or …:3.24.1-core1.0.0 (supported until 2028-06-01).',
    ],
    [
      {
        freshness: 'unmanaged',
        base: 'docker.io/library/alpine:3.12.0',
        latestInCycle: null,
        latest: 'r/b:3.24.1-core1.0.0',
      },
      'Set BASE_IMAGE to r/b:3.24.1-core1.0.0 (supported until 2028-06-01).',
    ],
    [{ freshness: 'withdrawn' }, 'Set BASE_IMAGE to r/b:3.21.3.'],
    [
      {
        freshness: 'withdrawn',
        withdrawal: {
          reason: 'bad',
          replacement: 'r/b:3.21.2',
          at: '2026-01-01T00:00:00.000Z',
          by: 'user:default/guest',
        },
      },
      'Set BASE_IMAGE to r/b:3.21.2.',
    ],
    [
      { freshness: 'withdrawn', latest: null, latestInCycle: null },
      'Move to another base: nothing in place of this one is published.',
    ],
    [
      { freshness: 'superseded', support: 'ended' },
      'Set BASE_IMAGE to r/b:3.24.1 (supported until 2028-06-01).',
    ],
    [
      { support: 'ending', latestEolDate: undefined },
      'Set BASE_IMAGE to r/b:3.24.1.',
    ],
    [
      { freshness: 'rebuilt' },
      'Build again on r/b:3.21.3: its tag has a newer image.',
    ],
    [
      { freshness: 'unmanaged', latest: null, latestInCycle: null },
      'Build on one of the published bases instead of a mirror or an upstream image.',
    ],
    [{ freshness: 'none', latest: null, latestInCycle: null }, undefined],
  ] as const)('%j', (change, expected) => {
    expect(advice({ ...facts, ...change })).toBe(expected);
  });
});

describe('warnings', () => {
  it.each([
    [{}, []],
    [
      {
        freshness: 'outdated',
        latestInCycle: 'r/b:3.21.7',
        support: 'ended',
      },
      [
        'base image is outdated: latest is 3.21.7',
        'alpine-linux 3.21 reached end of life on 2026-11-01',
      ],
    ],
    [
      {
        freshness: 'outdated',
        latestInCycle: 'r/b:3.21.7',
        graceUntil: '2026-05-16',
      },
      ['base image is outdated: latest is 3.21.7; grace until 2026-05-16'],
    ],
    [
      { support: 'ending' },
      [
        'alpine-linux 3.21 reaches end of life on 2026-11-01, in less than 30 days',
      ],
    ],
    [{ support: 'ended', eol: [], eolDate: null }, ['it reached end of life']],
    [{ support: 'unknown' }, ['not judged: no end-of-life data for this base']],
    [
      { freshness: 'unknown', support: 'unknown' },
      ['not judged: nothing is known of r/b:3.21.3'],
    ],
    [
      { base: '?', freshness: 'unknown', support: 'unknown' },
      ['not judged: nobody knows what it is built on'],
    ],
    [{ freshness: 'none', support: 'unknown' }, []],
    [{ freshness: 'withdrawn' }, ['base image was withdrawn']],
    [{ freshness: 'superseded' }, ['a newer cycle is published: 3.24.1']],
  ] as const)('%j', (change, expected) => {
    expect(warnings({ ...facts, ...change } as AdviceFacts)).toEqual(expected);
  });
});
