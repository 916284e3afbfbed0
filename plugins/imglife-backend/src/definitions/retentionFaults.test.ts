import { ConfigReader } from '@backstage/config';
import type { JsonObject, JsonValue } from '@backstage/types';
import { readDefinitions } from './readDefinitions';

const rules = { keepLast: 5, maxAgeDays: 90 };
const url = 'https://git.example.com/imglife.yaml';

function faultsOf(retention: JsonValue, content?: string): string[] {
  const imglife: JsonObject = {
    registries: [
      { host: 'registry.example.com', aliases: ['cache.example.com'] },
    ],
    tiers: {
      mirrors: 'registry.example.com/mirrors',
      bases: 'registry.example.com/bases',
      applications: ['registry.example.com/apps', 'registry.example.com/*/svc'],
    },
    mirrors: {
      entries: [{ source: 'docker.io/library/alpine', tags: { keepLast: 1 } }],
    },
    bases: {
      entries: [{ name: 'core', from: { mirror: 'alpine', track: 'latest' } }],
    },
    ...(content === undefined && { retention }),
  };
  try {
    readDefinitions(new ConfigReader({ imglife }), {
      files: content === undefined ? [] : [{ url, content }],
    });
  } catch (error) {
    return (error as Error).message.split('\n- ').slice(1);
  }
  return [];
}

it.each<[string, JsonValue, string[]]>([
  ['nothing', {}, []],
  ['a tier', { bases: rules }, []],
  [
    'no limits',
    { mirrors: {}, applications: { keepLast: 1 } },
    [
      'imglife.retention.mirrors.keepLast: is missing; it must be a whole number from 1',
      'imglife.retention.mirrors.maxAgeDays: is missing; it must be a whole number from 1',
      'imglife.retention.applications.maxAgeDays: is missing; it must be a whole number from 1',
    ],
  ],
  [
    'limits that keep nothing',
    { bases: { keepLast: 0, maxAgeDays: 0.5, per: 'repository' } },
    [
      'imglife.retention.bases.keepLast: must be a whole number from 1',
      'imglife.retention.bases.per: must be one of cycle, family',
      'imglife.retention.bases.maxAgeDays: must be a whole number from 1',
    ],
  ],
  [
    'unknown keys',
    { base: rules, bases: { ...rules, keep: 1, archive: { days: 1 } } },
    [
      'imglife.retention.bases.archive.to: is missing; it must be a host and a path such as host/mirrors',
      'imglife.retention.bases.archive.days: unknown key; known here: to, keepDays',
      'imglife.retention.bases.keep: unknown key; known here: keepLast, per, maxAgeDays, protect, archive, overrides',
      'imglife.retention.base: unknown key; known here: schedule, mirrors, bases, applications',
    ],
  ],
  [
    'patterns that are none',
    { bases: { ...rules, protect: ['(', '(?=x)'] } },
    [
      expect.stringMatching(
        /^imglife\.retention\.bases\.protect\[0\]: is no RE2 pattern/,
      ),
      expect.stringMatching(
        /^imglife\.retention\.bases\.protect\[1\]: is no RE2 pattern/,
      ),
    ] as never,
  ],
  [
    'archives at wrong places',
    {
      mirrors: { ...rules, archive: { to: 'other.example.com/archive' } },
      bases: { ...rules, archive: { to: 'cache.example.com/bases/old' } },
      applications: {
        ...rules,
        archive: { to: 'registry.example.com/archive' },
        overrides: [
          { image: 'x', archive: { to: 'registry.example.com/apps/old' } },
        ],
      },
    },
    [
      'imglife.retention.mirrors.archive.to: the host other.example.com is not listed under imglife.registries; add it there',
      'imglife.retention.bases.archive.to: lies on imglife.tiers.bases, where its copies would be taken for bases; give it a path of its own',
      'imglife.retention.applications.overrides[0].archive.to: lies on imglife.tiers.applications, where its copies would be taken for applications; give it a path of its own',
    ],
  ],
  [
    'overrides of nothing, and two of one',
    {
      mirrors: { ...rules, overrides: [{ image: 'alpine' }, { image: 'no' }] },
      bases: {
        ...rules,
        overrides: [{ image: 'co*' }, { image: 'co*' }, { image: 'alpine' }],
      },
    },
    [
      'imglife.retention.mirrors.overrides[1].image: there is no "no"; known: alpine',
      'imglife.retention.bases.overrides[1].image: "co*" is overridden by imglife.retention.bases.overrides[0] already, which counts',
      'imglife.retention.bases.overrides[2].image: there is no "alpine"; known: core',
    ],
  ],
])('finds faults of %s', (_, retention, faults) => {
  expect(faultsOf(retention).sort()).toEqual([...faults].sort());
});

it('is read from definition files too, and names them', () => {
  const good = 'retention:\n  bases: { keepLast: 5, maxAgeDays: 90 }\n';
  expect(faultsOf({}, good)).toEqual([]);
  expect(faultsOf({}, good.replace('5', '0'))).toEqual([
    `${url}: retention.bases.keepLast: must be a whole number from 1`,
  ]);
});
