import type { KnownImage } from './baseCandidates';
import type { ImageFacts } from './imageFacts';
import { ownLabels } from './ownLabels';

const SOURCE = 'https://gitlab.test/team/shop';
const BASE_SOURCE = 'https://gitlab.test/platform/base-images';

function image(carried: Record<string, string>): ImageFacts {
  return {
    digest: 'sha256:app',
    platforms: [
      {
        platform: 'linux/amd64',
        digest: '',
        chainIds: [],
        annotations: {},
        labels: carried,
      },
    ],
  };
}

function labels(source: string, revision: string) {
  return {
    'org.opencontainers.image.source': source,
    'org.opencontainers.image.revision': revision,
  };
}

function known(source?: string, revision?: string): KnownImage {
  return {
    tier: 'bases',
    name: 'alpine',
    repository: 'reg.test/bases/alpine',
    tag: '1',
    rootDigest: 'sha256:base',
    digest: 'sha256:base',
    publishedAt: '2026-01-01T00:00:00.000Z',
    source,
    revision,
  };
}

describe('ownLabels', () => {
  it.each<[string, ImageFacts, KnownImage[], object]>([
    [
      'on nothing known',
      image(labels(SOURCE, 'a1')),
      [],
      { source: SOURCE, revision: 'a1' },
    ],
    [
      'on a base with labels',
      image(labels(SOURCE, 'a1')),
      [known(), known(BASE_SOURCE, 'b2')],
      { source: SOURCE, revision: 'a1' },
    ],
    [
      'none of its own',
      image(labels(BASE_SOURCE, 'b2')),
      [known(), known(BASE_SOURCE, 'b2')],
      {},
    ],
    [
      'of a base of a base',
      image(labels(BASE_SOURCE, 'b2')),
      [known('https://gitlab.test/java', 'b2'), known(BASE_SOURCE, 'c3')],
      {},
    ],
    [
      'one of the two',
      image(labels(BASE_SOURCE, 'a1')),
      [known(BASE_SOURCE, 'b2')],
      { revision: 'a1' },
    ],
    ['empty ones', image(labels('', '')), [], {}],
    ['no platform', { digest: 'sha256:x', platforms: [] }, [], {}],
  ])('%s', (_title, facts, below, expected) => {
    expect(ownLabels(facts, below)).toEqual(expected);
  });
});
