import { parseTag, versionKey } from '@imglife/backstage-plugin-imglife-common';
import type { RetentionRules } from '../definitions/Definitions';
import { decideTags, type RetainedTag } from './decideTags';

const NOW = new Date('2026-11-29T12:00:00.000Z');
const DAY_MS = 86_400_000;
const rules: RetentionRules = {
  keepLast: 2,
  per: 'cycle',
  maxAgeDays: 90,
  protect: [],
};

function tag(
  name: string,
  days: number | undefined,
  more: Partial<RetainedTag> = {},
): RetainedTag {
  const parsed = parseTag(name);
  return {
    tag: name,
    family: parsed.family,
    versionKey: versionKey(parsed),
    publishedAt:
      days === undefined
        ? undefined
        : new Date(NOW.getTime() - days * DAY_MS).toISOString(),
    needs: [],
    ...more,
  };
}

const removable = (tags: RetainedTag[], change: Partial<RetentionRules> = {}) =>
  decideTags(tags, { ...rules, ...change }, NOW)
    .filter(decision => decision.removable)
    .map(decision => decision.tag);

const old = (names: string[], more?: Partial<RetainedTag>) =>
  names.map(name => tag(name, 200, more));
const FIVE = ['3.21.5', '3.21.4', '3.21.3', '3.21.2', '3.21.1'];

it.each<[string, RetainedTag[], Partial<RetentionRules>, string[]]>([
  ['past both limits', old(FIVE), {}, ['3.21.3', '3.21.2', '3.21.1']],
  ['in any order', old([...FIVE].reverse()), { keepLast: 4 }, ['3.21.1']],
  ['past keepLast only', FIVE.map(name => tag(name, 90)), {}, []],
  ['past the age only', old(FIVE.slice(0, 2)), {}, []],
  [
    'just past the age',
    [...old(FIVE.slice(0, 2)), tag('3.21.3', 90.01), tag('3.21.2', 89.9)],
    {},
    ['3.21.3'],
  ],
  [
    'of unknown age',
    [...old(FIVE.slice(0, 4)), tag('3.21.1', undefined)],
    {},
    ['3.21.3', '3.21.2'],
  ],
  [
    'of the future, as clocks have it',
    [...old(FIVE.slice(0, 2)), tag('3.21.3', -3)],
    {},
    [],
  ],
  [
    'protected, by the whole tag',
    old(FIVE),
    { protect: ['3\\.21\\.3', '21\\.2'] },
    ['3.21.2', '3.21.1'],
  ],
  [
    'needed',
    FIVE.map(name =>
      tag(name, 200, { needs: name === '3.21.2' ? ['is used'] : [] }),
    ),
    {},
    ['3.21.3', '3.21.1'],
  ],
  [
    'of families of their own',
    old(['3.21.3', '3.21.2', '3.21.3-slim', '3.21.2-slim', '3.21']),
    { keepLast: 1 },
    ['3.21.2', '3.21.2-slim'],
  ],
  [
    'of cycles of their own',
    [
      ...old(['3.21.3', '3.21.2'], { cycle: '3.21' }),
      ...old(['3.20.9', '3.20.8'], { cycle: '3.20' }),
    ],
    { keepLast: 1 },
    ['3.21.2', '3.20.8'],
  ],
  [
    'per family, where the newest of a cycle stays all the same',
    [
      ...old(['3.21.3', '3.21.2'], { cycle: '3.21' }),
      ...old(['3.20.9', '3.20.8'], { cycle: '3.20' }),
    ],
    { keepLast: 1, per: 'family' },
    ['3.21.2', '3.20.8'],
  ],
  [
    'without a version, by their time',
    [tag('edge', 100), tag('nightly', 200), tag('bookworm', 300)],
    { keepLast: 1 },
    ['nightly', 'bookworm'],
  ],
  [
    'withdrawn: they take up no place',
    [
      tag('3.21.5', 200, { isWithdrawn: true }),
      tag('3.21.4', 10, { isWithdrawn: true }),
      ...old(['3.21.3', '3.21.2', '3.21.1']),
    ],
    {},
    ['3.21.5', '3.21.1'],
  ],
  ['none', [], {}, []],
])('removes what is %s', (_, tags, change, expected) => {
  expect(removable(tags, change)).toEqual(expected);
});

it('says everything that keeps a tag, or why it may go', () => {
  const decisions = decideTags(
    [
      tag('3.21.3', 10, { cycle: '3.21', needs: ['is used by base x'] }),
      tag('3.21.2', 200.5, { cycle: '3.21' }),
      tag('edge', undefined),
      tag('1.0.0-slim', 300, { isWithdrawn: true }),
      tag('1.1.0-slim', 300),
      tag('7.1.0', 300),
    ],
    { ...rules, keepLast: 1, protect: ['.*3'] },
    NOW,
  );
  expect(decisions).toEqual([
    {
      tag: '3.21.3',
      removable: false,
      reasons: [
        'is used by base x',
        'is protected by ".*3"',
        'is the newest of its cycle 3.21',
        'is number 1 of its cycle 3.21, 1 are kept',
        'is 10 days old, 90 are kept',
      ],
    },
    {
      tag: '3.21.2',
      removable: true,
      reasons: ['is number 2 of its cycle 3.21', 'is 200 days old'],
    },
    {
      tag: 'edge',
      removable: false,
      reasons: [
        'is the newest of its tags without a version',
        'is number 1 of its tags without a version, 1 are kept',
        'its age is not known',
      ],
    },
    {
      tag: '1.0.0-slim',
      removable: true,
      reasons: ['is withdrawn', 'is 300 days old'],
    },
    {
      tag: '1.1.0-slim',
      removable: false,
      reasons: [
        'is the newest of its family slim',
        'is number 1 of its family slim, 1 are kept',
      ],
    },
    {
      tag: '7.1.0',
      removable: false,
      reasons: [
        'is the newest of its family',
        'is number 1 of its family, 1 are kept',
      ],
    },
  ]);
});

it('takes no longer for a pattern that would backtrack for ever', () => {
  const tags = [tag(`${'a'.repeat(120)}!`, 200), ...old(FIVE)];
  const started = performance.now();
  expect(removable(tags, { protect: ['(a+)+', '(a|a)*b'] })).toHaveLength(3);
  expect(performance.now() - started).toBeLessThan(1_000);
});

it('decides twenty thousand tags in well under a second', () => {
  const tags = Array.from({ length: 20_000 }, (_, index) =>
    tag(`1.${index}.0`, 200),
  );
  const started = performance.now();
  expect(removable(tags, { keepLast: 100 })).toHaveLength(19_900);
  expect(performance.now() - started).toBeLessThan(1_000);
});
