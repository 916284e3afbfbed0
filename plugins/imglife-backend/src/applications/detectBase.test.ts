import type { KnownImage } from './baseCandidates';
import { detectBase, type BaseDetectionInput } from './detectBase';
import {
  baseDigestKey,
  baseNameKey,
  inputHashLabel,
  type ImageFacts,
  type PlatformFacts,
} from './imageFacts';

const BASES = 'reg.test/bases/alpine';
const MIRRORS = 'reg.test/mirrors/alpine';
const UPSTREAM = 'docker.io/library/alpine';
const SOON = '2026-03-01T00:00:00.000Z';

/** A mirror of one layer, and the base of two that is built on it. */
function mirrored(change: Partial<KnownImage> = {}): KnownImage {
  return {
    tier: 'mirrors',
    name: 'alpine',
    repository: MIRRORS,
    tag: '3.21.3',
    rootDigest: 'sha256:mirror',
    digest: 'sha256:mirror-amd64',
    chainId: 'm',
    publishedAt: '2026-01-01T00:00:00.000Z',
    upstream: { repository: UPSTREAM, tag: '3.21.3' },
    ...change,
  };
}

function based(change: Partial<KnownImage> = {}): KnownImage {
  return {
    tier: 'bases',
    name: 'alpine',
    repository: BASES,
    tag: '3.21.3-core1.0.0',
    rootDigest: 'sha256:base',
    digest: 'sha256:base-amd64',
    chainId: 'mb',
    inputHash: 'hash-1',
    publishedAt: '2026-02-01T00:00:00.000Z',
    ...change,
  };
}

/** Another base of the very same layers. */
const twin = based({
  tag: '3.21.3-core1.0.1',
  rootDigest: 'sha256:twin',
  digest: 'sha256:twin-amd64',
  inputHash: 'hash-2',
});

const index = [mirrored(), based()];

function platform(
  chainIds: string[],
  change: Partial<PlatformFacts> = {},
): PlatformFacts {
  return {
    platform: 'linux/amd64',
    digest: 'sha256:app',
    chainIds,
    annotations: {},
    labels: {},
    ...change,
  };
}

function image(...platforms: PlatformFacts[]): ImageFacts {
  return { digest: 'sha256:app', platforms };
}

const onBase = image(platform(['m', 'mb', 'mba']));
const onMirror = image(platform(['m', 'ma']));
const onNothingKnown = image(platform(['x', 'xa']));

function detect(input: Partial<BaseDetectionInput>) {
  const { base, detection } = detectBase({
    image: onBase,
    builtAt: SOON,
    known: index,
    canonical: name => name,
    tierOf: path => (path.startsWith('reg.test/bases/') ? 'bases' : 'other'),
    ...input,
  });
  const { method, confidence, mismatch, candidates } = detection;
  return {
    base: base.kind === 'base' ? base.reference : base.kind,
    found: base.kind === 'base' ? base : undefined,
    method,
    confidence,
    mismatch,
    candidates,
  };
}

const certain = {
  confidence: 'confirmed',
  mismatch: false,
  candidates: [] as string[],
};
const theBase = `${BASES}:3.21.3-core1.0.0`;
const theTwin = `${BASES}:3.21.3-core1.0.1`;
const theMirror = `${MIRRORS}:3.21.3`;

