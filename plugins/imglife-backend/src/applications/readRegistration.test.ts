import type { Registration } from '@imglife/backstage-plugin-imglife-common';
import { canonicalRepository } from '../definitions/canonicalRepository';
import { readRegistration } from './readRegistration';

const digest = `sha256:${'a'.repeat(64)}`;
const other = `sha256:${'b'.repeat(64)}`;
const registries = [
  {
    host: 'reg.test',
    aliases: ['cache.test/proxy', 'old.test'],
    insecure: false,
    concurrency: 6,
  },
];
const now = new Date('2026-06-01T00:00:00.000Z');

function read(registration: Partial<Registration>) {
  return readRegistration(
    { image: 'reg.test/apps/shop:1.0', ...registration },
    {
      registries,
      tiers: {
        mirrors: { registry: 'reg.test', repository: 'mirrors' },
        bases: { registry: 'reg.test', repository: 'bases' },
      },
      canonical: name => canonicalRepository(name, registries),
      now,
    },
  );
}

const shop = {
  name: { registry: 'reg.test', repository: 'apps/shop' },
  tag: '1.0',
};

describe('readRegistration', () => {
  it.each<[Partial<Registration>, object]>([
    [{}, shop],
    [{ image: 'old.test/apps/shop:1.0' }, shop],
    [{ image: 'cache.test/proxy/apps/shop:1.0' }, shop],
    [{ image: 'REG.test/apps/shop' }, { ...shop, tag: 'latest' }],
    [
      { image: 'reg.test/basesofall/alpine:3.21' },
      { name: { registry: 'reg.test', repository: 'basesofall/alpine' } },
    ],
    [{ digest }, { ...shop, digest }],
    [{ image: `reg.test/apps/shop:1.0@${digest}` }, { ...shop, digest }],
    [
      { image: `reg.test/apps/shop:1.0@${digest}`, digest },
      { ...shop, digest },
    ],
    [{ base: 'scratch' }, { base: 'scratch' }],
    [
      { base: 'old.test/bases/alpine:3', baseDigest: digest },
      { base: { repository: 'reg.test/bases/alpine', tag: '3', digest } },
    ],
    [
      { base: `reg.test/bases/alpine@${digest}`, baseDigest: digest },
      { base: { repository: 'reg.test/bases/alpine', digest } },
    ],
    [{ baseDigest: digest }, { base: { digest } }],
    [{ entityRef: 'Shop' }, { entityRef: 'component:default/shop' }],
    [{ entityRef: 'System:Team/Shop' }, { entityRef: 'system:team/shop' }],
    [
      { platforms: ['linux/arm64/v8', 'linux/amd64', 'linux/arm64'] },
      { platforms: ['linux/amd64', 'linux/arm64'] },
    ],
    [
      { builtAt: '2026-06-01T02:10:00+02:00' },
      { builtAt: '2026-06-01T00:10:00.000Z' },
    ],
    [
      { builtAt: '1970-01-01T00:00:00Z' },
      { builtAt: '1970-01-01T00:00:00.000Z' },
    ],
    [
      { revision: 'a', project: 'b', fields: { c: 'd' } },
      { revision: 'a', project: 'b', fields: { c: 'd' } },
    ],
  ])('%j', (registration, expected) => {
    expect(read(registration)).toMatchObject(expected);
  });

  it('leaves open what is not given', () => {
    expect(read({})).toEqual(shop);
  });

  it.each<[Partial<Registration>, string]>([
    [
      { image: 'reg.test/Apps' },
      "image: Invalid image reference 'reg.test/Apps'",
    ],
    [{ image: `reg.test/apps/shop@${digest}` }, 'has no tag'],
    [
      { image: `reg.test/apps/shop:1@${digest}`, digest: other },
      `digest: ${other} is not the digest in image, ${digest}`,
    ],
    [
      { image: 'shop:1.0' },
      'image: the host docker.io is not listed under imglife.registries',
    ],
    [
      { image: 'cache.test/apps/shop:1.0' },
      'image: the host cache.test is not listed under imglife.registries',
    ],
    [
      { image: 'old.test/bases/alpine:3.21' },
      'image: old.test/bases/alpine:3.21 is on the path of the bases',
    ],
    [
      { image: 'cache.test/proxy/mirrors/alpine:3.21' },
      'is on the path of the mirrors',
    ],
    [{ base: 'reg.test/x:' }, "base: Invalid image reference 'reg.test/x:'"],
    [
      { base: `reg.test/bases/alpine:3@${digest}`, baseDigest: other },
      `baseDigest: ${other} is not the digest in base, ${digest}`,
    ],
    [
      { base: 'scratch', baseDigest: digest },
      'baseDigest: scratch has no digest',
    ],
    [
      { builtAt: '2026-06-01T00:10:00.001Z' },
      'builtAt: 2026-06-01T00:10:00.001Z is more than 10 minutes ahead',
    ],
    [
      { builtAt: '1969-12-31T23:59:59.999Z' },
      'builtAt: 1969-12-31T23:59:59.999Z is no date since 1970',
    ],
    [{ builtAt: 'soon' }, 'builtAt: soon is no date since 1970'],
    [{ entityRef: 'a:b:c/' }, 'entityRef: "a:b:c/" is no entity reference'],
    [{ platforms: ['linux'] }, 'platforms: '],
  ])('refuses %j', (registration, message) => {
    expect(() => read(registration)).toThrow(
      expect.objectContaining({
        name: 'InputError',
        message: expect.stringContaining(message),
      }),
    );
  });
});
