import type { Cycle } from './LifecycleService';
import { judgeSupport, supportOfCycle } from './support';

function cycle(values: Partial<Cycle>): Cycle {
  return { product: 'p', name: '1', ...values };
}

describe('supportOfCycle', () => {
  it.each<[Partial<Cycle>, string, string]>([
    [{ eolDate: '2026-11-01' }, '2026-10-31T23:59:59.999Z', 'ending'],
    [{ eolDate: '2026-11-01' }, '2026-11-01T00:00:00.000Z', 'ended'],
    [{ eolDate: '2026-11-01' }, '2026-10-02T00:00:00.000Z', 'ending'],
    [{ eolDate: '2026-11-01' }, '2026-10-01T23:59:59.999Z', 'supported'],
    // a boolean of the day the data was made does not outlive its date
    [{ eolDate: '2026-11-01', isEol: false }, '2026-12-01T00:00:00Z', 'ended'],
    [
      { eolDate: '2026-11-01', isEol: true },
      '2026-01-01T00:00:00Z',
      'supported',
    ],
    [{ isEol: true }, '2026-01-01T00:00:00Z', 'ended'],
    [{ isEol: false }, '2026-01-01T00:00:00Z', 'supported'],
    [{}, '2026-01-01T00:00:00Z', 'unknown'],
  ])('%j is at %s %s', (values, now, support) => {
    expect(
      supportOfCycle(cycle(values), { now: new Date(now), warnDays: 30 }),
    ).toBe(support);
  });

  it('counts extended support where asked, and where there is a date', () => {
    const options = { now: new Date('2026-11-23'), warnDays: 30 };
    const extended = { ...options, extendedSupport: true };
    const bookworm = cycle({ eolDate: '2026-07-11', eoesDate: '2028-06-30' });

    expect(supportOfCycle(bookworm, options)).toBe('ended');
    expect(supportOfCycle(bookworm, extended)).toBe('supported');
    const none = cycle({ eolDate: '2026-07-11' });
    expect(supportOfCycle(none, extended)).toBe('ended');
  });
});

describe('judgeSupport', () => {
  const options = { now: new Date('2026-11-23T12:00:00Z'), warnDays: 30 };
  const ended = cycle({ name: 'e', eolDate: '2026-11-01' });
  const ending = cycle({ name: 'w', eolDate: '2026-12-01' });
  const fine = cycle({ name: 'f', eolDate: '2028-01-01' });
  const finer = cycle({ name: 'ff', eolDate: '2029-01-01' });
  const open = cycle({ name: 'o', isEol: false });
  const over = cycle({ name: 'b', isEol: true });
  const blank = cycle({ name: 'u' });

  it.each<
    [string, Cycle | undefined, Cycle | undefined, string, string | undefined]
  >([
    ['nothing known', undefined, undefined, 'unknown', undefined],
    ['product alone', fine, undefined, 'supported', '2028-01-01'],
    ['both supported', finer, fine, 'supported', '2028-01-01'],
    ['product first', fine, finer, 'supported', '2028-01-01'],
    ['system ended', fine, ended, 'ended', '2026-11-01'],
    ['product ended', ended, fine, 'ended', '2026-11-01'],
    ['system ending', fine, ending, 'ending', '2026-12-01'],
    ['ended before ending', ending, ended, 'ended', '2026-11-01'],
    ['no product, system supported', undefined, fine, 'unknown', '2028-01-01'],
    ['no product, system ending', undefined, ending, 'ending', '2026-12-01'],
    ['no product, system ended', undefined, ended, 'ended', '2026-11-01'],
    ['product without facts', blank, fine, 'unknown', '2028-01-01'],
    ['product without a date', open, fine, 'supported', '2028-01-01'],
    ['product over without a date', over, fine, 'ended', undefined],
    ['system without facts', fine, blank, 'supported', '2028-01-01'],
  ])('judges: %s', (_, product, os, support, eolDate) => {
    const judgement = judgeSupport(
      product && { cycle: product, ageDays: 3 },
      os && { cycle: os },
      options,
    );

    expect(judgement.support).toBe(support);
    expect(judgement.eolDate).toBe(eolDate);
    expect(judgement.eol).toEqual([
      ...(product
        ? [
            {
              product: 'p',
              cycle: product.name,
              eolDate: product.eolDate ?? null,
              dataAgeDays: 3,
            },
          ]
        : []),
      ...(os
        ? [
            {
              product: 'p',
              cycle: os.name,
              eolDate: os.eolDate ?? null,
              dataAgeDays: null,
            },
          ]
        : []),
    ]);
  });
});
