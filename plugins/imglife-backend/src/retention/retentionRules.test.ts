import type { Definitions } from '../definitions/Definitions';
import { archiveRepository, archiveTags } from './archiveTags';
import { needsOf } from './needsOf';
import { retainedImages, retentionTargets } from './retainedImages';
import type { StoredTag, Usage } from './RetentionStore';
import { rulesOf } from './rulesOf';

const rules = {
  keepLast: 5,
  per: 'cycle' as const,
  maxAgeDays: 90,
  protect: ['latest'],
};

it.each([
  ['alpine', { keepLast: 1, maxAgeDays: 90, protect: ['latest'] }],
  ['alpine-slim', { keepLast: 5, maxAgeDays: 7, protect: [] }],
  ['node', { keepLast: 5, maxAgeDays: 90, protect: ['latest'] }],
])('of the overrides the first that fits %s counts', (name, expected) => {
  const policy = {
    ...rules,
    overrides: [
      { image: 'alpine', keepLast: 1, protect: undefined },
      { image: 'alp*', maxAgeDays: 7, protect: [] },
    ],
  };
  expect(rulesOf(policy, name)).toEqual({ per: 'cycle', ...expected });
});

const definitions = {
  retention: {
    schedule: { frequencyMs: 1, timeoutMs: 1 },
    mirrors: { ...rules, overrides: [] },
    applications: { ...rules, overrides: [] },
  },
  mirrors: {
    entries: [
      { name: 'alpine', target: { registry: 'r', repository: 'm/alpine' } },
      { name: 'node', target: { registry: 'r', repository: 'm/node' } },
    ],
  },
  bases: {
    entries: [
      { name: 'alpine', target: { registry: 'r', repository: 'b/alpine' } },
    ],
  },
} as unknown as Definitions;

it.each([
  [undefined, ['r/m/alpine', 'r/m/node', 'r/apps/x', 'r/apps/y']],
  ['mirrors', ['r/m/alpine', 'r/m/node']],
  ['mirrors/node', ['r/m/node']],
  ['applications', ['r/apps/x', 'r/apps/y']],
  ['bases', []],
])('the target %s stands for its repositories', (target, expected) => {
  expect(
    retainedImages(definitions, ['r/apps/x', 'r/apps/y'], target).map(
      ({ repository }) => repository,
    ),
  ).toEqual(expected);
});

it('targets are what has rules', () => {
  expect(retentionTargets(definitions)).toEqual([
    'mirrors',
    'mirrors/alpine',
    'mirrors/node',
    'applications',
  ]);
});

it('finds what needs a tag, by name and by any digest it had', () => {
  const tag = {
    tag: '1',
    digests: ['sha256:now', 'sha256:before', 'sha256:child'],
    isCurrent: true,
  } as StoredTag;
  const usage: Usage = {
    references: new Map([['r/m/alpine:1', ['a', 'b', 'c', 'd', 'e']]]),
    digests: new Map([
      ['sha256:before', ['a', 'x']],
      ['sha256:child', ['x']],
    ]),
  };
  const reference = new Set(['r/m/alpine:1']);
  const none = new Set<string>();
  const image = { tier: 'mirrors' as const, repository: 'r/m/alpine' };
  expect(
    needsOf(tag, image, {
      usage,
      planned: { wanted: reference, followed: reference },
    }),
  ).toEqual([
    'is selected by its mirror',
    'is what its base is to have now',
    'is followed by a base',
    'is used by a, b, c and 2 more',
    'is used by its digest by x',
  ]);
  expect(
    needsOf(
      { ...tag, isCurrent: false, digests: ['sha256:now'] },
      { ...image, repository: 'r/m/other' },
      {
        usage,
        planned: { wanted: none, followed: reference },
      },
    ),
  ).toEqual([]);
});

it.each([
  [{ registry: 'r', repository: 'bases/alpine' }, 'archive/bases/alpine'],
  [
    { registry: 'other.example.com:5000', repository: 'bases/alpine' },
    'archive/other.example.com-5000/bases/alpine',
  ],
  [
    { registry: 'r', repository: 'x'.repeat(250) },
    expect.stringMatching(/^archive\/[0-9a-f]{12}$/),
  ],
])('copies of %j lie below the archive', (name, expected) => {
  const to = { registry: 'r', repository: 'archive' };
  expect(archiveRepository(to, name)).toEqual({
    registry: 'r',
    repository: expected,
  });
});

it('a copy keeps its tag, or has the digest behind it', () => {
  const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;
  expect(archiveTags('3.21.3', digest)).toEqual([
    '3.21.3',
    '3.21.3-0123456789ab',
  ]);
  const [, long] = archiveTags('t'.repeat(128), digest);
  expect(long).toHaveLength(128);
});
