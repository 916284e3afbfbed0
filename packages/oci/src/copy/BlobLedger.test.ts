import { TestRegistry } from '@imglife/test-registry';
import { inParallel } from '../inParallel';
import { RegistryClient } from '../RegistryClient';
import { Pusher } from '../testing/Pusher';
import { BlobLedger } from './BlobLedger';
import { BlobPlaces } from './BlobPlaces';
import { copyImage } from './copyImage';

jest.setTimeout(60_000);

const REPOSITORIES = ['a', 'b', 'c', 'd', 'e', 'f'];

describe('BlobLedger', () => {
  const closers: Array<() => Promise<void>> = [];

  afterEach(async () => {
    await Promise.all(closers.splice(0).map(close => close()));
  });

  async function start(options: Parameters<typeof TestRegistry.start>[0] = {}) {
    const registry = await TestRegistry.start(options);
    const client = RegistryClient.create({
      host: registry.host,
      insecure: true,
      concurrency: 12,
    });
    closers.push(
      () => client.close(),
      () => registry.stop(),
    );
    return { registry, client };
  }

  /** Ten tags in each of six repositories, which share most layers. */
  async function pushShared(client: RegistryClient) {
    const blobs = new Set<string>();
    for (const repository of REPOSITORIES) {
      const push = new Pusher(client, repository);
      for (let tag = 0; tag < 10; tag += 1) {
        const layers = await Promise.all(
          ['shared by all', `of ${repository}`, `of tag ${tag}`].map(text =>
            push.blob(text),
          ),
        );
        const config = await push.config(`arch${tag}`, 3);
        await push.manifest({ config, layers }, `${tag}`);
        [config, ...layers].forEach(({ digest }) => blobs.add(digest));
      }
    }
    return blobs;
  }

  it.each([
    ['mounts', true, 1],
    ['refuses to mount', false, REPOSITORIES.length],
  ])(
    'lets each blob cross the wire once where a registry %s',
    async (_name, mounts, most) => {
      const source = await start();
      const target = await start({ capabilities: { mounts } });
      const blobs = await pushShared(source.client);
      const ledger = BlobLedger.create();
      const copies = REPOSITORIES.flatMap(repository =>
        Array.from({ length: 10 }, (_, tag) => ({ repository, tag: `${tag}` })),
      );
      source.registry.clearRequests();

      const results = await inParallel(
        copies,
        20,
        undefined,
        ({ repository, tag }) =>
          copyImage({
            source: { client: source.client, repository, reference: tag },
            target: { client: target.client, repository, tag },
            ledger,
          }),
      );

      const uploads = target.registry.requests.filter(
        ({ method, path }) => method === 'PUT' && path.includes('/blobs/'),
      );
      const bySize = results.reduce((sum, each) => sum + each.bytesMoved, 0);
      expect(bySize).toBeGreaterThan(0);
      const perBlob = new Map<string, number>();
      for (const { query } of uploads) {
        const digest = new URLSearchParams(query).get('digest') ?? '';
        perBlob.set(digest, (perBlob.get(digest) ?? 0) + 1);
      }
      expect([...perBlob.keys()].sort()).toEqual([...blobs].sort());
      expect(Math.max(...perBlob.values())).toBeLessThanOrEqual(most);
      // asked once per repository at most
      const heads = target.registry.requests
        .filter(
          ({ method, path }) => method === 'HEAD' && path.includes('/blobs/'),
        )
        .map(({ path }) => path);
      expect(new Set(heads).size).toBe(heads.length);
      for (const { repository, tag } of copies) {
        const [was, is] = await Promise.all([
          source.client.headManifest(repository, tag),
          target.client.headManifest(repository, tag),
        ]);
        expect(is).toEqual(was);
      }
    },
  );

  it('asks again when the registry has lost what it was known to have', async () => {
    const source = await start();
    const target = await start();
    const push = new Pusher(source.client, 'src');
    const layer = await push.blob('layer');
    const config = await push.config('amd64');
    await push.manifest({ config, layers: [layer] }, '1');
    await push.manifest({ config, layers: [layer, layer] }, '2');
    const ledger = BlobLedger.create();
    const copy = (tag: string) =>
      copyImage({
        source: { client: source.client, repository: 'src', reference: tag },
        target: { client: target.client, repository: 'dst', tag },
        ledger,
      });
    await copy('1');
    await target.registry.storage.unlinkBlob('dst', layer.digest);
    await copy('2');
    expect(await target.client.headBlob('dst', layer.digest)).toEqual({
      size: layer.size,
    });
  });

  it('hands a blob on to the next when its bringer fails', async () => {
    const ledger = BlobLedger.create();
    const place = { host: 'h', repository: 'r' };
    let uploads = 0;
    const bring = () =>
      ledger.bring(place, 'sha256:x', {
        mount: async () => false,
        isThere: async () => false,
        upload: async () => {
          uploads += 1;
          if (uploads === 1) {
            throw new Error('broken');
          }
          return 7;
        },
      });
    const outcomes = await Promise.allSettled([bring(), bring(), bring()]);
    expect(outcomes.map(each => each.status)).toEqual([
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    expect(uploads).toBe(2);
  });

  it('waits for another run no longer than its own goes on', async () => {
    const places = BlobPlaces.create();
    const [one, two] = [1, 2].map(() => BlobLedger.create({ places }));
    const nowhere = { mount: async () => false, isThere: async () => false };
    let finish: (sent: number) => void;
    const first = one.bring({ host: 'h', repository: 'a' }, 'sha256:x', {
      ...nowhere,
      upload: () => new Promise(resolve => (finish = resolve)),
    });
    const stop = new AbortController();
    const second = two.bring({ host: 'h', repository: 'b' }, 'sha256:x', {
      ...nowhere,
      upload: async () => 7,
      signal: stop.signal,
    });
    stop.abort(new Error('cancelled'));
    await expect(second).rejects.toThrow('cancelled');
    const mounted: string[] = [];
    const third = two.bring({ host: 'h', repository: 'b' }, 'sha256:x', {
      ...nowhere,
      mount: async from => Boolean(mounted.push(from)),
      upload: async () => 7,
    });
    finish!(7);
    expect(await Promise.all([first, third])).toEqual([7, 0]);
    expect(mounted).toEqual(['a']);
  });

  it('asks the record once of each digest, and anew when it failed', async () => {
    const asked: string[][] = [];
    const ledger = BlobLedger.create({
      recorded: async (_host, digests) => {
        asked.push(digests);
        if (asked.length === 1) {
          throw new Error('away');
        }
        return new Map(digests.map(digest => [digest, ['r']]));
      },
    });
    await expect(ledger.consult('h', ['x', 'y'])).rejects.toThrow('away');
    await Promise.all([
      ledger.consult('h', ['x', 'y', 'x']),
      ledger.consult('h', ['y', 'z']),
    ]);
    await ledger.consult('h', ['x', 'y', 'z']);
    expect(asked).toEqual([['x', 'y'], ['x', 'y'], ['z']]);
    expect(ledger.hints('h', 'z')).toEqual(['r']);
    expect(ledger.hints('other', 'z')).toEqual([]);
  });
});
