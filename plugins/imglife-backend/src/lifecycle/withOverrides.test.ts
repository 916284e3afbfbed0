import { withOverrides } from './withOverrides';

const known = {
  name: 'x',
  aliases: ['ex'],
  purls: ['pkg:docker/a/x'],
  cycles: [
    { product: 'x', name: '2', eolDate: '2027-01-01', codename: 'Two' },
    { product: 'x', name: '1', eolDate: '2026-01-01' },
  ],
  fetchedAt: '2026-11-01T00:00:00.000Z',
};

describe('withOverrides', () => {
  it('replaces cycles, adds new ones and whole products', () => {
    const own = (name: string, cycles: string[]) => ({
      name,
      label: name,
      aliases: ['ex', 'own'],
      purls: [],
      cycles: cycles.map(cycle => ({
        product: name,
        name: cycle,
        eolDate: '2030-01-01',
      })),
    });

    expect(
      withOverrides([known], [own('x', ['2', '3']), own('y', ['1'])]),
    ).toEqual([
      {
        ...known,
        aliases: ['ex', 'own'],
        cycles: [
          { product: 'x', name: '2', eolDate: '2030-01-01' },
          { product: 'x', name: '3', eolDate: '2030-01-01' },
          { product: 'x', name: '1', eolDate: '2026-01-01' },
        ],
      },
      expect.objectContaining({ name: 'y', fetchedAt: undefined }),
    ]);
    expect(withOverrides([known], [])).toEqual([known]);
  });
});
