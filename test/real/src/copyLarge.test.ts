import { RegistryClient, resolveImage } from '@imglife/oci';
import { describeWithComponents, pushImage } from '@imglife/test-registry';
import { randomFillSync } from 'node:crypto';
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DebianRegistry } from './DebianRegistry';
import { mustRun } from './runProgram';
import { nodeTransform } from './sources';

jest.setTimeout(180_000);

const MIB = 1024 * 1024;
const LARGE = 256 * MIB;
const HEAP_MIB = 128;
const MOST_GROWTH = 100 * MIB;

describeWithComponents(['docker-registry'], 'a COPY of 256 MiB', () => {
  let folder: string;
  let registry: DebianRegistry;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'imglife-large-'));
    registry = await DebianRegistry.start(path.join(folder, 'registry'));
    await mkdir(path.join(folder, 'context'));
    await writeFile(path.join(folder, 'context/small'), 'small');
    const large = await open(path.join(folder, 'context/large'), 'w');
    const piece = Buffer.alloc(MIB);
    for (let at = 0; at < LARGE; at += MIB) {
      await large.write(randomFillSync(piece));
    }
    await large.close();
  });

  afterAll(async () => {
    await registry.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('takes memory that does not grow with it', async () => {
    const { host } = registry;
    const repository = 'mirrors/alpine';
    const platforms = ['linux/amd64', 'linux/arm64'];
    const made = await pushImage(host, { repository, tag: '1.0', platforms });
    const said = await mustRun(process.execPath, [
      `--max-old-space-size=${HEAP_MIB}`,
      ...['--require', nodeTransform, path.join(__dirname, 'copyLarge.ts')],
      ...[host, `${host}/${repository}:1.0@${made.digest}`],
      path.join(folder, 'context'),
    ]);
    const { digest, growth } = JSON.parse(said.trim().split('\n').pop() ?? '');
    expect(growth).toBeLessThan(MOST_GROWTH);
    const client = RegistryClient.create({ host, insecure: true });
    const built = await resolveImage({
      client,
      repository: 'bases/large',
      reference: digest,
    });
    await client.close();
    const layers = built.images.map(({ manifest }) => manifest.layers[1]);
    expect(layers[0].size).toBeGreaterThan(LARGE);
    // made once for both platforms
    expect(layers[1].digest).toBe(layers[0].digest);
  });
});