describe('detectBase by layers', () => {
  it.each<[string, Partial<BaseDetectionInput>, object]>([
    ['on a base', {}, { base: theBase, method: 'chain' }],
    [
      'LABEL-only: equality counts',
      { image: image(platform(['m', 'mb'])) },
      { base: theBase, method: 'chain' },
    ],
    [
      'straight on a mirror',
      { image: onMirror },
      { base: theMirror, method: 'chain' },
    ],
    [
      'every platform on the same base',
      {
        image: image(
          platform(['m', 'mb', 'mba']),
          platform(['n', 'nb', 'nba']),
        ),
        known: [
          ...index,
          based({ digest: 'sha256:base-arm64', chainId: 'nb' }),
        ],
      },
      { base: theBase, method: 'chain' },
    ],
    [
      'the newest published before it was built',
      {
        known: [
          based({ publishedAt: '2026-01-01T00:00:00.000Z' }),
          twin,
          based({ tag: 'later', publishedAt: '2026-04-01T00:00:00.000Z' }),
        ],
      },
      { base: theTwin, method: 'chain' },
    ],
    [
      'several tags of one image, all reported',
      {
        image: onMirror,
        known: ['latest', '3.21', '3.21.3', '3'].map((tag, at) =>
          mirrored({ tag, publishedAt: `2026-01-01T00:00:00.00${at}Z` }),
        ),
      },
      {
        base: theMirror,
        method: 'chain',
        candidates: ['3.21.3', '3.21', '3', 'latest'].map(
          tag => `${MIRRORS}:${tag}`,
        ),
      },
    ],
    [
      'a base before a mirror',
      { known: [based(), mirrored({ chainId: 'mb', publishedAt: SOON })] },
      { base: theBase, method: 'chain' },
    ],
    [
      'an inherited input hash',
      {
        image: image(
          platform(['m', 'mb'], { labels: { [inputHashLabel]: 'hash-1' } }),
        ),
        known: [based(), twin],
      },
      { base: theBase, method: 'label' },
    ],
    [
      'an input hash that decides nothing',
      {
        image: image(
          platform(['m', 'mb'], { labels: { [inputHashLabel]: 'hash-1' } }),
        ),
      },
      { base: theBase, method: 'chain' },
    ],
    [
      'what every platform can be on',
      {
        image: image(platform(['m', 'mb']), platform(['n', 'nb'])),
        known: [based(), twin, { ...twin, digest: 'sha256:t', chainId: 'nb' }],
      },
      { base: theTwin, method: 'chain' },
    ],
    [
      'an annotation before the input hash',
      {
        image: image(
          platform(['m', 'mb'], {
            annotations: { [baseNameKey]: theTwin },
            labels: { [inputHashLabel]: 'hash-1' },
          }),
        ),
        known: [based(), twin],
      },
      { base: theTwin, method: 'annotation' },
    ],
    [
      "an annotated digest of the base's child",
      {
        image: image(
          platform(['m', 'mb'], {
            annotations: { [baseDigestKey]: 'sha256:twin-amd64' },
          }),
        ),
        known: [based(), twin],
      },
      { base: theTwin, method: 'annotation' },
    ],
    [
      'a name in the labels, among equals',
      {
        image: image(
          platform(['m', 'mb'], { labels: { [baseNameKey]: theBase } }),
        ),
        known: [based(), twin],
      },
      { base: theBase, method: 'label' },
    ],
    [
      'labels inherited from the base never name what is below it',
      {
        image: image(
          platform(['m', 'mb', 'mba'], {
            labels: { [baseNameKey]: theMirror },
          }),
        ),
      },
      { base: theBase, method: 'chain' },
    ],
    [
      'an annotation of another base than the layers begin with',
      {
        image: image(
          platform(['m', 'mb'], { annotations: { [baseNameKey]: theMirror } }),
        ),
      },
      { base: theBase, method: 'chain' },
    ],
    [
      'pulled from upstream, as annotated',
      {
        image: image(
          platform(['m'], {
            annotations: { [baseNameKey]: `${UPSTREAM}:3.21.3` },
          }),
        ),
      },
      { base: `${UPSTREAM}:3.21.3`, method: 'annotation' },
    ],
  ])('%s', (_, input, expected) => {
    expect(detect(input)).toMatchObject({ ...certain, ...expected });
  });

  it('gives the digest of the whole image, its name, version and tier', () => {
    expect(detect({}).found).toEqual({
      kind: 'base',
      reference: theBase,
      digest: 'sha256:base',
      tier: 'bases',
      name: 'alpine',
      version: '3.21.3-core1.0.0',
    });
    expect(detect({ image: onMirror }).found?.tier).toBe('mirrors');
    const upstream = { repository: UPSTREAM, tag: '3.21.3' };
    expect(detect({ image: onMirror, declared: upstream }).found).toEqual({
      kind: 'base',
      reference: `${UPSTREAM}:3.21.3`,
      digest: 'sha256:mirror',
      tier: 'other',
      version: '3.21.3',
    });
  });

  it.each<[string, Partial<BaseDetectionInput>, object]>([
    [
      'twins without a date',
      { known: [based(), twin], builtAt: undefined },
      { base: theTwin, candidates: [theTwin, theBase] },
    ],
    [
      'twins published at once',
      { known: [twin, based()] },
      { base: theTwin, candidates: [theTwin, theBase] },
    ],
    [
      'platforms on different bases',
      {
        image: image(platform(['m', 'mb']), platform(['n', 'nt'])),
        known: [based(), { ...twin, chainId: 'nt' }],
      },
      { base: theBase, candidates: [theTwin, theBase] },
    ],
    [
      'a platform on nothing known',
      { image: image(platform(['x']), platform(['m', 'mb'])) },
      { base: theBase, candidates: [theBase] },
    ],
  ])('leaves open: %s', (_, input, expected) => {
    expect(detect(input)).toMatchObject({
      method: 'chain',
      confidence: 'low',
      mismatch: false,
      ...expected,
    });
  });
});

