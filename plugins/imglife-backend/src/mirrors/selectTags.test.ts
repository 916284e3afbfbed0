import type { TagSelection } from '../definitions/Definitions';
import { KnownLifecycle } from '../lifecycle/KnownLifecycle';
import { SelectionLifecycle, selectTags, tagsToAge } from './selectTags';

const alpine = [
  'latest',
  'edge',
  '20250108',
  '3',
  '3.21',
  '3.19.1',
  '3.19.9',
  '3.20.0',
  '3.20.1',
  '3.21.0',
  '3.21.2',
  '3.21.3',
  '3.21.10',
  '3.22.0',
  '3.22.0-rc1',
];
const golang = [
  '1.22.3-alpine3.20',
  '1.22.3-alpine3.21',
  '1.22.3-bookworm',
  '1.22.4-alpine3.20',
  '1.22.4-bookworm',
  '1.23.0-alpine3.21',
  '1.23.0',
  '1.23-alpine',
];

function lifecycle(cycles: string[], ended: string[]): SelectionLifecycle {
  return {
    cycles,
    cycleOf: tag => cycles.find(cycle => tag.startsWith(`${cycle}.`)),
    isMirrored: cycle => !ended.includes(cycle),
  };
}

const alpineCycles = lifecycle(['3.22', '3.21', '3.20', '3.19'], ['3.19']);

function selected(
  tags: string[],
  selection: Partial<TagSelection>,
  known?: SelectionLifecycle,
): string[] {
  return selectTags({
    tags,
    selection: { names: [], cycles: 'supported', ...selection },
    lifecycle: known,
  })
    .filter(choice => choice.selected)
    .map(choice => choice.tag);
}

describe('selectTags', () => {
  it.each<
    [
      string,
      string[],
      Partial<TagSelection>,
      SelectionLifecycle | undefined,
      string[],
    ]
  >([
    [
      'two per cycle of what is supported',
      alpine,
      { regex: '3\\.\\d+\\.\\d+', keepLast: 2 },
      alpineCycles,
      ['3.20.0', '3.20.1', '3.21.3', '3.21.10', '3.22.0'],
    ],
    [
      'all cycles',
      alpine,
      { regex: '3\\.\\d+\\.\\d+', keepLast: 1, cycles: 'all' },
      alpineCycles,
      ['3.19.9', '3.20.1', '3.21.10', '3.22.0'],
    ],
    [
      'the two newest cycles',
      alpine,
      { regex: '3\\.\\d+\\.\\d+', keepLast: 1, cycles: 2 },
      alpineCycles,
      ['3.21.10', '3.22.0'],
    ],
    [
      'per family where no lifecycle is known',
      alpine,
      { regex: '3\\.\\d+\\.\\d+', keepLast: 2 },
      undefined,
      ['3.21.10', '3.22.0'],
    ],
    [
      'names are added to the rest',
      alpine,
      { names: ['latest', '3.19.1'], regex: '3\\.22\\..*' },
      alpineCycles,
      ['latest', '3.19.1', '3.22.0'],
    ],
    ['only names', alpine, { names: ['edge'] }, alpineCycles, ['edge']],
    [
      'a prerelease only when named',
      alpine,
      { names: ['3.22.0-rc1'], regex: '3\\.22.*' },
      alpineCycles,
      ['3.22.0', '3.22.0-rc1'],
    ],
    [
      'patterns are whole-tag, alternatives too',
      alpine,
      { regex: '3\\.2|3\\.21' },
      alpineCycles,
      ['3.21'],
    ],
    [
      'a version is one slot, with its newest suffix version',
      golang,
      { regex: '.*-alpine.*', keepLast: 2, per: 'family' },
      undefined,
      ['1.22.4-alpine3.20', '1.23.0-alpine3.21', '1.23-alpine'],
    ],
    [
      'per repository counts versions over all families',
      golang,
      { regex: '1\\.\\d+\\.\\d+.*', keepLast: 2, per: 'repository' },
      undefined,
      ['1.22.4-alpine3.20', '1.22.4-bookworm', '1.23.0-alpine3.21', '1.23.0'],
    ],
    [
      'a range of versions, missing parts as 0',
      alpine,
      { semver: '>=3.21.3 <3.23' },
      alpineCycles,
      ['3.21.3', '3.21.10', '3.22.0'],
    ],
    [
      'what is excluded by no pattern',
      alpine,
      { regex: '3\\.2\\d.*', exclude: ['.*\\.0', '3\\.21'] },
      alpineCycles,
      ['3.20.1', '3.21.2', '3.21.3', '3.21.10'],
    ],
    [
      'prereleases when asked for',
      alpine,
      { regex: '3\\.22.*', prereleases: true },
      alpineCycles,
      ['3.22.0', '3.22.0-rc1'],
    ],
  ])('%s', (_, tags, selection, known, expected) => {
    expect(selected(tags, selection, known)).toEqual(expected);
  });

  it('says why for every tag', () => {
    const choices = selectTags({
      tags: alpine,
      selection: {
        names: ['edge'],
        regex: '3\\.(19|21)\\..*|3\\.22.*',
        keepLast: 1,
        cycles: 'supported',
      },
      lifecycle: alpineCycles,
    });
    const reasons = Object.fromEntries(
      choices.map(({ tag, reason }) => [tag, reason]),
    );
    expect(choices).toHaveLength(alpine.length);
    expect(reasons).toMatchObject({
      edge: 'named',
      latest: 'has no version and is not named',
      '3.20.0': 'does not match the pattern',
      '3.22.0-rc1': 'is a prerelease',
      '3.19.9': 'cycle 3.19 has reached its end of life',
      '3.21.10': 'number 1 of its cycle',
      '3.21.3': 'is not among the 1 newest of its cycle',
    });
  });

  it('is not stopped by a pattern that would backtrack for ever', () => {
    expect(
      selected([`${'1'.repeat(120)}x`, '1.0'], { regex: '(1+)+\\.0' }),
    ).toEqual(['1.0']);
  });

  it('chooses among 10,000 tags in less than a second of CPU', () => {
    const suffixes = ['', '-alpine3.21', '-slim-bookworm', '-rc1', '_9-jre'];
    const many = Array.from(
      { length: 10_000 },
      (_, at) => `${at % 60}.${at % 97}.${at}${suffixes[at % 5]}`,
    );
    const cycles = Array.from({ length: 60 }, (_, at) => ({
      product: 'many',
      name: `${at}`,
    }));
    const known = KnownLifecycle.create({
      products: [{ name: 'many', aliases: [], purls: [], cycles }],
      inUse: new Set(),
      now: new Date('2026-06-01T00:00:00Z'),
    });
    const input = {
      tags: many,
      selection: {
        names: [],
        cycles: 'all' as const,
        regex: '(\\d+\\.)+\\d+.*',
        exclude: ['.*-bookworm', '3\\..*'],
        semver: '>=2 <50',
        keepLast: 3,
        minAgeMs: 1,
      },
      lifecycle: {
        cycles: cycles.map(({ name }) => name),
        cycleOf: (tag: string) => known.cyclesOf('many', tag).cycle,
        isMirrored: () => true,
      },
    };
    const before = process.cpuUsage();
    const since = new Map(tagsToAge(input).map(tag => [tag, '2026-01-01']));
    const choices = selectTags({ ...input, ages: { since, now: new Date() } });
    const { user, system } = process.cpuUsage(before);
    expect(choices).toHaveLength(many.length);
    expect(choices.filter(choice => choice.selected).length).toBeGreaterThan(9);
    expect((user + system) / 1_000).toBeLessThan(1_000);
  });
});
