import { gunzipSync } from 'node:zlib';
import { digestOf } from './digest';
import { makeImage } from './makeImage';
import { makeLayer, makeTar } from './makeLayer';
import { pushImage } from './pushImage';
import { RegistryHarness } from './RegistryHarness';
import { RegistryHttp } from './RegistryHttp';

const harness = RegistryHarness.create();
const { start } = harness;

afterEach(() => harness.stop());

describe('made images', () => {
  it('have the same digests every time', () => {
    const made = makeImage({
      platforms: ['linux/amd64', 'linux/arm/v7'],
      layers: [{ '/etc/motd': 'hello', 'usr/bin/app': 'x'.repeat(70_000) }],
      env: { PATH: '/usr/bin' },
      labels: { maintainer: 'demo' },
    });
    expect(made.digest).toBe(
      'sha256:f85aefa3af09671c85996733d5878f6e492805beaad2cdf752399c034f9597ab',
    );
  });

  it('have layers that are gzip of tar', () => {
    const files = { 'usr/bin/app': 'x'.repeat(200_000), 'etc/motd': 'hello' };
    const { bytes, digest, diffId } = makeLayer(files);
    const tar = gunzipSync(bytes);
    expect(tar).toEqual(makeTar(files));
    expect([digestOf(bytes), digestOf(tar)]).toEqual([digest, diffId]);
    const names = [];
    for (let at = 0; tar[at] !== 0; ) {
      const text = (from: number, length: number) =>
        tar
          .toString('latin1', at + from, at + from + length)
          .replace(/\0.*$/s, '');
      const size = parseInt(text(124, 12), 8);
      names.push(`${text(0, 100)} ${text(156, 1)} ${text(257, 5)} ${size}`);
      at += 512 + Math.ceil(size / 512) * 512;
    }
    expect(names).toEqual([
      'etc/ 5 ustar 0',
      'usr/ 5 ustar 0',
      'usr/bin/ 5 ustar 0',
      'etc/motd 0 ustar 5',
      'usr/bin/app 0 ustar 200000',
    ]);
    expect(() => makeLayer({ ['x'.repeat(101)]: '' })).toThrow('100 bytes');
  });

  it('are built on others of the registry', async () => {
    await start();
    const base = await pushImage(harness.registry.host, {
      repository: 'bases/alpine',
      tag: '3.21',
      platforms: ['linux/amd64', 'linux/arm64'],
      env: { PATH: '/bin', LANG: 'C' },
      labels: { a: 'base', b: 'base' },
    });
    const app = await pushImage(harness.registry.host, {
      repository: 'apps/shop',
      tag: '1.0',
      platforms: ['linux/arm64'],
      from: { repository: 'bases/alpine', reference: base.digest },
      layers: [{ app: 'shop' }],
      env: { PATH: '/app' },
      labels: { b: 'app' },
    });
    expect(app.children[0].diffIds).toEqual([
      ...base.children[1].diffIds,
      expect.stringMatching(/^sha256:/),
    ]);
    const [{ config }] = await RegistryHttp.create(
      harness.registry.url,
    ).readBase('apps/shop', '1.0');
    expect(config.config).toEqual({
      Env: ['LANG=C', 'PATH=/app'],
      Labels: { a: 'base', b: 'app' },
    });
  });

  it('say what is wrong', async () => {
    await start();
    const options = { repository: 'a', tag: '1', platforms: ['linux/s390x'] };
    await expect(
      pushImage(harness.registry.host, { ...options, platforms: [] }),
    ).rejects.toThrow('at least one platform');
    await expect(
      pushImage(harness.registry.host, {
        ...options,
        from: { repository: 'none', reference: '1' },
      }),
    ).rejects.toThrow('GET /v2/none/manifests/1: 404');
  });
});
