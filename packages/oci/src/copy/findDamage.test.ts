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

  beforeEach(async () => {
    registry = await TestRegistry.start();
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

  it('is no verdict when the registry cannot be asked', async () => {
    registry.fail({
      path: /blobs/,
      times: 100,
      action: { kind: 'status', status: 403 },
    });
    await expect(find()).rejects.toThrow(/403|denied/i);
  });
});
