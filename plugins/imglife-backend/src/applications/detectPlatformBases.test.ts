import type { KnownImage } from './baseCandidates';
import type { BaseDetectionInput } from './detectBase';
import { detectPlatformBases } from './detectPlatformBases';
import {
  baseNameKey,
  inputHashLabel,
  type ImageFacts,
  type PlatformFacts,
} from './imageFacts';
import { isSquashed } from './isSquashed';

const BASES = 'reg.test/bases/alpine';

function known(change: Partial<KnownImage> = {}): KnownImage {
  return {
    tier: 'bases',
    name: 'alpine',
    repository: BASES,
    tag: '3.21.3-core1.0.0',
    rootDigest: 'sha256:old',
    digest: 'sha256:old-amd64',
    chainId: 'o',
    publishedAt: '2026-01-01T00:00:00.000Z',
    ...change,
  };
}

const newer = {
  tag: '3.24.1-core1.0.0',
  rootDigest: 'sha256:new',
  digest: 'sha256:new-arm64',
  chainId: 'n',
};
const index = [known(), known(newer)];
const OLD = `${BASES}:3.21.3-core1.0.0`;
const NEW = `${BASES}:3.24.1-core1.0.0`;

function platform(
  architecture: string,
  chainIds: string[],
  change: Partial<PlatformFacts> = {},
): PlatformFacts {
  return {
    platform: `linux/${architecture}`,
    digest: `sha256:${architecture}`,
    chainIds,
    annotations: {},
    labels: {},
    ...change,
  };
}

const image = (...platforms: PlatformFacts[]): ImageFacts => ({
  digest: 'sha256:app',
  platforms,
});
const annotated = (name: string) => ({ annotations: { [baseNameKey]: name } });
const split = image(platform('amd64', ['o', 'oa']), platform('arm64', ['n']));

function detect(input: Partial<BaseDetectionInput>) {
  return detectPlatformBases({
    image: split,
    builtAt: '2026-03-01T00:00:00.000Z',
    known: index,
    canonical: name => name,
    tierOf: () => 'other',
    ...input,
  })?.map(each => [
    each.platform,
    each.base.kind === 'base' ? each.base.reference : each.base.kind,
  ]);
}

describe('detectPlatformBases', () => {
  it.each<[string, Partial<BaseDetectionInput>, string[][] | undefined]>([
    [
      'by layers',
      {},
      [
        ['linux/amd64', OLD],
        ['linux/arm64', NEW],
      ],
    ],
    [
      'one tag at two digests',
      {
        known: [known(), known({ ...newer, tag: '3.21.3-core1.0.0' })],
      },
      [
        ['linux/amd64', OLD],
        ['linux/arm64', OLD],
      ],
    ],
    [
      'one platform on nothing known',
      { image: image(platform('amd64', ['o']), platform('arm64', ['x'])) },
      [
        ['linux/amd64', OLD],
        ['linux/arm64', 'unknown'],
      ],
    ],
    [
      'one platform from scratch',
      {
        image: image(
          platform('amd64', ['o']),
          platform('arm64', ['x'], annotated('')),
        ),
      },
      [
        ['linux/amd64', OLD],
        ['linux/arm64', 'none'],
      ],
    ],
    [
      'a declaration speaks for the platform it is true of',
      { declared: { repository: BASES, tag: '3.24.1-core1.0.0' } },
      [
        ['linux/amd64', OLD],
        ['linux/arm64', NEW],
      ],
    ],
    [
      'a declaration that no platform bears out tells nothing apart',
      { declared: { repository: 'reg.test/bases/debian', tag: '12' } },
      undefined,
    ],
    [
      'by names alone',
      {
        image: image(
          platform('amd64', ['x'], annotated(OLD)),
          platform('arm64', ['y'], annotated('docker.io/library/alpine:3.24')),
          platform('s390x', ['z']),
        ),
      },
      [
        ['linux/amd64', OLD],
        ['linux/arm64', 'docker.io/library/alpine:3.24'],
      ],
    ],
    [
      'the same base by layers and by name',
      {
        image: image(
          platform('amd64', ['o']),
          platform('arm64', ['x'], annotated(OLD)),
        ),
      },
      undefined,
    ],
    [
      'all on one base',
      {
        image: image(platform('amd64', ['o']), platform('arm64', ['o2'])),
        known: [...index, known({ digest: 'sha256:old-arm', chainId: 'o2' })],
      },
      undefined,
    ],
    ['one platform', { image: image(platform('amd64', ['o'])) }, undefined],
    ['an unread image', { image: undefined }, undefined],
  ])('%s', (_name, input, expected) => {
    expect(detect(input)).toEqual(expected);
  });
});

describe('isSquashed', () => {
  it.each<[string, PlatformFacts, boolean]>([
    [
      'a label that bases bring along',
      platform('amd64', ['x'], { labels: { [inputHashLabel]: 'h' } }),
      true,
    ],
    [
      'the name of an image we know',
      platform('amd64', ['x'], annotated(OLD)),
      true,
    ],
    ["the builder's history", platform('amd64', ['x'], { merged: true }), true],
    [
      'the name of another image',
      platform('amd64', ['x'], annotated('docker.io/library/alpine:3.24')),
      false,
    ],
    ['nothing', platform('amd64', ['x']), false],
    ['from scratch', platform('amd64', ['x'], annotated('')), false],
    [
      'layers that are known',
      platform('amd64', ['o', 'oa'], { labels: { [inputHashLabel]: 'h' } }),
      false,
    ],
  ])('by %s', (_name, only, expected) => {
    expect(isSquashed(image(only), index, name => name)).toBe(expected);
  });
});
