import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import {
  digestOf,
  MediaTypes,
  RegistryClient,
  type Descriptor,
} from '@imglife/oci';
import { TestRegistry } from '@imglife/test-registry';
import { pack, type Header } from 'tar-stream';
import type { ImagePackages } from './packages/InstalledPackage';
import { readImageContents } from './readImageContents';

const repository = 'bases/alpine';
const { signal } = new AbortController();

type Entry = Partial<Header> & { name: string } & { content?: string };

const ALPINE: Entry[] = [
  { name: 'lib/apk/db/', type: 'directory' },
  {
    name: 'lib/apk/db/installed',
    content: 'P:musl\nV:1.2.5-r9\nA:x86_64\nL:MIT\n\nP:zlib\nV:1.3-r2\n',
  },
  { name: 'etc/os-release', content: 'ID=alpine\nVERSION_ID=3.21.3\n' },
];
const BUSYBOX = 'P:busybox\nV:1.37.0-r12\n';
const DEB = (name: string) =>
  `Package: ${name}\nStatus: install ok installed\nVersion: 1\n\n`;

/** Layers, bottom first, and what is said of them. */
const PACKAGES: Array<
  [string, Entry[][], { packages: string[]; unread?: string[]; id?: string }]
> = [
  ['no layer', [], { packages: [] }],
  ['Alpine', [ALPINE], { packages: ['musl', 'zlib'], id: 'alpine' }],
  [
    'a database that a later layer writes again',
    [
      ALPINE,
      [{ name: './lib/apk/db/installed', content: BUSYBOX }],
      [{ name: 'srv/other', content: 'x' }],
    ],
    { packages: ['busybox'], id: 'alpine' },
  ],
  [
    'a database that is removed',
    [ALPINE, [{ name: 'lib/apk/db/.wh.installed' }]],
    { packages: [], id: 'alpine' },
  ],
  [
    'a folder above it that is removed',
    [ALPINE, [{ name: 'lib/.wh.apk' }]],
    { packages: [], id: 'alpine' },
  ],
  [
    'a folder above it that is opaque, and what its layer puts there',
    [
      [...ALPINE, { name: 'var/lib/dpkg/status', content: DEB('a') }],
      [
        { name: 'lib/apk/db/installed', content: BUSYBOX },
        { name: 'lib/.wh..wh..opq' },
        { name: 'var/.wh..wh..opq' },
      ],
    ],
    { packages: ['busybox'], id: 'alpine' },
  ],
  [
    'a folder above it that becomes a file',
    [ALPINE, [{ name: 'lib', content: 'x' }]],
    { packages: [], id: 'alpine' },
  ],
  [
    'a merged /usr, with a relative and an absolute link',
    [
      [
        { name: 'lib', type: 'symlink', linkname: 'usr/lib' },
        { name: 'usr/lib/apk/db/installed', content: BUSYBOX },
        { name: 'usr/lib/os-release', content: 'ID=alpine' },
        {
          name: 'etc/os-release',
          type: 'symlink',
          linkname: '/usr/lib/os-release',
        },
      ],
    ],
    { packages: ['busybox'], id: 'alpine' },
  ],
  [
    'Debian, its os-release behind a link',
    [
      [
        { name: 'var/lib/dpkg/status', content: DEB('dpkg') + DEB('bash') },
        { name: 'usr/lib/os-release', content: 'ID=debian' },
        {
          name: 'etc/os-release',
          type: 'symlink',
          linkname: '../usr/lib/os-release',
        },
      ],
    ],
    { packages: ['bash', 'dpkg'], id: 'debian' },
  ],
  [
    'distroless, one file for each package, one of them removed',
    [
      [
        { name: 'var/lib/dpkg/status.d/base', content: DEB('base-files') },
        { name: 'var/lib/dpkg/status.d/base.md5sums', content: DEB('no') },
        { name: 'var/lib/dpkg/status.d/tzdata', content: DEB('tzdata') },
        { name: 'var/lib/dpkg/status.d/gone', content: DEB('gone') },
      ],
      [
        { name: 'var/lib/dpkg/status.d/libc6', content: DEB('libc6') },
        { name: 'var/lib/dpkg/status.d/.wh.gone' },
      ],
    ],
    { packages: ['base-files', 'libc6', 'tzdata'] },
  ],
  [
    'the same package in two databases',
    [
      [
        { name: 'lib/apk/db/installed', content: BUSYBOX },
        { name: 'usr/lib/apk/db/installed', content: BUSYBOX },
      ],
    ],
    { packages: ['busybox'] },
  ],
  [
    'databases that are not read',
    [
      [
        { name: 'var/lib/rpm/rpmdb.sqlite', content: 'x' },
        { name: 'var/lib/chisel/manifest.wall', content: 'x' },
      ],
    ],
    {
      packages: [],
      unread: ['the database of chisel', 'the database of rpm'],
    },
  ],
  [
    'an rpm that is removed',
    [[{ name: 'var/lib/rpm/Packages' }], [{ name: 'var/lib/.wh.rpm' }]],
    { packages: [] },
  ],
  [
    'a database that is elsewhere',
    [
      [
        { name: 'opt/db/status', content: DEB('dpkg') },
        { name: 'var/lib/dpkg', type: 'symlink', linkname: '/opt/db' },
        { name: 'opt/apk', content: BUSYBOX },
        { name: 'lib/apk/db/installed', type: 'link', linkname: 'opt/apk' },
      ],
    ],
    {
      packages: [],
      unread: [
        '/lib/apk/db/installed, which is another name of /opt/apk',
        '/var/lib/dpkg/status, which is a link to /opt/db/status',
      ],
    },
  ],
  [
    'links in a circle',
    [
      [
        { name: 'etc/os-release', type: 'symlink', linkname: 'os-release' },
        { name: 'lib', type: 'symlink', linkname: 'lib' },
      ],
    ],
    { packages: [] },
  ],
];

