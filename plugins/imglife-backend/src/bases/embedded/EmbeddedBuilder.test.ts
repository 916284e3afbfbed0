import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import {
  gunzipSync,
  gzipSync,
  zstdCompressSync,
  zstdDecompressSync,
} from 'node:zlib';
import type {
  BuildRequest,
  ContextFile,
} from '@imglife/backstage-plugin-imglife-node';
import {
  digestOf,
  MediaTypes,
  RegistryClient,
  resolveImage,
  type ImageConfig,
  type ImageIndex,
  type ImageManifest,
  type PlatformImage,
} from '@imglife/oci';
import {
  describeWithComponents,
  findComponent,
  TestRegistry,
} from '@imglife/test-registry';
import { extract, pack, type Header } from 'tar-stream';
import { EmbeddedBuilder } from './EmbeddedBuilder';

type Entry = Pick<Header, 'name'> & Partial<Header> & { text?: string };

interface MirrorOptions {
  platforms: string[];
  docker?: boolean;
  config?: object;
  history?: ImageConfig['history'];
}

const ROOT: Entry[] = [
  { name: 'usr/bin/', type: 'directory' },
  { name: 'bin', type: 'symlink', linkname: 'usr/bin' },
  { name: 'tmp/', type: 'directory', mode: 0o1777 },
  { name: 'etc/', type: 'directory' },
  { name: 'etc/motd', type: 'file' },
  {
    name: 'etc/passwd',
    text: 'root:x:0:0::/root:/bin/sh\napp:x:100:101::/:/bin/sh\n',
  },
  { name: 'etc/group', text: 'root:x:0:\nweb:x:33:\n' },
  { name: 'usr/bin/app', mode: 0o4755, uid: 7, gid: 8, text: 'binary' },
];

const CREATED = new Date('2026-01-02T03:04:05.000Z');

const FILES: ContextFile[] = [
  file('app.conf', 'conf\n'),
  file('run.sh', '#!/bin/sh\n', 0o755),
  { type: 'directory', path: 'root', mode: 0o755 },
  { type: 'directory', path: 'root/bin', mode: 0o755 },
  file('root/bin/tool', 'tool'),
  { type: 'directory', path: 'root/opt', mode: 0o755 },
  { type: 'directory', path: 'root/opt/empty', mode: 0o755 },
  { type: 'symlink', path: 'root/opt/link', target: '../etc/motd' },
  { type: 'symlink', path: 'conf', target: 'app.conf' },
  file('marker', '{}'),
  file('rootfs.tar.bz2', 'BZh91AY&SY', 0o644, 'latin1'),
];

// a tar of in/file, which says "archived", by xz: Node cannot compress that way
const XZ =
  '/Td6WFoAAAFpIt42AgAhARwAAAAQz1jM4Cf/AGNdADSbgeTp+uwloE2QvXWLnLHbPjiRdseV' +
  '2jhMiatqSF3Z/ktbWxrXUY+ZrdiensLGVIduJnEfTAHUP5kDXM4EZKJvWGF1ewLtB8OPFCeY' +
  '3QFDcepVojUPqoWZ7SFvfK/Jqcu0AAAAR6f0UgABe4BQAAAA75Zb2D4wDYsCAAAAAAFZWg==';

const DOCKERFILE = (from: string) => `# every instruction
ARG FROM=${from}
ARG GREETING="hello world"
FROM $FROM AS base
ARG GREETING
ARG TARGETARCH
ARG EXTRA=none
ENV GREETING_ENV=\${GREETING} ARCH=$TARGETARCH
ENV EXTRA_ENV $EXTRA
LABEL team="platform" io.imglife.core-version=0 \\
  # ours wins over the one above
  note="a $GREETING_ENV"
COPY app.conf /etc/
COPY --chown=10:20 --chmod=0700 run.sh conf /opt/app/
COPY *.conf /tmp/x.conf
COPY root /
WORKDIR /srv/app
WORKDIR data
COPY ["app.conf", "."]
USER 10:20
EXPOSE 8080 53/udp
ENTRYPOINT ["/opt/app/run.sh"]
CMD start --now
COPY marker /usr/share/imglife/base.json
`;

