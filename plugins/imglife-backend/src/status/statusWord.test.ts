import { eolWord, statusWord } from './statusWord';

const fine = {
  status: 'ok',
  support: 'supported',
  freshness: 'current',
} as const;

describe('statusWord', () => {
  it.each([
    [{}, '✅ OK'],
    [{ freshness: 'withdrawn', support: 'ended' }, '❌ Withdrawn'],
    [{ support: 'ended', freshness: 'outdated' }, '❌ Expired'],
    [{ state: 'moved' }, '❌ Moved'],
    [{ state: 'failed' }, '❌ Failed'],
    [{ freshness: 'outdated', pastGrace: true }, '❌ Outdated'],
    [{ support: 'ending', freshness: 'outdated' }, '⚠️ < 45 days'],
    [{ freshness: 'outdated' }, '⚠️ Outdated'],
    [{ freshness: 'rebuilt' }, '⚠️ Rebuilt'],
    [{ freshness: 'unmanaged' }, '⚠️ Unmanaged'],
    [{ state: 'gone-upstream' }, '⚠️ Gone upstream'],
    [{ status: 'unknown', support: 'unknown' }, '❔ Unknown'],
  ] as const)('%j: %s', (change, word) => {
    expect(statusWord({ ...fine, ...change }, 45)).toBe(word);
  });
});

describe('eolWord', () => {
  it.each([
    ['ended', '2026-11-01', '❌ EOL'],
    ['ended', null, '❌ EOL'],
    ['ending', '2026-12-01', '2026-12-01'],
    ['unknown', null, '-'],
  ])('%s, %s: %s', (support, eolDate, word) => {
    expect(eolWord(support, eolDate)).toBe(word);
  });
});
