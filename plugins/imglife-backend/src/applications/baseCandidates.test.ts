import {
  groupByRoot,
  indexByChain,
  longestMatches,
  namesCandidate,
  newestBefore,
  type BaseCandidate,
  type KnownImage,
} from './baseCandidates';
import type { NamedBase } from './namedBase';

function known(change: Partial<KnownImage> = {}): KnownImage {
  return {
    tier: 'bases',
    name: 'alpine',
    repository: 'reg.test/bases/alpine',
    tag: '3.21',
    rootDigest: 'sha256:root',
    digest: 'sha256:root',
    publishedAt: '2026-01-01T00:00:00.000Z',
    ...change,
  };
}

function candidate(change: Partial<KnownImage> = {}): BaseCandidate {
  const image = known(change);
  return { image, digests: new Set([image.rootDigest, image.digest]) };
}

describe('groupByRoot', () => {
  it('gathers the digests of one root and keeps roots apart', () => {
    const groups = groupByRoot([
      known({ digest: 'sha256:amd64' }),
      known({ digest: 'sha256:arm64' }),
      known({ digest: 'sha256:older', rootDigest: 'sha256:before' }),
      known({ tag: '3.22' }),
    ]);
    expect([...groups.values()].map(({ digests }) => [...digests])).toEqual([
      ['sha256:amd64', 'sha256:root', 'sha256:arm64'],
      ['sha256:older', 'sha256:before'],
      ['sha256:root'],
    ]);
  });
});

describe('longestMatches', () => {
  const images = [
    known({ tag: 'mirror', chainId: 'one' }),
    known({ tag: 'base', chainId: 'two' }),
    known({ tag: 'rebuilt', chainId: 'two' }),
    known({ tag: 'empty' }),
  ];
  it.each([
    [
      ['one', 'two', 'three'],
      ['base', 'rebuilt'],
    ],
    [
      ['one', 'two'],
      ['base', 'rebuilt'],
    ],
    [['one', 'other'], ['mirror']],
    [['other'], []],
    [[], []],
  ])('of %j: %j', (chains, tags) => {
    const keys = longestMatches(chains, indexByChain(images));
    const roots = groupByRoot(images);
    expect([...keys].map(key => roots.get(key)?.image.tag)).toEqual(tags);
  });
});

describe('namesCandidate', () => {
  const repository = 'reg.test/bases/alpine';
  const upstream = { repository: 'docker.io/library/alpine', tag: '3' };
  const image = candidate({ digest: 'sha256:child', upstream });
  it.each<[NamedBase, ReturnType<typeof namesCandidate>]>([
    [{ repository, tag: '3.21' }, 'own'],
    [{ repository }, 'own'],
    [{ digest: 'sha256:root' }, 'own'],
    [{ digest: 'sha256:child' }, 'own'],
    [{ repository, tag: '3.21', digest: 'sha256:child' }, 'own'],
    [{ repository, tag: '3.21', digest: 'sha256:moved' }, undefined],
    [{ repository, tag: '3.22' }, undefined],
    [{ repository: 'reg.test/bases/debian', tag: '3.21' }, undefined],
    [upstream, 'upstream'],
    [{ ...upstream, digest: 'sha256:root' }, 'upstream'],
    [{ ...upstream, digest: 'sha256:moved' }, undefined],
    [{ ...upstream, tag: '3.21' }, undefined],
  ])('%j: %s', (named, expected) => {
    expect(namesCandidate(named, image)).toBe(expected);
  });
});

describe('newestBefore', () => {
  const first = candidate({
    tag: 'first',
    publishedAt: '2026-01-01T00:00:00.000Z',
  });
  const second = candidate({
    tag: 'second',
    publishedAt: '2026-02-01T00:00:00.000Z',
  });
  const twin = candidate({
    tag: 'twin',
    publishedAt: '2026-02-01T00:00:00.000Z',
  });
  const moved = candidate({
    tag: 'second',
    rootDigest: 'sha256:moved',
    publishedAt: '2026-02-01T00:00:00.000Z',
  });
  it.each([
    ['built after both', [first, second], '2026-03-01', 'second', false],
    ['built between', [second, first], '2026-01-15', 'first', false],
    ['built as it came out', [first, second], '2026-02-01', 'second', false],
    ['built before both', [first, second], '2025-01-01', 'second', true],
    ['built before the only one', [first], '2025-01-01', 'first', false],
    ['no date', [first, second], undefined, 'second', true],
    ['twins', [twin, second, first], '2026-03-01', 'second', true],
    ['one tag twice', [second, moved], '2026-03-01', 'second', false],
    ['one tag twice, no date', [second, moved], undefined, 'second', false],
  ] as const)('%s', (_, candidates, day, tag, tied) => {
    const builtAt = day && `${day}T00:00:00.000Z`;
    const found = newestBefore([...candidates], builtAt);
    expect([found.chosen.image.tag, found.tied]).toEqual([tag, tied]);
  });

  it.each([
    [['latest', '3.21', '3.21.3', '3'], '3.21.3'],
    [['3.21.3', 'edge', '3.21.4'], '3.21.4'],
    [['edge', 'latest'], 'latest'],
  ])('takes of the tags %j of one image %s', (tags, expected) => {
    const candidates = tags.map((tag, at) =>
      candidate({ tag, publishedAt: `2026-02-01T00:00:00.00${at}Z` }),
    );
    const { chosen, tied } = newestBefore(
      candidates,
      '2026-03-01T00:00:00.000Z',
    );
    expect([chosen.image.tag, tied]).toEqual([expected, false]);
  });

  it('does not depend on the order of equals', () => {
    const choose = (...candidates: BaseCandidate[]) =>
      newestBefore(candidates, '2026-03-01T00:00:00.000Z').chosen;
    expect(choose(second, moved, twin)).toBe(choose(twin, moved, second));
  });
});