function file(
  path: string,
  content: string | Buffer,
  mode = 0o644,
  encoding: BufferEncoding = 'utf8',
): ContextFile {
  const bytes = Buffer.from(content as string, encoding);
  return fileOf(path, bytes, mode);
}

function fileOf(path: string, content: Buffer, mode: number): ContextFile {
  const read = async () => content;
  return { type: 'file', path, mode, size: content.length, read };
}

async function readAll(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks);
}

async function makeTar(entries: Entry[]): Promise<Buffer> {
  const archive = pack();
  entries.forEach(({ text = '', ...entry }) =>
    archive.entry({ mtime: new Date(0), ...entry }, text),
  );
  archive.finalize();
  return readAll(archive);
}

describe('EmbeddedBuilder', () => {
  const repository = 'mirrors/alpine';
  let registry: TestRegistry;
  let client: RegistryClient;
  let builder: EmbeddedBuilder;
  let lines: string[];

  beforeEach(async () => {
    registry = await TestRegistry.start();
    client = RegistryClient.create({ host: registry.host, insecure: true });
    builder = EmbeddedBuilder.create({
      registries: { clientFor: () => client },
    });
    lines = [];
  });

  afterEach(async () => {
    await client.close();
    await registry.stop();
  });

  async function pushBlob(name: string, bytes: Buffer) {
    const digest = digestOf(bytes);
    const descriptor = { mediaType: '', digest, size: bytes.length };
    await client.putBlob(name, descriptor, () => bytes);
    return descriptor;
  }

  async function pushJson(name: string, value: object, mediaType: string) {
    const bytes = Buffer.from(JSON.stringify({ ...value, mediaType }));
    return client.putManifest(name, digestOf(bytes), bytes, mediaType);
  }

  async function pushPlatform(platform: string, options: MirrorOptions) {
    const [os, architecture, variant] = platform.split('/');
    const tar = await makeTar([...ROOT, { name: `etc/${architecture}` }]);
    const layer = await pushBlob(repository, gzipSync(tar));
    const config = await pushBlob(
      repository,
      Buffer.from(
        JSON.stringify({
          os,
          architecture,
          variant,
          created: '2025-12-31T00:00:00Z',
          container_config: { Cmd: ['gone'] },
          config: {
            Env: ['PATH=/usr/bin', 'EXTRA_ENV=mirror'],
            Cmd: ['/bin/sh'],
            Labels: { upstream: 'yes' },
            ...options.config,
          },
          rootfs: { type: 'layers', diff_ids: [digestOf(tar)] },
          history: options.history,
        }),
      ),
    );
    const { docker } = options;
    const layerType = docker
      ? MediaTypes.dockerLayerGzip
      : MediaTypes.ociLayerGzip;
    const configType = docker ? MediaTypes.dockerConfig : MediaTypes.ociConfig;
    const pushed = await pushJson(
      repository,
      {
        schemaVersion: 2,
        config: { ...config, mediaType: configType },
        layers: [{ ...layer, mediaType: layerType }],
      },
      docker ? MediaTypes.dockerManifest : MediaTypes.ociManifest,
    );
    return { ...pushed, platform: { os, architecture, variant } };
  }

  /** @returns its pinned reference */
  async function pushMirror(options: MirrorOptions): Promise<string> {
    const manifests = [];
    for (const platform of options.platforms) {
      manifests.push(await pushPlatform(platform, options));
    }
    const type = options.docker ? MediaTypes.dockerIndex : MediaTypes.ociIndex;
    const root =
      manifests.length === 1
        ? manifests[0]
        : await pushJson(repository, { schemaVersion: 2, manifests }, type);
    return `${registry.host}/${repository}:3.21.3@${root.digest}`;
  }

  function build(
    from: string,
    dockerfile: string,
    change: Partial<BuildRequest> = {},
  ) {
    const request: BuildRequest = {
      dockerfile,
      files: FILES,
      args: {},
      secrets: [],
      platforms: ['linux/amd64'],
      labels: { 'io.imglife.core-version': '1.0.0' },
      annotations: { 'org.opencontainers.image.title': 'alpine' },
      created: CREATED,
      from,
      target: {
        repository: `${registry.host}/bases/alpine`,
        tag: '3.21.3-core1.0.0',
      },
      registry: () => undefined,
      ...change,
    };
    const { signal } = new AbortController();
    return builder.build(request, { log: line => lines.push(line), signal });
  }

  function readBase(reference: string) {
    return resolveImage({ client, repository: 'bases/alpine', reference });
  }

  async function unpack(image: PlatformImage, from: number) {
    const layers: string[][] = [];
    for (const [index, layer] of image.manifest.layers.entries()) {
      const bytes = await client.readBlob('bases/alpine', layer);
      const tar = gunzipSync(bytes);
      expect(digestOf(tar)).toBe(image.diffIds[index]);
      const entries: string[] = [];
      const archive = extract();
      archive.end(tar);
      for await (const entry of archive) {
        const { name, type, mode, uid, mtime, linkname, pax } = entry.header;
        const { gid = entry.header.gid } = (pax ?? {}) as { gid?: string };
        let content = '';
        for await (const chunk of entry) {
          content += chunk;
        }
        if (index >= from) {
          expect(mtime).toEqual(CREATED);
        }
        const bits = mode.toString(8).padStart(4, '0');
        entries.push(
          `${bits} ${uid}:${gid} ${name}${
            type === 'symlink' ? ` -> ${linkname}` : ` ${content.trim()}`
          }`.trim(),
        );
      }
      layers.push(entries);
    }
    return layers.slice(from);
  }

  it('carries out every instruction on top of the mirror', async () => {
    const from = await pushMirror({
      platforms: ['linux/amd64'],
      history: [{ created_by: 'ADD rootfs' }],
    });
    const { digest } = await build(from, DOCKERFILE(from), {
      args: { EXTRA: 'tzdata' },
    });
    const image = await readBase(digest);
    expect(image.descriptor.mediaType).toBe(MediaTypes.ociManifest);
    expect(image.annotations).toEqual({
      'org.opencontainers.image.title': 'alpine',
    });
    const [built] = image.images;
    const { config, history, created, ...rest } = built.config;
    expect(created).toBe('2026-01-02T03:04:05.000Z');
    expect(rest.container_config).toBeUndefined();
    expect(config).toEqual({
      Env: [
        'PATH=/usr/bin',
        'EXTRA_ENV=tzdata',
        'GREETING_ENV=hello world',
        'ARCH=amd64',
      ],
      Labels: {
        upstream: 'yes',
        team: 'platform',
        note: 'a hello world',
        'io.imglife.core-version': '1.0.0',
      },
      WorkingDir: '/srv/app/data',
      User: '10:20',
      ExposedPorts: { '8080/tcp': {}, '53/udp': {} },
      Entrypoint: ['/opt/app/run.sh'],
      Cmd: ['/bin/sh', '-c', 'start --now'],
    });
    const layered = history?.filter(entry => !entry.empty_layer);
    expect(layered).toHaveLength(built.diffIds.length);
    expect(history?.[0]).toEqual({ created_by: 'ADD rootfs' });
    expect(history?.at(-1)?.created_by).toBe(
      'COPY marker /usr/share/imglife/base.json',
    );
    const mirror = await resolveImage({
      client,
      repository,
      reference: from.split('@')[1],
    });
    expect(built.manifest.layers[0].digest).toBe(
      mirror.images[0].manifest.layers[0].digest,
    );
    expect(await unpack(built, 1)).toEqual([
      ['0644 0:0 etc/app.conf conf'],
      [
        '0755 10:20 opt/',
        '0755 10:20 opt/app/',
        '0700 10:20 opt/app/conf conf',
        '0700 10:20 opt/app/run.sh #!/bin/sh',
      ],
      ['0644 0:0 tmp/x.conf conf'],
      [
        '0755 0:0 opt/empty/',
        '0777 0:0 opt/link -> ../etc/motd',
        '0644 0:0 usr/bin/tool tool',
      ],
      ['0755 0:0 srv/', '0755 0:0 srv/app/'],
      ['0755 0:0 srv/app/data/'],
      ['0644 0:0 srv/app/data/app.conf conf'],
      [
        '0755 0:0 usr/share/',
        '0755 0:0 usr/share/imglife/',
        '0644 0:0 usr/share/imglife/base.json {}',
      ],
    ]);
    await expect(client.listTags('bases/alpine')).resolves.toEqual([]);
  });

  it('carries out stages, archives, here-documents and names', async () => {
    const from = await pushMirror({
      platforms: ['linux/amd64'],
      config: { OnBuild: ['LABEL triggered=$TRIGGER', 'COPY marker /trigger'] },
    });
    const archive = await makeTar([
      {
        name: './opt/',
        type: 'directory',
        mode: 0o700,
        uid: 5,
        gid: 1000620000,
        pax: { gid: '1000620000' },
      },
      { name: './bin/../opt/tool', mode: 0o700, uid: 5, gid: 6, text: 'tool' },
      { name: './opt/same', type: 'link', linkname: 'opt/tool' },
      { name: '../../up', text: 'up' },
      { name: './tmp', type: 'file', text: 'over a folder' },
    ]);
    const dockerfile = `ARG VERSION=1
FROM scratch AS made
ARG VERSION
COPY marker /made-\${VERSION}
WORKDIR /w
COPY app.conf .

FROM made AS more
COPY <<EOF <<'RAW' /here/
v $VERSION "q"
EOF
v $VERSION
RAW

FROM ${from} AS unused
COPY nope /

FROM --platform=$BUILDPLATFORM ${from}
COPY --from=more /made-1 /here /w/*.conf /all/
COPY --from=0 /w /w2
COPY --from=${from} --chown=app:web /bin/app /owned/
COPY --from=${from} /usr/bin/a[op]* /kept/
USER app
WORKDIR /home/app
ADD archive.tgz more/
ADD app.conf plain.tgz /added/
COPY --link --chmod=0 marker /bin/linked
`;
    const { digest } = await build(from, dockerfile, {
      files: [
        ...FILES,
        file('archive.tgz', gzipSync(archive)),
        file('plain.tgz', gzipSync('no archive')),
      ],
    });
    const [built] = (await readBase(digest)).images;
    expect(built.config.config?.OnBuild).toBeUndefined();
    expect(built.config.config?.Labels).toMatchObject({ triggered: '' });
    expect(await unpack(built, 1)).toEqual([
      ['0644 0:0 trigger {}'],
      [
        '0755 0:0 all/',
        '0644 0:0 all/EOF v 1 "q"',
        '0644 0:0 all/RAW v $VERSION',
        '0644 0:0 all/app.conf conf',
        '0644 0:0 all/made-1 {}',
      ],
      ['0755 0:0 w2/', '0644 0:0 w2/app.conf conf'],
      ['0755 100:33 owned/', '4755 100:33 owned/app binary'],
      ['0755 0:0 kept/', '4755 7:8 kept/app binary'],
      ['0755 100:101 home/', '0755 100:101 home/app/'],
      [
        '0755 0:0 home/app/more/',
        '0700 5:1000620000 home/app/more/opt/',
        '0700 5:6 home/app/more/opt/same tool',
        '0700 5:6 home/app/more/opt/tool tool',
        '0644 0:0 home/app/more/tmp over a folder',
        '0644 0:0 home/app/more/up up',
      ],
      [
        '0755 0:0 added/',
        '0644 0:0 added/app.conf conf',
        expect.stringContaining('added/plain.tgz'),
      ],
      ['0755 0:0 bin/', '0000 0:0 bin/linked {}'],
    ]);
  });

  it('writes Docker-only config as BuildKit does', async () => {
    const from = await pushMirror({ platforms: ['linux/amd64'] });
    const { digest } = await build(
      from,
      `FROM ${from}
MAINTAINER "Platform team"
SHELL ["/bin/ash", "-ec"]
CMD start
HEALTHCHECK --interval=1m30s --timeout=1.5s --retries=3 CMD ["/bin/check", "-a"]
VOLUME /data "/more data"
VOLUME ["/log"]
STOPSIGNAL SIGRTMIN+3
ONBUILD RUN make
ONBUILD COPY . /src`,
    );
    const [{ config }] = (await readBase(digest)).images;
    expect(config.author).toBe('Platform team');
    expect(config.config).toMatchObject({
      Shell: ['/bin/ash', '-ec'],
      Cmd: ['/bin/ash', '-ec', 'start'],
      Healthcheck: {
        Test: ['CMD', '/bin/check', '-a'],
        Interval: 90_000_000_000,
        Timeout: 1_500_000_000,
        Retries: 3,
      },
      Volumes: { '/data': {}, '/more data': {}, '/log': {} },
      StopSignal: 'SIGRTMIN+3',
      OnBuild: ['RUN make', 'COPY . /src'],
    });
  });

  it('writes large layers to the disk, by zstd, and leaves nothing there', async () => {
    const from = await pushMirror({ platforms: ['linux/amd64'] });
    const large = randomBytes(3 * 1024 * 1024);
    const folders = () =>
      readdirSync(tmpdir()).filter(name => name.startsWith('imglife-build-'));
    const before = folders();
    const { digest } = await build(from, `FROM ${from}\nCOPY large /large`, {
      compression: 'zstd',
      files: [
        {
          ...file('large', large),
          open: () => Readable.from([large]),
        } as ContextFile,
      ],
    });
    const [{ manifest }] = (await readBase(digest)).images;
    expect(manifest.layers[1].mediaType).toBe(MediaTypes.ociLayerZstd);
    const bytes = await client.readBlob('bases/alpine', manifest.layers[1]);
    expect(zstdDecompressSync(bytes).includes(large)).toBe(true);
    expect(folders()).toEqual(before);
  });

  it('fails when a file changes while it is copied', async () => {
    const from = await pushMirror({ platforms: ['linux/amd64'] });
    const longer = { ...file('grown', 'abc'), size: 2 } as ContextFile;
    await expect(
      build(from, `FROM ${from}\nCOPY grown /`, { files: [longer] }),
    ).rejects.toThrow('/grown changed while it was copied');
  });

  it('gives the same digest twice, and then moves nothing', async () => {
    const from = await pushMirror({
      platforms: ['linux/amd64', 'linux/arm64'],
    });
    const platforms = ['linux/amd64', 'linux/arm64'];
    const first = await build(from, DOCKERFILE(from), { platforms });
    registry.clearRequests();
    const second = await build(from, DOCKERFILE(from), { platforms });
    expect(second).toEqual(first);
    expect(
      registry.requests.filter(
        ({ method, path }) => method === 'POST' || path.includes('uploads'),
      ),
    ).toEqual([]);
  });

  it('makes an OCI index of a Docker list, bytes untouched and layers mounted', async () => {
    const platforms = ['linux/amd64', 'linux/arm/v7'];
    const from = await pushMirror({ platforms, docker: true });
    registry.clearRequests();
    const { digest } = await build(from, `FROM ${from}\nCOPY marker /x\n`, {
      platforms,
    });
    const image = await readBase(digest);
    expect(image.descriptor.mediaType).toBe(MediaTypes.ociIndex);
    const index = image.manifest as ImageIndex;
    expect(
      index.manifests.map(({ mediaType, platform }) => [mediaType, platform]),
    ).toEqual([
      [MediaTypes.ociManifest, { os: 'linux', architecture: 'amd64' }],
      [
        MediaTypes.ociManifest,
        { os: 'linux', architecture: 'arm', variant: 'v7' },
      ],
    ]);
    const [, reference] = from.split('@');
    const mirror = await resolveImage({ client, repository, reference });
    for (const [at, { manifest, config }] of image.images.entries()) {
      const below = mirror.images[at].manifest as ImageManifest;
      expect(manifest.config.mediaType).toBe(MediaTypes.ociConfig);
      expect(manifest.layers.map(({ mediaType }) => mediaType)).toEqual([
        MediaTypes.ociLayerGzip,
        MediaTypes.ociLayerGzip,
      ]);
      expect(manifest.layers[0].digest).toBe(below.layers[0].digest);
      // the mirror told no history, so that each layer gets an entry
      expect(config.history).toHaveLength(2);
    }
    const mounts = registry.requests.filter(({ query }) =>
      query.includes('mount='),
    );
    expect(mounts.map(({ status }) => status)).toEqual([201, 201]);
  });

  it('gives each platform what its Dockerfile asks for by platform', async () => {
    const platforms = ['linux/amd64', 'linux/arm/v7'];
    const from = await pushMirror({ platforms });
    const { digest } = await build(
      from,
      `FROM --platform=$TARGETPLATFORM ${from} AS tool
ARG TARGETARCH TARGETVARIANT
COPY tool-$TARGETARCH$TARGETVARIANT /tool
FROM ${from}
ARG TARGETPLATFORM BUILDPLATFORM SOURCE_DATE_EPOCH
COPY --from=tool /tool /bin/
LABEL of=$TARGETPLATFORM by=$BUILDPLATFORM at=$SOURCE_DATE_EPOCH`,
      {
        platforms,
        files: [file('tool-amd64', 'intel'), file('tool-armv7', 'arm')],
      },
    );
    const { images } = await readBase(digest);
    for (const [at, content] of ['intel', 'arm'].entries()) {
      expect(await unpack(images[at], 1)).toEqual([
        [`0644 0:0 usr/bin/tool ${content}`],
      ]);
      expect(images[at].config.config?.Labels).toMatchObject({
        of: platforms[at],
        by: platforms[at],
        at: '1767323045',
      });
    }
  });

  it('unpacks what any of the compressions holds', async () => {
    const from = await pushMirror({ platforms: ['linux/amd64'] });
    const tar = await makeTar([{ name: 'in/file', text: 'archived' }]);
    const files = [
      file('a.tar', tar),
      file('a.tar.gz', gzipSync(tar)),
      file('a.tar.zst', zstdCompressSync(tar)),
      file('a.tar.xz', Buffer.from(XZ, 'base64')),
    ];
    const names = files.map(({ path }) => path);
    const { digest } = await build(
      from,
      `FROM ${from}\n${names
        .map(name => `ADD ${name} /${name}/`)
        .join('\n')}\nADD --unpack=false a.tar.xz /kept/`,
      { files },
    );
    const [image] = (await readBase(digest)).images;
    const layers = await unpack(image, 1);
    expect(layers.slice(0, -1)).toEqual(
      names.map(name => [
        `0755 0:0 ${name}/`,
        `0755 0:0 ${name}/in/`,
        `0644 0:0 ${name}/in/file archived`,
      ]),
    );
    expect(layers.at(-1)).toEqual([
      '0755 0:0 kept/',
      expect.stringContaining('kept/a.tar.xz'),
    ]);
  });

  it('keeps an index of one platform an index', async () => {
    const manifest = await pushPlatform('linux/amd64', {
      platforms: [],
    });
    const root = await pushJson(
      repository,
      { schemaVersion: 2, manifests: [manifest] },
      MediaTypes.ociIndex,
    );
    const from = `${registry.host}/${repository}:1@${root.digest}`;
    const { digest } = await build(from, `FROM ${from}\n`);
    const image = await readBase(digest);
    expect(image.descriptor.mediaType).toBe(MediaTypes.ociIndex);
    expect(image.images).toHaveLength(1);
  });

  it('copies the layers of a mirror at another registry, and reads none for labels', async () => {
    const other = await TestRegistry.start();
    const target = RegistryClient.create({ host: other.host, insecure: true });
    builder = EmbeddedBuilder.create({
      registries: {
        clientFor: host => (host === other.host ? target : client),
      },
    });
    const from = await pushMirror({ platforms: ['linux/amd64'] });
    registry.clearRequests();
    const dockerfile = `FROM ${from}\nLABEL a=b\nCOPY marker /usr/share/imglife/base.json\n`;
    const { digest } = await build(from, dockerfile, {
      target: { repository: `${other.host}/bases/alpine`, tag: 'x' },
    });
    const image = await resolveImage({
      client: target,
      repository: 'bases/alpine',
      reference: digest,
    });
    expect(image.images[0].diffIds).toHaveLength(2);
    // the config, and the one layer once
    const blobs = registry.requests.filter(
      ({ method, path }) => method === 'GET' && path.includes('/blobs/'),
    );
    expect(blobs).toHaveLength(2);
    await target.close();
    await other.stop();
  });

  it.each<[string, (from: string) => string, RegExp]>([
    ['RUN', from => `FROM ${from}\nRUN x`, /^RUN in line 2 .*buildkit/],
    [
      'another FROM',
      () => 'FROM docker.io/library/alpine:3.21',
      /^FROM in line 1 .*write FROM \{\{ mirror.reference \}\}/,
    ],
    [
      'a file that is not there',
      from => `FROM ${from}\nUSER 1\nCOPY nope /`,
      /^COPY in line 3 .*nope is not in the context/,
    ],
    [
      'a file outside the context',
      from => `FROM ${from}\nCOPY ../../etc/passwd /`,
      /passwd is not in the context/,
    ],
    [
      'an unknown owner',
      from => `FROM ${from}\nCOPY --chown=nobody marker /`,
      /^COPY in line 2 .*no user "nobody" in the image's \/etc\/passwd/,
    ],
    [
      'an unknown group',
      from => `FROM ${from}\nCOPY --chown=0:app marker /`,
      /^COPY in line 2 .*no group "app" in the image's \/etc\/group/,
    ],
    [
      'a mode that is none',
      from => `FROM ${from}\nCOPY --chmod=9 marker /`,
      /^COPY in line 2 .*--chmod=9 is no mode such as/,
    ],
    [
      'a last stage that stands on something else',
      from => `FROM ${from} AS x\nFROM scratch`,
      /^FROM in line 2 .*the last stage does not stand on the mirror/,
    ],
    [
      'an image that is not pinned',
      from => `FROM ${from}\nCOPY --from=${from.split('@')[0]} a /`,
      /^COPY in line 2 .*nor pinned by a digest/,
    ],
    [
      'a file over a folder',
      from => `FROM ${from}\nWORKDIR /x/marker\nCOPY marker /x/`,
      /^COPY in line 3 .*\/x\/marker is a folder in the image/,
    ],
    [
      'an archive that it cannot unpack',
      from => `FROM ${from}\nADD rootfs.tar.bz2 /`,
      /^ADD in line 2 .*rootfs.tar.bz2: is compressed by bzip2/,
    ],
    [
      'an archive that is cut off',
      from => `FROM ${from}\nADD cut.tar.gz /`,
      /^ADD in line 2 .*cut.tar.gz: unexpected end of file/,
    ],
    [
      'a health check without a command',
      from => `FROM ${from}\nHEALTHCHECK CMD`,
      /^HEALTHCHECK in line 2 .*needs NONE, or CMD/,
    ],
    [
      'a signal that is none',
      from => `FROM ${from}\nSTOPSIGNAL SIGNOPE`,
      /^STOPSIGNAL in line 2 .*SIGNOPE is no signal/,
    ],
    [
      'a shell that is no JSON',
      from => `FROM ${from}\nSHELL /bin/sh`,
      /^SHELL in line 2 .*needs a JSON array/,
    ],
    [
      'several files over one name',
      from => `FROM ${from}\nCOPY marker app.conf /x`,
      /ends with "\/", such as \/x\//,
    ],
    [
      'a folder below a file',
      from => `FROM ${from}\nWORKDIR /etc/motd/x`,
      /^WORKDIR in line 2 .*\/etc\/motd is a file/,
    ],
    [
      'a bad port',
      from => `FROM ${from}\nEXPOSE 99999`,
      /^EXPOSE in line 2 .*99999 is no port/,
    ],
  ])('refuses %s before anything is pushed', async (_, text, fault) => {
    const from = await pushMirror({ platforms: ['linux/amd64'] });
    const tar = await makeTar([
      { name: 'large', text: randomBytes(200_000).toString('hex') },
    ]);
    const files = [...FILES, file('cut.tar.gz', gzipSync(tar).subarray(0, -9))];
    registry.clearRequests();
    await expect(build(from, text(from), { files })).rejects.toThrow(fault);
    const methods = registry.requests.map(({ method }) => method);
    expect(methods.filter(method => !['GET', 'HEAD'].includes(method))).toEqual(
      [],
    );
  });

  it.each([
    [
      'linux/amd64',
      { OnBuild: ['RUN x'] },
      /^by ONBUILD of .*: RUN in line 1 .*buildkit/,
    ],
    ['windows/amd64', {}, /is for windows\/amd64; .* builds for linux/],
  ])('refuses a mirror of %s with %j', async (platform, config, fault) => {
    const from = await pushMirror({ platforms: [platform], config });
    const platforms = [platform];
    const building = build(from, `FROM ${from}`, { platforms });
    await expect(building).rejects.toThrow(fault);
  });

  it('answers canBuild with the reason', () => {
    expect(builder.canBuild('FROM x\nLABEL a=b')).toEqual({ ok: true });
    expect(builder.canBuild('FROM x\nRUN y')).toEqual({
      ok: false,
      reason: expect.stringMatching(/^RUN in line 2/),
    });
    expect(builder.canBuild('')).toEqual({
      ok: false,
      reason: expect.stringContaining('no instruction'),
    });
  });

  describeWithComponents(['skopeo'], 'seen by skopeo', () => {
    it('is an image that can be inspected and copied', async () => {
      const platforms = ['linux/amd64', 'linux/arm64'];
      const from = await pushMirror({ platforms, docker: true });
      const { digest } = await build(from, DOCKERFILE(from), { platforms });
      const run = (...args: string[]) =>
        promisify(execFile)(findComponent('skopeo') ?? '', [
          '--insecure-policy',
          ...args,
        ]);
      const image = `docker://${registry.host}/bases/alpine@${digest}`;
      const { stdout } = await run('inspect', '--tls-verify=false', image);
      expect(JSON.parse(stdout)).toMatchObject({
        Os: 'linux',
        Labels: { team: 'platform', 'io.imglife.core-version': '1.0.0' },
      });
      await run(
        'copy',
        '--all',
        '--preserve-digests',
        '--src-tls-verify=false',
        '--dest-tls-verify=false',
        image,
        `docker://${registry.host}/copies/alpine:1`,
      );
      const copied = await client.headManifest('copies/alpine', '1');
      expect(copied?.digest).toBe(digest);
    });
  });
});
