import {
  chainIds,
  type ImageConfig,
  type PlatformImage,
  type ResolvedImage,
} from '@imglife/oci';
import { baseDigestKey, baseNameKey, imageFactsOf } from './imageFacts';

const now = new Date('2026-06-01T00:00:00.000Z');

function platform(change: {
  created?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  diffIds?: string[];
}): PlatformImage {
  const { created, labels, annotations, diffIds = ['sha256:1'] } = change;
  const config = {
    created,
    config: labels && { Labels: labels },
  } as ImageConfig;
  return {
    digest: 'sha256:child',
    platform: 'linux/arm64',
    diffIds,
    config,
    manifest: { annotations } as PlatformImage['manifest'],
    descriptor: { digest: 'sha256:child', mediaType: '', size: 0 },
  };
}

function image(
  images: PlatformImage[],
  annotations: Record<string, string> = {},
): ResolvedImage {
  return {
    descriptor: { digest: 'sha256:root', mediaType: '', size: 0 },
    images,
    annotations,
  } as ResolvedImage;
}

describe('imageFactsOf', () => {
  it('takes digests, chains, labels and annotations of every platform', () => {
    const diffIds = ['sha256:1', 'sha256:2'];
    const facts = imageFactsOf(
      image([
        platform({ diffIds, labels: { a: '1' }, annotations: { b: '2' } }),
        platform({ diffIds: [] }),
      ]),
      now,
    );
    expect(facts).toEqual({
      digest: 'sha256:root',
      created: undefined,
      platforms: [
        {
          platform: 'linux/arm64',
          digest: 'sha256:child',
          chainIds: chainIds(diffIds),
          labels: { a: '1' },
          annotations: { b: '2' },
        },
        {
          platform: 'linux/arm64',
          digest: 'sha256:child',
          chainIds: [],
          labels: {},
          annotations: {},
        },
      ],
    });
  });

  it.each([
    ['its own', { [baseNameKey]: 'own' }, { [baseNameKey]: 'own' }],
    [
      'never half of each',
      { [baseDigestKey]: 'own' },
      { [baseDigestKey]: 'own' },
    ],
    [
      "the index's, and nothing else of it",
      { own: '1' },
      { own: '1', [baseNameKey]: 'index', [baseDigestKey]: 'index' },
    ],
  ])('a platform has %s', (_, annotations, expected) => {
    const facts = imageFactsOf(
      image(
        [platform({ annotations: annotations as Record<string, string> })],
        {
          [baseNameKey]: 'index',
          [baseDigestKey]: 'index',
          more: 'index',
        },
      ),
      now,
    );
    expect(facts.platforms[0].annotations).toEqual(expected);
  });

  it.each([
    [['2026-05-01T00:00:00Z'], '2026-05-01T00:00:00.000Z'],
    [['2026-05-01T02:00:00+02:00'], '2026-05-01T00:00:00.000Z'],
    [
      ['2026-05-01T00:00:00Z', undefined, '2026-05-02T00:00:00Z'],
      '2026-05-02T00:00:00.000Z',
    ],
    [['2026-06-01T00:00:00Z'], '2026-06-01T00:00:00.000Z'],
    [['2026-06-01T00:00:00.001Z'], undefined],
    [['1970-01-01T00:00:00Z'], undefined],
    [['0001-01-01T00:00:00Z'], undefined],
    [['yesterday'], undefined],
    [[undefined], undefined],
  ])('created at %j: %s', (dates, expected) => {
    const images = dates.map(created => platform({ created }));
    expect(imageFactsOf(image(images), now).created).toBe(expected);
  });
});
