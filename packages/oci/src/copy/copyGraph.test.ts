import { TestRegistry } from '@imglife/test-registry';
import fc from 'fast-check';
import type { Descriptor } from '../manifests';
import { MediaTypes } from '../mediaTypes';
import { RegistryClient } from '../RegistryClient';
import { Pusher } from '../testing/Pusher';
import { copyImage } from './copyImage';

jest.setTimeout(60_000);

/** What a random graph of content is made of. */
type Node =
  | { kind: 'image'; layers: number[]; sha512: boolean; custom?: string }
  | { kind: 'artifact'; inline: string; type: string }
  | { kind: 'blob'; content: number }
  | { kind: 'index'; children: Node[]; custom?: string };

const custom = fc.option(fc.string({ maxLength: 8 }), { nil: undefined });
const { graph } = fc.letrec<{ graph: Node; node: Node }>(tie => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({
      kind: fc.constant('image' as const),
      layers: fc.array(fc.nat(5), { maxLength: 4 }),
      sha512: fc.boolean(),
      custom,
    }),
    fc.record({
      kind: fc.constant('artifact' as const),
      inline: fc.string({ maxLength: 20 }),
      type: fc.constantFrom('application/x.a', 'application/x.b'),
    }),
    fc.record({ kind: fc.constant('blob' as const), content: fc.nat(5) }),
    tie('graph'),
  ),
  graph: fc.record({
    kind: fc.constant('index' as const),
    children: fc.array(tie('node'), { maxLength: 4 }),
    custom,
  }) as fc.Arbitrary<Node>,
}));

async function pushNode(push: Pusher, node: Node): Promise<Descriptor> {
  switch (node.kind) {
    case 'image': {
      const algorithm = node.sha512 ? 'sha512' : 'sha256';
      const layers = await Promise.all(
        node.layers.map(each =>
          push.blob(`layer ${each}`, MediaTypes.ociLayerGzip, algorithm),
        ),
      );
      const config = await push.config('amd64', layers.length);
      return push.manifest(
        { config, layers, 'x-custom': node.custom, annotations: { c: '1' } },
        undefined,
        MediaTypes.ociManifest,
        algorithm,
      );
    }
    case 'artifact': {
      const empty = await push.blob('{}', MediaTypes.ociEmpty);
      const layer = await push.blob(node.inline, 'application/x.text');
      return push.manifest({
        artifactType: node.type,
        config: { ...empty, data: Buffer.from('{}').toString('base64') },
        layers: [
          { ...layer, data: Buffer.from(node.inline).toString('base64') },
        ],
      });
    }
    case 'blob':
      return push.blob(`entry ${node.content}`, 'application/x.unknown');
    default: {
      const children: Descriptor[] = [];
      for (const child of node.children) {
        children.push(await pushNode(push, child));
      }
      return push.index(children, undefined, { 'x-custom': node.custom });
    }
  }
}

/** Everything that can be reached from a manifest, with its bytes. */
async function contentOf(
  client: RegistryClient,
  repository: string,
  digest: string,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const walk = async (reference: string) => {
    const { bytes, manifest } = await client.getManifest(repository, reference);
    found.set(reference, bytes.toString('base64'));
    const entries =
      'manifests' in manifest
        ? manifest.manifests
        : [manifest.config, ...manifest.layers];
    for (const entry of entries) {
      if (/(manifest|index)\.v1\+json$/.test(entry.mediaType)) {
        await walk(entry.digest);
      } else {
        const blob = await client.readBlob(repository, entry);
        found.set(entry.digest, blob.toString('base64'));
      }
    }
  };
  await walk(digest);
  return found;
}

describe('copyImage of random graphs', () => {
  let source: TestRegistry;
  let target: TestRegistry;
  let from: RegistryClient;
  let to: RegistryClient;
  let round = 0;

  beforeAll(async () => {
    [source, target] = await Promise.all([
      // an index may name blobs, which a strict registry does not take
      TestRegistry.start({ capabilities: { checkChildren: false } }),
      TestRegistry.start({ capabilities: { checkChildren: false } }),
    ]);
    [from, to] = [source, target].map(({ host }) =>
      RegistryClient.create({ host, insecure: true }),
    );
  });

  afterAll(async () => {
    await Promise.all([from.close(), to.close()]);
    await Promise.all([source.stop(), target.stop()]);
  });

  it('gives the same graph, byte for byte', async () => {
    await fc.assert(
      fc.asyncProperty(graph, async node => {
        round += 1;
        const repository = `random/${round}`;
        const root = await pushNode(new Pusher(from, repository), node);
        const result = await copyImage({
          source: { client: from, repository, reference: root.digest },
          target: { client: to, repository, tag: '1' },
          referrers: true,
        });
        expect(result.digest).toBe(root.digest);
        expect((await to.headManifest(repository, '1'))?.digest).toBe(
          root.digest,
        );
        expect(await contentOf(to, repository, root.digest)).toEqual(
          await contentOf(from, repository, root.digest),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('ends the same when it was broken off at any byte and done again', async () => {
    const brokenAfter = new Set<boolean>();
    await fc.assert(
      fc.asyncProperty(graph, fc.nat(1000), async (node, share) => {
        round += 1;
        const repository = `broken/${round}`;
        const root = await pushNode(new Pusher(from, repository), node);
        const content = await contentOf(from, repository, root.digest);
        const total = [...content.values()].reduce(
          (sum, base64) => sum + Buffer.from(base64, 'base64').length,
          0,
        );
        const ends = {
          source: { client: from, repository, reference: root.digest },
          target: { client: to, repository, tag: '1' },
          referrers: true,
        };
        const abort = new AbortController();
        let bytes = 0;
        const first = await copyImage({
          ...ends,
          signal: abort.signal,
          onBytes(count) {
            bytes += count;
            if (bytes * 1000 >= total * share) {
              abort.abort();
            }
          },
        }).then(
          () => true,
          () => false,
        );
        brokenAfter.add(first);
        const published = await to.headManifest(repository, '1');
        // a tag that is there stands on all it needs
        const found = published
          ? await contentOf(to, repository, published.digest)
          : undefined;
        expect(found).toEqual(published && content);
        expect(first && !published).toBe(false);
        await copyImage(ends);
        expect(await contentOf(to, repository, root.digest)).toEqual(content);
        expect((await to.headManifest(repository, '1'))?.digest).toBe(
          root.digest,
        );
      }),
      { numRuns: 60 },
    );
    // some were broken off, and some got through before
    expect(brokenAfter.size).toBe(2);
  });
});
