import {
  DeletesDisabledError,
  pushReferrer,
  RegistryClient,
  removeTag,
  TagSurvey,
} from '@imglife/oci';
import { describeWithComponents, pushImage } from '@imglife/test-registry';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DebianRegistry } from './DebianRegistry';
import { Skopeo } from './Skopeo';

jest.setTimeout(60_000);

const repository = 'bases/alpine';

describeWithComponents(
  ['docker-registry', 'skopeo'],
  'tags removed from a docker-registry',
  () => {
    let folder: string;
    let registry: DebianRegistry;
    let client: RegistryClient;

    async function start(config: object): Promise<void> {
      folder = await mkdtemp(path.join(os.tmpdir(), 'imglife-real-remove-'));
      registry = await DebianRegistry.start(folder, { config });
      client = RegistryClient.create({ host: registry.host, insecure: true });
    }

    afterEach(async () => {
      await client.close();
      await registry.stop();
      await rm(folder, { recursive: true });
    });

    async function pushSigned(tag: string) {
      const { digest, children } = await pushImage(registry.host, {
        repository,
        tag,
        platforms: ['linux/amd64', 'linux/arm64'],
        layers: platform => [{ 'etc/release': `${tag} ${platform}` }],
      });
      const subject = await client.headManifest(repository, digest);
      await pushReferrer(
        { client, repository, subject: { ...subject!, digest } },
        { artifactType: 'application/test', content: Buffer.from(tag) },
      );
      return { digest, children };
    }

    const remove = (tag: string, digest: string) =>
      removeTag({
        client,
        repository,
        tag,
        digest,
        survey: TagSurvey.create({ client, repository }),
      });
    const tags = async () =>
      (await client.listTags(repository))
        .filter(tag => !tag.startsWith('sha256-'))
        .sort();

    it('leave the tags that share their digest, which skopeo reads', async () => {
      await start({});
      const { digest, children } = await pushSigned('1');
      const other = await pushSigned('2');
      const { bytes, descriptor } = await client.getManifest(repository, '1');
      for (const tag of ['1.0', 'latest']) {
        await client.putManifest(repository, tag, bytes, descriptor.mediaType);
      }
      expect(await remove('1', digest)).toEqual({
        outcome: 'removed',
        shared: true,
        manifests: 0,
      });
      expect(await tags()).toEqual(['1.0', '2', 'latest']);
      const skopeo = Skopeo.create();
      for (const tag of ['1.0', 'latest']) {
        const found = await client.headManifest(repository, tag);
        expect(found?.digest).toBe(digest);
        const image = `${registry.host}/${repository}:${tag}`;
        await skopeo.read(image, path.join(folder, tag));
      }
      expect(await client.listReferrers(repository, digest)).toHaveLength(1);
      await remove('1.0', digest);
      expect(await remove('latest', digest)).toEqual({
        outcome: 'removed',
        shared: false,
        // index, two platforms, signature, and the list that has it
        manifests: 5,
      });
      expect(await client.listTags(repository)).toEqual([
        '2',
        `sha256-${other.digest.slice(7)}`,
      ]);
      for (const gone of [digest, ...children.map(child => child.digest)]) {
        expect(await client.headManifest(repository, gone)).toBeUndefined();
      }
      expect(await client.listReferrers(repository, other.digest)).toHaveLength(
        1,
      );
    });

    it('stay where the registry deletes nothing, and the setting is named', async () => {
      await start({
        storage: {
          inmemory: {},
          delete: { enabled: false },
        },
      });
      const { digest } = await pushSigned('1');
      const shared = await pushSigned('2');
      const { bytes, descriptor } = await client.getManifest(repository, '2');
      await client.putManifest(repository, '3', bytes, descriptor.mediaType);
      for (const [tag, found] of [
        ['1', digest],
        ['2', shared.digest],
      ]) {
        const error = await remove(tag, found).catch(thrown => thrown);
        expect(error).toBeInstanceOf(DeletesDisabledError);
        expect(error.message).toMatch(
          /^127\.0\.0\.1:\d+\/bases\/alpine@sha256:.*REGISTRY_STORAGE_DELETE_ENABLED=true/,
        );
      }
      expect(await tags()).toEqual(['1', '2', '3']);
      expect((await client.headManifest(repository, '2'))?.digest).toBe(
        shared.digest,
      );
    });
  },
);
