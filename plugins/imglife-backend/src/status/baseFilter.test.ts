import { adoptionFilter, parseBaseFilter } from './baseFilter';

const GROUPS = {
  core: {
    tier: 'bases',
    base: 'alpine',
    product: 'alpine-linux',
    cycle: '3.19',
  },
  newer: {
    tier: 'bases',
    base: 'alpine',
    product: 'alpine-linux',
    cycle: '3.24',
  },
  hub: {
    tier: 'upstream',
    base: 'docker.io/library/alpine',
    product: 'alpine-linux',
    cycle: '3.19',
  },
  java: { tier: 'bases', base: 'java', product: 'alpine-linux', cycle: '3.19' },
  debian: { tier: 'bases', base: 'debian', product: 'debian', cycle: '12' },
  scratch: { tier: 'scratch', base: null, product: null, cycle: null },
} as const;

function filter(text: string) {
  const parsed = parseBaseFilter(
    text,
    name => name,
    name => (name === 'alpine' ? 'alpine-linux' : undefined),
  );
  return adoptionFilter(parsed, text);
}

describe('adoptionFilter', () => {
  it.each([
    ['alpine', ['core', 'newer', 'hub', 'java']],
    ['alpine:3.19', ['core', 'hub', 'java']],
    ['java', ['java']],
    ['java:3.19', ['java']],
    ['debian:13', []],
    ['docker.io/library/alpine', ['hub']],
  ])('%s', (text, expected) => {
    const isAsked = filter(text);
    const found = Object.entries(GROUPS).filter(([, group]) => isAsked(group));
    expect(found.map(([name]) => name)).toEqual(expected);
  });

  it.each([
    'reg.test/bases/alpine:3.19',
    `reg.test/a@sha256:${'0'.repeat(64)}`,
  ])('is for no single tag: %s', text => {
    expect(() => filter(text)).toThrow('adoption is counted by base and cycle');
  });
});
