import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describeWithComponents, requireComponent } from './components';
import { digestOf } from './digest';
import { makeImage } from './makeImage';
import { pushImage } from './pushImage';
import { TestRegistry } from './TestRegistry';
import { TestRegistryOptions } from './TestRegistryOptions';

jest.setTimeout(60_000);

const PLATFORMS = ['linux/amd64', 'linux/arm64', 'linux/arm/v7'];

describeWithComponents(['skopeo'], 'skopeo', () => {
  let home: string;
  let source: TestRegistry;
  let target: TestRegistry;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'imglife-skopeo-'));
    await writeFile(
      join(home, 'policy.json'),
      '{"default":[{"type":"insecureAcceptAnything"}]}',
    );
  });

  afterEach(async () => {
    await source?.stop();
    await target?.stop();
  });

  afterAll(async () => {
    await rm(home, { recursive: true, force: true });
  });

  async function startBoth(options: TestRegistryOptions = {}) {
    const directory = await mkdtemp(join(home, 'target-'));
    source = await TestRegistry.start();
    target = await TestRegistry.start({ storage: { directory }, ...options });
  }

  async function skopeo(...args: string[]): Promise<Buffer> {
    const { stdout } = await promisify(execFile)(
      requireComponent('skopeo'),
      ['--policy', join(home, 'policy.json'), ...args],
      {
        encoding: 'buffer',
        env: { ...process.env, HOME: home, XDG_RUNTIME_DIR: home },
      },
    );
    return stdout;
  }

  /** Writes an image of one platform as an OCI image layout (image-layout.md). */
  async function writeLayout(directory: string): Promise<string> {
    const { digest, mediaType, bytes, blobs } = makeImage({
      platforms: ['linux/amd64'],
      layers: [{ 'etc/motd': 'hello' }, { 'usr/share/app': 'app' }],
    });
    const files = new Map<string, string | Buffer>([
      ['oci-layout', '{"imageLayoutVersion":"1.0.0"}'],
      [
        'index.json',
        JSON.stringify({
          schemaVersion: 2,
          manifests: [
            {
              mediaType,
              digest,
              size: bytes.length,
              annotations: { 'org.opencontainers.image.ref.name': '1.0' },
            },
          ],
        }),
      ],
    ]);
    for (const [name, content] of [...blobs, [digest, bytes] as const]) {
      files.set(`blobs/${name.replace(':', '/')}`, content);
    }
    for (const [path, content] of files) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), content);
    }
    return digest;
  }

  it('pushes an image and pulls it again', async () => {
    await startBoth();
    const layout = join(home, 'layout');
    const digest = await writeLayout(layout);
    const image = `docker://${target.host}/apps/shop:1.0`;
    await skopeo(
      'copy',
      '--preserve-digests',
      '--dest-tls-verify=false',
      `oci:${layout}:1.0`,
      image,
    );
    const raw = await skopeo('inspect', '--raw', '--tls-verify=false', image);
    expect(digestOf(raw)).toBe(digest);
    const pulled = join(home, 'pulled');
    await skopeo('copy', '--src-tls-verify=false', image, `dir:${pulled}`);
    const inspected = await skopeo('inspect', `dir:${pulled}`);
    expect(JSON.parse(inspected.toString())).toMatchObject({
      Digest: digest,
      Architecture: 'amd64',
      Os: 'linux',
    });
  });

  it('copies an index, lists tags and deletes', async () => {
    await startBoth();
    const { digest } = await pushImage(source.host, {
      repository: 'library/alpine',
      tag: '3.21.3',
      platforms: PLATFORMS,
    });
    const repository = `docker://${target.host}/mirrors/alpine`;
    for (const tag of ['3.21.3', 'latest']) {
      await skopeo(
        'copy',
        '--all',
        '--preserve-digests',
        '--src-tls-verify=false',
        '--dest-tls-verify=false',
        `docker://${source.host}/library/alpine:3.21.3`,
        `${repository}:${tag}`,
      );
    }
    const image = `${repository}:3.21.3`;
    const raw = await skopeo('inspect', '--raw', '--tls-verify=false', image);
    expect(digestOf(raw)).toBe(digest);
    const list = ['list-tags', '--tls-verify=false', repository];
    expect(JSON.parse((await skopeo(...list)).toString()).Tags).toEqual([
      '3.21.3',
      'latest',
    ]);
    await skopeo('delete', '--tls-verify=false', image);
    expect(JSON.parse((await skopeo(...list)).toString()).Tags).toEqual([]);
  });

  it('comes in with a token', async () => {
    await startBoth({
      auth: { username: 'ci', password: 'secret' },
      tokenAuth: true,
    });
    await pushImage(source.host, {
      repository: 'library/alpine',
      tag: '3.21.3',
      platforms: PLATFORMS,
    });
    const copy = (credentials: string) =>
      skopeo(
        'copy',
        '--all',
        '--preserve-digests',
        '--src-tls-verify=false',
        '--dest-tls-verify=false',
        '--dest-creds',
        credentials,
        `docker://${source.host}/library/alpine:3.21.3`,
        `docker://${target.host}/mirrors/alpine:3.21.3`,
      );
    await expect(copy('ci:wrong')).rejects.toThrow('invalid username/password');
    await copy('ci:secret');
    const paths = target.requests.map(({ path }) => path);
    expect(paths).toContain('/token');
  });
});
