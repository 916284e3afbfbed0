import { statusReason } from './statusReason';

const fine = {
  status: 'ok',
  support: 'supported',
  freshness: 'current',
} as const;

describe('statusReason', () => {
  it.each([
    [{}, 'ok'],
    [{ freshness: 'superseded' }, 'ok'],
    [{ freshness: 'withdrawn', support: 'ended' }, 'withdrawn'],
    [{ state: 'withdrawn', support: 'ended' }, 'withdrawn'],
    [{ support: 'ended', state: 'failed', freshness: 'outdated' }, 'ended'],
    [{ state: 'moved', support: 'ending' }, 'moved'],
    [{ state: 'failed', support: 'ending' }, 'failed'],
    [
      { freshness: 'outdated', pastGrace: true, support: 'ending' },
      'outdated-past-grace',
    ],
    [{ freshness: 'outdated', support: 'ending' }, 'ending'],
    [{ freshness: 'outdated' }, 'outdated'],
    [{ freshness: 'current', pastGrace: true }, 'ok'],
    [{ freshness: 'rebuilt' }, 'rebuilt'],
    [{ freshness: 'unmanaged', status: 'unknown' }, 'unmanaged'],
    [{ state: 'gone-upstream', status: 'unknown' }, 'gone-upstream'],
    [{ status: 'unknown', support: 'unknown' }, 'unknown'],
  ] as const)('%j: %s', (change, expected) => {
    expect(statusReason({ ...fine, ...change })).toBe(expected);
  });
});
