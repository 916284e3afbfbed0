import { TestRegistry } from '@imglife/test-registry';
import type { Descriptor } from '../manifests';
import { RegistryClient } from '../RegistryClient';
import { Pusher } from '../testing/Pusher';
import { findDamage } from './findDamage';

describe('findDamage', () => {
  let registry: TestRegistry;
  let client: RegistryClient;
  let push: Pusher;
  let children: Descriptor[];
  /** Some proxies take Content-Length away. */
  let tellsSizes: boolean;

  beforeEach(async () => {
    tellsSizes = true;
    registry = await TestRegistry.start({
      intercept: ({ method, url }, response) => {
        const isSilent =
          !tellsSizes && method === 'HEAD' && url?.includes('/blobs/');
        if (isSilent) {
          response.writeHead(200).end();
        }
        return Boolean(isSilent);
      },
    });
    client = RegistryClient.create({ host: registry.host, insecure: true });
    push = new Pusher(client, 'dst');
    children = [await push.image('amd64'), await push.image('arm64')];
    await push.index(children, '1');
  });

  afterEach(async () => {
    await client.close();
    await registry.stop();
  });

  const find = () => findDamage({ client, repository: 'dst', reference: '1' });

  it('finds none in a sound image', async () => {
    expect(await find()).toEqual([]);
  });

  it('finds a layer that is gone under a right tag', async () => {
    const layer = await push.blob('layer of arm64');
    await registry.storage.unlinkBlob('dst', layer.digest);
    expect(await find()).toEqual([
      { digest: layer.digest, kind: 'blob', problem: 'is missing' },
    ]);
  });

  it('finds a child that is gone, and looks at the others all the same', async () => {
    const layer = await push.blob('layer of arm64');
    await registry.storage.deleteManifest('dst', children[0].digest);
    await registry.storage.unlinkBlob('dst', layer.digest);
    expect(await find()).toEqual([
      { digest: children[0].digest, kind: 'manifest', problem: 'is missing' },
      { digest: layer.digest, kind: 'blob', problem: 'is missing' },
    ]);
  });

  it('finds a layer of another size, and none where sizes are not told', async () => {
    const { digest } = await push.blob('layer of arm64');
    const { storage } = registry;
    const { blobs } = storage as unknown as { blobs: Map<string, Buffer> };
    blobs.set(digest, Buffer.from('short'));
    expect(await find()).toEqual([
      { digest, kind: 'blob', problem: 'has 5 bytes instead of 14' },
    ]);
    tellsSizes = false;
    expect(await find()).toEqual([]);
  });

  it('is no verdict when the registry cannot be asked', async () => {
    registry.fail({
      path: /blobs/,
      times: 100,
      action: { kind: 'status', status: 403 },
    });
    await expect(find()).rejects.toThrow(/403|denied/i);
  });
});
