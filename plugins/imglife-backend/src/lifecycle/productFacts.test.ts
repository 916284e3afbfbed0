import { fixtureAnswers } from './__fixtures__/fixtureProducts';
import { readProductFacts } from './productFacts';

describe('readProductFacts', () => {
  it('reads a real answer', () => {
    const facts = readProductFacts(fixtureAnswers.debian.result);

    expect(facts).toMatchObject({
      name: 'debian',
      label: 'Debian',
      aliases: [],
      purls: [],
    });
    expect(facts?.cycles).toHaveLength(18);
    expect(facts?.cycles[1]).toEqual({
      product: 'debian',
      name: '12',
      codename: 'Bookworm',
      releaseDate: '2023-06-10',
      eolDate: '2026-07-11',
      isEol: true,
      eoesDate: '2028-06-30',
      latest: '12.15',
    });
    expect(readProductFacts(fixtureAnswers.nodejs.result)?.purls).toContain(
      'pkg:docker/library/node',
    );
  });

  it('does not lose a date to something odd beside it', () => {
    expect(
      readProductFacts({
        name: 'x',
        aliases: 'none',
        identifiers: [{ type: 'purl' }],
        releases: [
          {
            name: '1',
            codename: 7,
            releaseDate: 'soon',
            isEol: 'no',
            eolFrom: '2027-01-01',
            eoesFrom: '2027-02-30',
            latest: [],
          },
        ],
      }),
    ).toEqual({
      name: 'x',
      label: 'x',
      aliases: [],
      purls: [],
      cycles: [{ product: 'x', name: '1', eolDate: '2027-01-01' }],
    });
  });

  it.each([
    null,
    'text',
    {},
    { name: 'x' },
    { name: 'x', releases: [] },
    { name: 'x', releases: [{ eolFrom: '2027-01-01' }] },
  ])('refuses %j', value => {
    expect(readProductFacts(value)).toBeUndefined();
  });
});
