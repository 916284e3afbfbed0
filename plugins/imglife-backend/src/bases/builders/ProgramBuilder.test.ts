import { createWriteStream } from 'node:fs';
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { zstdDecompressSync } from 'node:zlib';
import type { BuildRequest } from '@imglife/backstage-plugin-imglife-node';
import {
  digestOf,
  MediaTypes,
  RegistryClient,
  resolveImage,
} from '@imglife/oci';
import { pushImage, TestRegistry } from '@imglife/test-registry';
import { pack } from 'tar-stream';
import { BuilderProgram } from './BuilderProgram';
import { BuildkitDriver } from './BuildkitDriver';
import { ProgramBuilder } from './ProgramBuilder';

const PLATFORMS = ['linux/amd64', 'linux/arm64'];
const PASSWORD = 'the-password-of-the-mirror';
const CREATED = new Date('2026-01-02T03:04:05.678Z');
const CALL = 'call.json';

interface Call {
  args: string[];
  env: Record<string, string>;
  dockerfile: string;
  context: Record<string, string>;
  dockerConfig: string;
}

/**
 * No buildkitd runs where these tests do: what is asked of `buildctl` is
 * checked by a program in its place, which gives out an image made before.
 */
describe('ProgramBuilder with buildctl', () => {
  let registry: TestRegistry;
  let client: RegistryClient;
  let folder: string;
  let log: string[];
  let controller: AbortController;

  beforeEach(async () => {
    registry = await TestRegistry.start();
    client = RegistryClient.create({ host: registry.host, insecure: true });
    folder = await mkdtemp(join(tmpdir(), 'imglife-buildctl-'));
    log = [];
    controller = new AbortController();
    await pushImage(registry.host, {
      repository: 'mirrors/alpine',
      tag: '3.21.3',
      platforms: PLATFORMS,
    });
  });

  afterEach(async () => {
    await client.close();
    await registry.stop();
    await rm(folder, { recursive: true });
  });

  /** Writes an image of the registry as `buildctl` would export it. */
  async function exportImage(repository: string): Promise<string> {
    const archive = pack();
    const file = join(folder, 'image.tar');
    const writing = pipeline(archive, createWriteStream(file));
    const add = (name: string, bytes: Buffer) => archive.entry({ name }, bytes);
    const blob = (bytes: Buffer) =>
      add(`blobs/${digestOf(bytes).replace(':', '/')}`, bytes);
    const root = await client.getManifest(repository, 'built');
    blob(root.bytes);
    for (const { digest } of (root.manifest as any).manifests) {
      const child = await client.getManifest(repository, digest);
      blob(child.bytes);
      const { config, layers } = child.manifest as any;
      for (const descriptor of [config, ...layers]) {
        blob(await client.readBlob(repository, descriptor));
      }
    }
    add(
      'index.json',
      Buffer.from(
        JSON.stringify({ schemaVersion: 2, manifests: [root.descriptor] }),
      ),
    );
    archive.finalize();
    await writing;
    return file;
  }

  async function standIn(archive: string, script = ''): Promise<string> {
    const file = join(folder, 'buildctl');
    const source = `#!${process.execPath}
      const fs = require('node:fs');
      const args = process.argv.slice(2);
      const after = start => args.find(arg => arg.startsWith(start)).slice(start.length);
      const list = (dir, at = '') => fs.readdirSync(dir + at, { withFileTypes: true })
        .flatMap(e => e.isDirectory() ? list(dir, at + '/' + e.name)
          : [[at + '/' + e.name, e.isSymbolicLink() ? '-> ' + fs.readlinkSync(e.parentPath + '/' + e.name) : fs.readFileSync(e.parentPath + '/' + e.name, 'utf8')]]);
      fs.writeFileSync(${JSON.stringify(join(folder, CALL))}, JSON.stringify({
        args, env: process.env,
        dockerfile: fs.readFileSync(after('dockerfile=') + '/Dockerfile', 'utf8'),
        context: Object.fromEntries(list(after('context='))),
        dockerConfig: fs.readFileSync(process.env.DOCKER_CONFIG + '/config.json', 'utf8'),
      }));
      ${script}
      console.error('#1 pulling with ${PASSWORD}');
      fs.copyFileSync(${JSON.stringify(
        archive,
      )}, after('type=oci,dest=').split(',')[0]);
    `;
    await writeFile(file, source, { mode: 0o755 });
    return file;
  }

  function builder(command: string): ProgramBuilder {
    return ProgramBuilder.create(
      BuildkitDriver.create({
        command,
        address: 'tcp://buildkitd.example.com:1234',
        network: 'none',
        cache: 'registry.example.com/cache',
        tls: {
          caFile: '/pki/ca.pem',
          certFile: '/pki/c.pem',
          keyFile: '/pki/k.pem',
        },
      }),
      {
        registries: { clientFor: () => client },
        program: BuilderProgram.create({
          environment: {
            PATH: process.env.PATH,
            HTTPS_PROXY: 'http://proxy.example.com',
            BACKEND_SECRET: 'of-the-portal',
          },
        }),
      },
    );
  }

  async function build(command: string, change: Partial<BuildRequest> = {}) {
    const { descriptor } = await client.getManifest('mirrors/alpine', '3.21.3');
    const request: BuildRequest = {
      dockerfile: 'FROM x\nRUN apk upgrade\n',
      files: [
        { type: 'symlink', path: 'link', target: 'dir/a.sh' },
        { type: 'directory', path: 'dir', mode: 0o755 },
        {
          type: 'file',
          path: 'dir/a.sh',
          mode: 0o755,
          size: 2,
          read: async () => Buffer.from('#!'),
        },
      ],
      args: { VENDOR: 'a b' },
      secrets: [],
      platforms: PLATFORMS,
      labels: { 'io.imglife.core-version': '1.0.0' },
      annotations: { 'org.opencontainers.image.title': 'alpine' },
      created: CREATED,
      from: `${registry.host}/mirrors/alpine:3.21.3@${descriptor.digest}`,
      target: {
        repository: `${registry.host}/bases/alpine`,
        tag: '3.21.3-core1.0.0',
      },
      registry: host =>
        host === registry.host
          ? { insecure: true, auth: { username: 'sync', password: PASSWORD } }
          : undefined,
      ...change,
    };
    return builder(command).build(request, {
      log: line => log.push(line),
      signal: controller.signal,
    });
  }

  async function pushBuilt(from = 'mirrors/alpine') {
    await pushImage(registry.host, {
      repository: 'scratch/alpine',
      tag: 'built',
      platforms: PLATFORMS,
      layers: [{ upgraded: 'yes' }],
      labels: { 'from.the.template': 'kept' },
      from: { repository: from, reference: '3.21.3' },
    });
    return exportImage('scratch/alpine');
  }

  it('asks for all platforms at once and pushes what was made, by digest only', async () => {
    const secret = join(folder, 'npmrc');
    await writeFile(secret, 'x');
    const command = await standIn(await pushBuilt());
    const { digest } = await build(command, {
      secrets: [{ id: 'npmrc', file: secret }],
    });

    const call: Call = JSON.parse(await readFile(join(folder, CALL), 'utf8'));
    const workspace = call.env.HOME;
    expect(call.args).toEqual([
      ...['--addr', 'tcp://buildkitd.example.com:1234'],
      ...['--tlscacert', '/pki/ca.pem', '--tlscert', '/pki/c.pem'],
      ...['--tlskey', '/pki/k.pem'],
      ...['build', '--progress', 'plain', '--frontend', 'dockerfile.v0'],
      ...['--local', `context=${workspace}/context`],
      ...['--local', `dockerfile=${workspace}/dockerfile`],
      ...['--opt', 'platform=linux/amd64,linux/arm64'],
      ...['--opt', 'image-resolve-mode=pull'],
      ...['--opt', 'force-network-mode=none'],
      ...['--opt', 'build-arg:SOURCE_DATE_EPOCH=1767323045'],
      ...['--opt', 'build-arg:VENDOR=a b'],
      ...['--secret', `id=npmrc,src=${secret}`],
      '--import-cache',
      'type=registry,ref=registry.example.com/cache/bases/alpine:buildcache',
      '--export-cache',
      'type=registry,ref=registry.example.com/cache/bases/alpine:buildcache,mode=max',
      '--output',
      `type=oci,dest=${workspace}/image.tar,oci-mediatypes=true,rewrite-timestamp=true`,
    ]);
    expect(call.dockerfile).toBe('FROM x\nRUN apk upgrade\n');
    expect(call.context).toEqual({ '/dir/a.sh': '#!', '/link': '-> dir/a.sh' });
    expect(JSON.parse(call.dockerConfig).auths).toEqual({
      [registry.host]: {
        auth: Buffer.from(`sync:${PASSWORD}`).toString('base64'),
      },
    });
    expect(call.env).toMatchObject({ HTTPS_PROXY: 'http://proxy.example.com' });
    expect(call.env).not.toHaveProperty('BACKEND_SECRET');
    await expect(access(workspace)).rejects.toThrow('ENOENT');
    expect(log).toEqual(['#1 pulling with ***']);

    const base = { client, repository: 'bases/alpine', reference: digest };
    const [image, mirror] = await Promise.all([
      resolveImage(base),
      resolveImage({
        ...base,
        repository: 'mirrors/alpine',
        reference: '3.21.3',
      }),
    ]);
    expect(image.annotations).toMatchObject({
      'org.opencontainers.image.title': 'alpine',
    });
    expect(image.images.map(({ platform }) => platform)).toEqual(PLATFORMS);
    image.images.forEach(({ config, manifest, diffIds }, index) => {
      const below = mirror.images[index];
      expect(diffIds.slice(0, -1)).toEqual(below.diffIds);
      expect(manifest.layers.slice(0, -1).map(layer => layer.digest)).toEqual(
        below.manifest.layers.map(layer => layer.digest),
      );
      expect(config.created).toBe(CREATED.toISOString());
      expect(config.config?.Labels).toEqual({
        'from.the.template': 'kept',
        'io.imglife.core-version': '1.0.0',
      });
    });
    expect(await client.headManifest('bases/alpine', '3.21.3-core1.0.0')).toBe(
      undefined,
    );
  });

  it('compresses what was added by zstd, and leaves the mirror as it is', async () => {
    const command = await standIn(await pushBuilt());
    const gzip = await build(command);
    const zstd = await build(command, { compression: 'zstd' });
    const [before, after] = await Promise.all(
      [gzip, zstd].map(({ digest: reference }) =>
        resolveImage({ client, repository: 'bases/alpine', reference }),
      ),
    );
    for (const [index, { manifest, diffIds }] of after.images.entries()) {
      const other = before.images[index];
      expect(diffIds).toEqual(other.diffIds);
      expect(manifest.layers[0]).toEqual(other.manifest.layers[0]);
      const [, layer] = manifest.layers;
      expect(layer.mediaType).toBe(MediaTypes.ociLayerZstd);
      const bytes = await client.readBlob('bases/alpine', layer);
      expect(digestOf(zstdDecompressSync(bytes))).toBe(diffIds[1]);
    }
    expect(await build(command, { compression: 'zstd' })).toEqual(zstd);
  });

  it('refuses an image that does not stand on the mirror', async () => {
    await pushImage(registry.host, {
      repository: 'others/alpine',
      tag: '3.21.3',
      platforms: PLATFORMS,
      layers: [{ another: 'one' }],
    });
    const command = await standIn(await pushBuilt('others/alpine'));
    await expect(build(command)).rejects.toThrow(
      /linux\/amd64 does not stand on the layers of .*mirrors\/alpine/,
    );
    await expect(client.listTags('bases/alpine')).rejects.toThrow();
  });

  it('says what the program said last, without the password', async () => {
    const command = await standIn(
      '/nowhere',
      `console.error('error: cannot pull with ${Buffer.from(PASSWORD).toString(
        'base64',
      )}'); process.exit(3);`,
    );
    await expect(build(command)).rejects.toThrow(
      'ended with 3: error: cannot pull with ***',
    );
  });

  it('names the program that is missing', async () => {
    const missing = join(folder, 'none');
    expect(await builder(missing).findFault()).toMatch(
      /builder buildkit: the program .*none is not installed/,
    );
    await expect(build(missing)).rejects.toMatchObject({
      name: 'ServiceUnavailableError',
      message: expect.stringContaining(missing),
    });
    const there = await standIn('/nowhere');
    expect(await builder(there).findFault()).toBeUndefined();
  });

  it('ends the program with all it has started when it is cancelled', async () => {
    const command = await standIn(
      '/nowhere',
      `require('node:child_process').spawn('sleep', ['987']).on('spawn', function () {
        console.error('sleeper ' + this.pid);
      }); setInterval(() => {}, 1000); process.on('SIGTERM', () => process.exit(0)); return;`,
    );
    const building = build(command);
    while (!log.some(line => line.startsWith('sleeper'))) {
      await new Promise(resolve => setTimeout(resolve, 20));
    }
    const sleeper = Number(log[0].split(' ')[1]);
    controller.abort(new Error('cancelled by somebody'));
    await expect(building).rejects.toThrow('cancelled by somebody');
    const isGone = async () =>
      (await readFile(`/proc/${sleeper}/stat`, 'utf8').catch(() => ') Z'))
        .split(') ')[1]
        .startsWith('Z');
    for (let tries = 0; !(await isGone()) && tries < 100; tries += 1) {
      await new Promise(resolve => setTimeout(resolve, 20));
    }
    expect(await isGone()).toBe(true);
  });

  it('refuses a registry that has a token', async () => {
    const command = await standIn('/nowhere');
    await expect(
      build(command, {
        registry: () => ({ insecure: true, auth: { token: 'a-token' } }),
      }),
    ).rejects.toThrow(/has a token; .* needs username and password/);
  });

  it('names a secret whose file is gone', async () => {
    const command = await standIn('/nowhere');
    await expect(
      build(command, { secrets: [{ id: 'npmrc', file: '/nowhere/npmrc' }] }),
    ).rejects.toThrow(
      'secret npmrc (imglife.bases.secrets) cannot be read: ENOENT',
    );
  });
});
