import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { digestOf } from './digest';
import { pushImage } from './pushImage';
import { RegistryHttp } from './RegistryHttp';

jest.setTimeout(60_000);

let directory: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'imglife-registry-main-'));
});

afterAll(async () => {
  children.forEach(child => child.kill('SIGKILL'));
  await rm(directory, { recursive: true, force: true });
});

function run(...args: string[]): ChildProcess {
  const child = spawn(
    process.execPath,
    [
      '--require',
      require.resolve('@backstage/cli-node/config/nodeTransform.cjs'),
      join(__dirname, 'main.ts'),
      ...args,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  children.push(child);
  return child;
}

/** Starts the registry; the URL is what its one line says. */
async function start(...args: string[]) {
  const child = run('--port', '0', '--directory', directory, ...args);
  const [line] = await once(createInterface(child.stdout!), 'line');
  expect(line).toMatch(/^listening on http:\/\/127\.0\.0\.1:\d+$/);
  return { child, url: String(line).replace('listening on ', '') };
}

it('keeps what it took when it is killed, and ends when asked', async () => {
  const first = await start('--no-manifest-checks');
  const { digest } = await pushImage(first.url, {
    repository: 'apps/shop',
    tag: '1.0',
    platforms: ['linux/amd64', 'linux/arm64'],
  });
  const absent = digestOf('absent');
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const config = { mediaType: 'a/b', digest: absent, size: 1 };
  const bytes = Buffer.from(
    JSON.stringify({ schemaVersion: 2, config, layers: [] }),
  );
  const http = RegistryHttp.create(first.url);
  await http.putManifest('apps/broken', '1.0', { digest, mediaType, bytes });
  const killed = once(first.child, 'exit');
  first.child.kill('SIGKILL');
  await killed;

  const second = await start();
  const again = RegistryHttp.create(second.url);
  expect(await again.headManifest('apps/shop', '1.0')).toBe(digest);
  await expect(
    again.putManifest('apps/broken', '2.0', { digest, mediaType, bytes }),
  ).rejects.toThrow('MANIFEST_BLOB_UNKNOWN');
  const ended = once(second.child, 'exit');
  second.child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
});

it('slows the downloads it is told to', async () => {
  const digest = digestOf('0123456789');
  const { url, child } = await start(
    `--slow-blob`,
    `${digest}=20`,
    '--slow-after',
    '1',
  );
  const http = RegistryHttp.create(url);
  await http.pushBlob('a', digest, Buffer.from('0123456789'));
  const read = async () => {
    const begin = performance.now();
    const response = await fetch(`${url}/v2/a/blobs/${digest}`);
    expect(await response.text()).toBe('0123456789');
    return performance.now() - begin;
  };
  expect(await read()).toBeLessThan(400);
  expect(await read()).toBeGreaterThan(450);
  child.kill('SIGINT');
});

it.each([
  [['--port', 'x'], '--port needs a number'],
  [['--port', '0', '--slow-after', '-1'], 'slow-after'],
  [['--port', '0', '--slow-blob', 'x=1'], '--slow-blob needs DIGEST='],
  [['--port', '0', '--fast'], "Unknown option '--fast'"],
])('refuses %j', async (args, message) => {
  const child = run(...args);
  let text = '';
  child.stderr!.on('data', chunk => {
    text += chunk;
  });
  expect(await once(child, 'close')).toEqual([2, null]);
  expect(text).toContain(message);
  expect(text).toContain('usage: ');
});