describe('detectBase of what was declared', () => {
  const base = { repository: BASES, tag: '3.21.3-core1.0.0' };
  it.each<[string, Partial<BaseDetectionInput>, string]>([
    ['its name', { declared: base }, theBase],
    ['its name without a tag', { declared: { repository: BASES } }, theBase],
    [
      'name and index digest',
      { declared: { ...base, digest: 'sha256:base' } },
      theBase,
    ],
    [
      "name and a child's digest",
      { declared: { ...base, digest: 'sha256:base-amd64' } },
      theBase,
    ],
    ['digest alone', { declared: { digest: 'sha256:base-amd64' } }, theBase],
    [
      'one of twins, whatever the annotation',
      {
        declared: base,
        known: [based(), twin],
        image: image(
          platform(['m', 'mb'], { annotations: { [baseNameKey]: theTwin } }),
        ),
      },
      theBase,
    ],
    [
      'the mirror it is built on',
      { declared: { repository: MIRRORS, tag: '3.21.3' }, image: onMirror },
      theMirror,
    ],
    [
      'the upstream of that mirror',
      { declared: { repository: UPSTREAM, tag: '3.21.3' }, image: onMirror },
      `${UPSTREAM}:3.21.3`,
    ],
    [
      'scratch, an image without layers',
      { declared: 'scratch', image: image(platform([])) },
      'none',
    ],
  ])('confirms %s', (_, input, reference) => {
    expect(detect(input)).toMatchObject({
      ...certain,
      base: reference,
      method: 'declared',
    });
  });

  it.each<[string, Partial<BaseDetectionInput>, string, string[]]>([
    [
      'another base than the layers begin with',
      { declared: { repository: 'reg.test/bases/debian', tag: '12-core1' } },
      'reg.test/bases/debian:12-core1',
      [theBase],
    ],
    [
      'another tag',
      { declared: { repository: BASES, tag: '3.22.0-core1.0.0' } },
      `${BASES}:3.22.0-core1.0.0`,
      [theBase],
    ],
    [
      'another digest',
      { declared: { ...base, digest: 'sha256:moved' } },
      theBase,
      [theBase],
    ],
    [
      'what the base is built on: a shorter prefix confirms nothing',
      { declared: { repository: MIRRORS, tag: '3.21.3' } },
      theMirror,
      [theBase],
    ],
    [
      'a base, and the layers are those of its mirror',
      { declared: base, image: onMirror },
      theBase,
      [theMirror],
    ],
    ['scratch', { declared: 'scratch' }, 'none', [theBase]],
    [
      'the base of one platform only',
      {
        declared: base,
        image: image(platform(['m', 'mb']), platform(['n', 'nt'])),
        known: [based(), { ...twin, chainId: 'nt' }],
      },
      theBase,
      [theTwin, theBase],
    ],
  ])('flags a mismatch: %s', (_, input, reference, candidates) => {
    expect(detect(input)).toMatchObject({
      base: reference,
      method: 'declared',
      confidence: 'low',
      mismatch: true,
      candidates,
    });
  });

  it("takes a name for the image's own before its upstream's", () => {
    const copy = mirrored({
      repository: 'reg.test/mirrors/copy',
      upstream: { repository: MIRRORS, tag: '3.21.3' },
      publishedAt: '2026-02-01T00:00:00.000Z',
    });
    const { found } = detect({
      declared: { repository: MIRRORS, tag: '3.21.3' },
      image: onMirror,
      known: [mirrored(), copy],
    });
    expect(found).toMatchObject({ reference: theMirror, tier: 'mirrors' });
  });

  it('is no mismatch that a platform stands on nothing known', () => {
    expect(
      detect({
        declared: base,
        image: image(platform(['x']), platform(['m', 'mb'])),
      }),
    ).toMatchObject({
      base: theBase,
      confidence: 'low',
      mismatch: false,
      candidates: [theBase],
    });
  });

  it('leaves the tag open that no digest tells', () => {
    expect(
      detect({ declared: { repository: BASES }, known: [based(), twin] }),
    ).toMatchObject({
      method: 'declared',
      confidence: 'low',
      mismatch: false,
      candidates: [theTwin, theBase],
    });
  });

  it.each<[string, Partial<BaseDetectionInput>, object]>([
    [
      'known by its name',
      { declared: base },
      { reference: theBase, tier: 'bases', name: 'alpine', digest: undefined },
    ],
    [
      'a mirror known by its name',
      { declared: { repository: MIRRORS, tag: '3.21.3' } },
      { reference: theMirror, tier: 'mirrors', name: 'alpine' },
    ],
    [
      "known by a child's digest",
      { declared: { ...base, digest: 'sha256:base-amd64' } },
      { reference: theBase, tier: 'bases', digest: 'sha256:base' },
    ],
    [
      'known by its digest alone',
      { declared: { digest: 'sha256:base-amd64' } },
      { reference: theBase, tier: 'bases', digest: 'sha256:base' },
    ],
    [
      'a digest its tag never had',
      { declared: { ...base, digest: 'sha256:moved' } },
      { reference: theBase, tier: 'bases', digest: 'sha256:moved' },
    ],
    [
      'no record, below the tier of bases',
      { declared: { repository: 'reg.test/bases/gone', tag: '1' } },
      { reference: 'reg.test/bases/gone:1', tier: 'bases', version: '1' },
    ],
    [
      'no record, elsewhere',
      { declared: { repository: 'quay.io/other', digest: 'sha256:1' } },
      { reference: 'quay.io/other', tier: 'other', digest: 'sha256:1' },
    ],
  ])('keeps unconfirmed what cannot be checked: %s', (_, input, expected) => {
    for (const unread of [undefined, onNothingKnown]) {
      const result = detect({ ...input, image: unread });
      expect(result).toMatchObject({
        method: 'declared',
        confidence: 'unconfirmed',
        mismatch: false,
        candidates: [],
      });
      expect(result.found).toMatchObject(expected);
    }
  });

  it.each([
    ['scratch, with layers', 'scratch' as const, 'none'],
    ['a digest nobody knows', { digest: 'sha256:who' }, 'unknown'],
  ])('cannot confirm %s', (_, declared, expected) => {
    expect(detect({ declared, image: onNothingKnown })).toMatchObject({
      base: expected,
      method: 'declared',
      confidence: 'unconfirmed',
    });
  });
});

