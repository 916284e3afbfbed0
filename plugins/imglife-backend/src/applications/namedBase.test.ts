import {
  namedBaseOf,
  parseNamedBase,
  type Canonical,
  type NamedBase,
} from './namedBase';

const digest = `sha256:${'a'.repeat(64)}`;
const other = `sha256:${'b'.repeat(64)}`;
const canonical: Canonical = name =>
  name.registry === 'cache.test' ? { ...name, registry: 'reg.test' } : name;

const NAME = 'org.opencontainers.image.base.name';
const DIGEST = 'org.opencontainers.image.base.digest';

describe('parseNamedBase', () => {
  it.each<[string, string | undefined, NamedBase]>([
    [
      'reg.test/b/alpine:3.21',
      undefined,
      { repository: 'reg.test/b/alpine', tag: '3.21' },
    ],
    ['reg.test/b/alpine', undefined, { repository: 'reg.test/b/alpine' }],
    ['reg.test:80/alpine', undefined, { repository: 'reg.test:80/alpine' }],
    [
      'reg.test/alpine:latest',
      undefined,
      { repository: 'reg.test/alpine', tag: 'latest' },
    ],
    [
      'cache.test/b/alpine:3',
      undefined,
      { repository: 'reg.test/b/alpine', tag: '3' },
    ],
    [
      'alpine:3.21',
      undefined,
      { repository: 'docker.io/library/alpine', tag: '3.21' },
    ],
    ['reg.test/alpine', digest, { repository: 'reg.test/alpine', digest }],
    [
      'reg.test/alpine:3',
      digest,
      { repository: 'reg.test/alpine', tag: '3', digest },
    ],
    [
      `reg.test/a:3@${digest}`,
      other,
      { repository: 'reg.test/a', tag: '3', digest },
    ],
  ])('%s with %s', (name, beside, expected) => {
    expect(parseNamedBase(name, beside, canonical)).toEqual(expected);
  });

  it('knows scratch', () => {
    expect(parseNamedBase('scratch', undefined, canonical)).toBe('scratch');
  });

  it('names the bad part', () => {
    expect(() => parseNamedBase('reg.test/A', undefined, canonical)).toThrow(
      "repository 'A' must be in lower case",
    );
  });
});

describe('namedBaseOf', () => {
  it.each([
    ['nothing', {}, undefined],
    ['buildah FROM scratch', { [NAME]: '', [DIGEST]: '' }, 'scratch'],
    ['an empty name alone', { [NAME]: '' }, 'scratch'],
    ['the word', { [NAME]: 'scratch' }, 'scratch'],
    ['an empty digest alone', { [DIGEST]: '' }, undefined],
    [
      'a digest alone',
      { [DIGEST]: digest },
      { repository: undefined, tag: undefined, digest },
    ],
    [
      'an empty name with a digest',
      { [NAME]: ' ', [DIGEST]: digest },
      { repository: undefined, tag: undefined, digest },
    ],
    [
      'both',
      { [NAME]: ' cache.test/alpine:3 ', [DIGEST]: digest },
      { repository: 'reg.test/alpine', tag: '3', digest },
    ],
    [
      'a name with an empty digest',
      { [NAME]: 'reg.test/alpine:3', [DIGEST]: '' },
      { repository: 'reg.test/alpine', tag: '3', digest: undefined },
    ],
    ['what is no reference', { [NAME]: 'UPPER CASE' }, undefined],
    [
      'a digest that is none',
      { [NAME]: 'reg.test/alpine:3', [DIGEST]: 'sha256:zz' },
      undefined,
    ],
  ])('%s', (_, values, expected) => {
    expect(namedBaseOf(values as Record<string, string>, canonical)).toEqual(
      expected,
    );
  });
});