describe('readImageContents', () => {
  let registry: TestRegistry;
  let client: RegistryClient;

  beforeEach(async () => {
    registry = await TestRegistry.start();
    client = RegistryClient.create({ host: registry.host, insecure: true });
  });

  afterEach(async () => {
    await client.close();
    await registry.stop();
  });

  async function layer(
    entries: Entry[],
    compression: 'gzip' | 'zstd' | 'none' = 'gzip',
  ) {
    const archive = pack();
    entries.forEach(({ content = '', ...header }) =>
      archive.entry(header, content),
    );
    archive.finalize();
    const tar = await buffer(archive);
    const [mediaType, bytes] = {
      gzip: [MediaTypes.ociLayerGzip, gzipSync(tar)] as const,
      zstd: [MediaTypes.ociLayerZstd, zstdCompressSync(tar)] as const,
      none: [MediaTypes.ociLayer, tar] as const,
    }[compression];
    const descriptor = {
      mediaType,
      digest: digestOf(bytes),
      size: bytes.length,
    };
    await client.putBlob(repository, descriptor, () => bytes);
    return descriptor;
  }

  function read(
    layers: Descriptor[],
    options: { below?: number; maxFiles?: number; maxBytes?: number } = {},
  ) {
    const source = { client, repository };
    return readImageContents(source, layers, { below: 0, signal, ...options });
  }

  function namesOf({ packages, unread, distribution }: ImagePackages) {
    const names = packages.map(({ name }) => name);
    return { packages: names, unread, id: distribution?.id };
  }

  it('lays layers over one another and hashes what is left', async () => {
    const below = await layer([
      { name: 'etc/', type: 'directory' },
      { name: 'etc/kept', content: 'old' },
      { name: 'etc/gone', content: 'x' },
      { name: 'srv/a/one', content: 'x' },
      { name: 'opt/two', content: 'x' },
      { name: 'etc/turned', content: 'x' },
    ]);
    const above = await layer(
      [
        { name: './etc/kept', content: 'new' },
        { name: 'etc/.wh.gone', content: '' },
        { name: 'srv/.wh.a', content: '' },
        { name: 'opt/three', content: 'mine' },
        { name: 'opt/.wh..wh..opq', content: '' },
        { name: 'opt/same', type: 'link', linkname: 'opt/three' },
        { name: 'opt/below', type: 'link', linkname: 'bin/of-the-mirror' },
        { name: 'etc/turned', type: 'symlink', linkname: 'kept' },
      ],
      'zstd',
    );
    const { files } = await read([below, above]);
    const hash = (algorithm: string, text: string) =>
      createHash(algorithm).update(text).digest('hex');
    expect(files).toEqual(
      [
        ['/etc/kept', 'new'],
        ['/opt/same', 'mine'],
        ['/opt/three', 'mine'],
      ].map(([path, content]) => ({
        path,
        size: content.length,
        sha1: hash('sha1', content),
        sha256: hash('sha256', content),
        layer: above.digest,
      })),
    );
  });

  it('lists none when they are too many', async () => {
    const layers = [
      await layer(['a', 'b', 'c'].map(name => ({ name, content: 'x' }))),
    ];
    expect((await read(layers, { maxFiles: 3 })).files).toHaveLength(3);
    expect((await read(layers, { maxFiles: 2 })).files).toBeUndefined();
  });

  it.each(PACKAGES)('packages of %s', async (_, content, expected) => {
    const layers = await Promise.all(content.map(each => layer(each)));
    const found = await read(layers);
    expect(namesOf(found)).toEqual({ unread: [], id: undefined, ...expected });
  });

  it('reads every compression, all layers for packages and its own for files', async () => {
    const layers = [
      await layer(ALPINE, 'none'),
      await layer([{ name: 'etc/motd', content: 'hi' }], 'gzip'),
      await layer([{ name: 'lib/apk/db/installed', content: BUSYBOX }], 'zstd'),
    ];
    registry.clearRequests();
    const found = await read(layers, { below: 2 });
    expect(namesOf(found)).toMatchObject({ packages: ['busybox'], unread: [] });
    expect(found.files?.map(({ path }) => path)).toEqual([
      '/lib/apk/db/installed',
    ]);
    expect(found.files?.[0].size).toBe(BUSYBOX.length);
    const reads = registry.requests.filter(({ method }) => method === 'GET');
    expect(reads).toHaveLength(3);
  });

  it('keeps no more of databases than it may, and says so', async () => {
    const status = 'var/lib/dpkg/status';
    const layers = [
      await layer([{ name: 'etc/os-release', content: 'ID=debian' }]),
      await layer([{ name: status, content: DEB('a').repeat(10) }]),
    ];
    expect(namesOf(await read(layers, { maxBytes: 100 }))).toEqual({
      packages: [],
      unread: [`/${status}, which is too large`],
      id: 'debian',
    });
    // what takes the place of another does not count twice
    const again = Array.from({ length: 5 }, () => layers[1]);
    const maxBytes = 2 * DEB('a').length * 10;
    expect(namesOf(await read(again, { maxBytes })).unread).toEqual([]);
  });

  it('says that a layer is not in the registry', async () => {
    const foreign = {
      mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
      digest: digestOf(Buffer.from('elsewhere')),
      size: 9,
    };
    const found = await read([foreign, await layer(ALPINE)]);
    expect(namesOf(found)).toEqual({
      packages: ['musl', 'zlib'],
      unread: [`the layer ${foreign.digest}, which is not in the registry`],
      id: 'alpine',
    });
  });

  it('fails when a layer is no archive', async () => {
    const bytes = gzipSync(Buffer.alloc(2048, 7));
    const broken = {
      mediaType: MediaTypes.ociLayerGzip,
      digest: digestOf(bytes),
      size: bytes.length,
    };
    await client.putBlob(repository, broken, () => bytes);
    await expect(read([broken])).rejects.toThrow(
      new RegExp(`Cannot read the layer ${broken.digest} .*tar header`, 'i'),
    );
  });
});