describe('detectBase without known layers', () => {
  const annotated = (...values: Array<Record<string, string>>) =>
    image(...values.map(annotations => platform(['x'], { annotations })));
  it.each<[string, ImageFacts | undefined, object]>([
    [
      'buildah FROM scratch',
      annotated({ [baseNameKey]: '', [baseDigestKey]: '' }),
      { base: 'none', method: 'annotation', confidence: 'confirmed' },
    ],
    [
      'no layer at all',
      image(platform([])),
      { base: 'none', method: 'none', confidence: 'confirmed' },
    ],
    [
      'one platform from scratch, nothing said of the other',
      annotated({ [baseNameKey]: '' }, {}),
      { base: 'unknown', method: 'none', confidence: 'none' },
    ],
    [
      'nothing said',
      onNothingKnown,
      { base: 'unknown', method: 'none', confidence: 'none' },
    ],
    [
      'nothing read',
      undefined,
      { base: 'unknown', method: 'none', confidence: 'none' },
    ],
    [
      'labels confirm nothing',
      image(
        platform(['x'], {
          labels: { [baseNameKey]: theBase, [inputHashLabel]: 'hash-1' },
        }),
      ),
      { base: 'unknown', method: 'none', confidence: 'none' },
    ],
    [
      'a squashed image that is annotated',
      annotated({ [baseNameKey]: theBase }),
      { base: theBase, method: 'annotation', confidence: 'unconfirmed' },
    ],
    [
      'a digest that is known',
      annotated({ [baseDigestKey]: 'sha256:base-amd64' }),
      { base: theBase, method: 'annotation', confidence: 'unconfirmed' },
    ],
    [
      'an upstream image',
      annotated({ [baseNameKey]: 'docker.io/library/busybox:1.36' }),
      {
        base: 'docker.io/library/busybox:1.36',
        method: 'annotation',
        confidence: 'unconfirmed',
      },
    ],
    [
      'platforms that name different bases',
      annotated({ [baseNameKey]: theBase }, { [baseNameKey]: theMirror }),
      {
        base: theBase,
        method: 'annotation',
        confidence: 'low',
        candidates: [theBase, theMirror],
      },
    ],
  ])('%s', (_, read, expected) => {
    expect(detect({ image: read })).toMatchObject({
      mismatch: false,
      candidates: [],
      ...expected,
    });
  });
});
