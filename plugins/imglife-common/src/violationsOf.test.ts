import { failOnValues } from './schemas/values';
import { ViolationFacts, violationsOf } from './violationsOf';

const facts: ViolationFacts = {
  freshness: 'current',
  support: 'supported',
  state: 'published',
  inGrace: false,
  exempt: false,
};

describe('violationsOf', () => {
  it.each<[Partial<ViolationFacts>, string[], string[]]>([
    [{}, ['outdated', 'ended'], []],
    [
      { freshness: 'outdated', support: 'ended' },
      ['ended', 'outdated'],
      ['outdated', 'ended'],
    ],
    [{ freshness: 'outdated', inGrace: true }, ['outdated'], []],
    [
      { freshness: 'outdated', support: 'ended', inGrace: true },
      ['outdated', 'ended'],
      ['ended'],
    ],
    [{ freshness: 'outdated', exempt: true }, ['outdated'], []],
    [{ freshness: 'unmanaged', state: 'moved' }, ['moved'], ['moved']],
    [
      { freshness: 'unmanaged', state: 'gone-upstream' },
      ['unmanaged', 'gone-upstream'],
      ['unmanaged', 'gone-upstream'],
    ],
    [{ state: 'blocked' }, ['blocked'], ['blocked']],
    [
      { freshness: 'withdrawn', state: 'withdrawn' },
      ['withdrawn'],
      ['withdrawn'],
    ],
    [{ freshness: 'unknown', support: 'unknown' }, ['unknown'], ['unknown']],
    [{ freshness: 'unmanaged', state: 'current' }, ['current'], []],
    [{ state: null }, ['published'], []],
  ])('%j under %j: %j', (change, failOn, expected) => {
    expect(violationsOf({ ...facts, ...change }, failOn as never)).toEqual(
      expected,
    );
  });

  it('knows each value once', () => {
    expect(failOnValues).toEqual([...new Set(failOnValues)]);
    expect(failOnValues).toEqual(
      expect.arrayContaining(['outdated', 'ended', 'moved', 'blocked']),
    );
  });
});
