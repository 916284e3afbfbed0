import { currentApplications } from './currentApplications';

const now = new Date('2026-06-30T00:00:00.000Z');

/** Tags in the order in which they were registered, built a day apart. */
function currentOf(
  tags: Array<string | { tag: string; builtAt: string | null; at?: string }>,
  per: 'repository' | 'major' | 'branch' | 'tag',
  maxAgeDays = 180,
): string[] {
  const rows = tags.map((each, index) => {
    const day = String(index + 1).padStart(2, '0');
    const built = `2026-06-${day}T00:00:00.000Z`;
    const row =
      typeof each === 'string' ? { tag: each, builtAt: built } : { ...each };
    const registeredAt = ('at' in row && row.at) || built;
    return { id: index + 1, registeredAt, ...row };
  });
  const ids = currentApplications(rows, { per, maxAgeDays }, now);
  return rows.filter(row => ids.has(row.id)).map(row => row.tag);
}

describe('currentApplications', () => {
  it.each([
    ['repository', ['1.0.0', '2.0.0', 'main-3f2a91c', '1.0.1'], ['1.0.1']],
    ['tag', ['1.0.0', '2.0.0', 'main'], ['1.0.0', '2.0.0', 'main']],
    [
      'major',
      ['1.0.0', '2.0.0', 'v2.1.0', '1.0.1', '10.0.0'],
      ['v2.1.0', '1.0.1', '10.0.0'],
    ],
    [
      'major',
      ['main-3f2a91c', 'main-4b2a91c', 'next-3f2a91c'],
      ['main-4b2a91c', 'next-3f2a91c'],
    ],
    [
      'branch',
      ['main-3f2a91c', 'feature-x-12', 'main-412-aaaabbb', 'feature-x-13'],
      ['main-412-aaaabbb', 'feature-x-13'],
    ],
    ['branch', ['1.0.0', '2.0.0', 'main', 'main-1'], ['2.0.0', 'main-1']],
    ['branch', ['main-20260401', 'main-20260402'], ['main-20260402']],
    ['branch', ['main-20260401', '1.0.0'], ['main-20260401', '1.0.0']],
    ['major', ['main-20260401', 'main-20270402'], ['main-20270402']],
    ['branch', ['3f2a91c', '4f2a91c', 'edge'], ['4f2a91c', 'edge']],
    ['branch', ['java17', 'java21'], ['java17', 'java21']],
  ] as const)('per %s of %j: %j', (per, tags, expected) => {
    expect(currentOf([...tags], per)).toEqual(expected);
  });

  it('goes by the date of the build, not of the registration', () => {
    expect(
      currentOf(
        [
          { tag: 'late', builtAt: '2026-06-20T00:00:00.000Z' },
          { tag: 'early', builtAt: '2026-06-10T00:00:00.000Z' },
        ],
        'repository',
      ),
    ).toEqual(['late']);
  });

  it('takes the registration where nothing tells the build', () => {
    expect(
      currentOf(
        [
          { tag: 'a', builtAt: null, at: '2026-06-12T00:00:00.000Z' },
          { tag: 'b', builtAt: '2026-06-11T00:00:00.000Z' },
        ],
        'repository',
      ),
    ).toEqual(['a']);
  });

  it.each([
    ['the later registration', '2026-06-12T00:00:00.000Z', 'a'],
    ['the later row', '2026-06-11T00:00:00.000Z', 'b'],
  ])('of builds at one instant %s counts', (_, at, expected) => {
    const builtAt = '2026-06-10T00:00:00.000Z';
    expect(
      currentOf(
        [
          { tag: 'a', builtAt, at },
          { tag: 'b', builtAt, at: '2026-06-11T00:00:00.000Z' },
        ],
        'repository',
      ),
    ).toEqual([expected]);
  });

  it.each([
    ['2026-06-20T00:00:00.000Z', ['old']],
    ['2026-06-19T23:59:59.999Z', []],
  ])('built at %s, after ten days: %j', (builtAt, expected) => {
    expect(currentOf([{ tag: 'old', builtAt }], 'repository', 10)).toEqual(
      expected,
    );
  });

  it('has none when the newest is too old, whatever the older were', () => {
    expect(
      currentOf(
        [
          { tag: 'a', builtAt: '2025-01-01T00:00:00.000Z' },
          { tag: 'b', builtAt: '2025-01-02T00:00:00.000Z' },
        ],
        'tag',
      ),
    ).toEqual([]);
  });
});
