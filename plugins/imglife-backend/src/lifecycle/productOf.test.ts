import { productOf, repositoriesOfPurl } from './productOf';

const products = [
  { name: 'alpine-linux', aliases: ['alpine'], purls: [] },
  {
    name: 'nodejs',
    aliases: ['node'],
    purls: ['pkg:docker/bitnami/node', 'pkg:docker/library/node'],
  },
  {
    name: 'oracle-linux',
    aliases: [],
    purls: ['pkg:oci/oraclelinux?repository_url=ghcr.io/oracle'],
  },
];

describe('productOf', () => {
  it.each([
    ['docker.io', 'library/alpine', undefined, 'alpine-linux'],
    ['docker.io', 'library/golang', undefined, 'go'],
    ['docker.io', 'bitnami/node', undefined, 'nodejs'],
    ['ghcr.io', 'oracle/oraclelinux', undefined, 'oracle-linux'],
    ['quay.io', 'library/alpine', undefined, undefined],
    ['docker.io', 'someone/alpine', undefined, undefined],
    ['docker.io', 'library/alpine', 'debian', 'debian'],
    ['127.0.0.1:5401', 'library/x', 'alpine', 'alpine-linux'],
    ['127.0.0.1:5401', 'library/x', 'node', 'nodejs'],
  ])('%s/%s with %s is %s', (registry, repository, configured, product) => {
    expect(productOf(products, { registry, repository }, configured)).toBe(
      product,
    );
  });
});

describe('repositoriesOfPurl', () => {
  it.each([
    ['pkg:docker/library/node', ['docker.io/library/node']],
    [
      'pkg:docker/a/b@sha256%3Aabc?repository_url=https://gcr.io/',
      ['gcr.io/a/b'],
    ],
    [
      'pkg:oci/prometheus?repository_url=quay.io/prometheus/prometheus&tag=v3',
      ['quay.io/prometheus/prometheus'],
    ],
    ['pkg:oci/debian', []],
    ['pkg:swid/alpine?tag_id=alpine', []],
    ['nonsense', []],
  ])('%s stands for %j', (purl, repositories) => {
    expect(repositoriesOfPurl(purl)).toEqual(repositories);
  });
});
