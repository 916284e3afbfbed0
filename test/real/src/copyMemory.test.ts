import { describeWithComponents, pushImage } from '@imglife/test-registry';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DebianRegistry } from './DebianRegistry';
import { runCopies } from './runCopies';

jest.setTimeout(120_000);

const MIB = 1024 * 1024;
const LARGE = 384 * MIB;
const MOST_MEMORY = 48 * MIB;
const TOLERANCE = 16 * MIB;

describeWithComponents(['docker-registry'], 'a copy of a large layer', () => {
  let folder: string;
  let registries: DebianRegistry[];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'imglife-memory-'));
    registries = await Promise.all(
      ['from', 'to'].map(name => DebianRegistry.start(path.join(folder, name))),
    );
  });

  afterAll(async () => {
    await Promise.all(registries.map(registry => registry.stop()));
    await rm(folder, { recursive: true, force: true });
  });

  it('takes memory that does not grow with it', async () => {
    const [from, to] = registries.map(({ host }) => host);
    for (const [repository, size] of [
      ['tiny', 1_000],
      ['ten', 10 * MIB],
      ['large', LARGE],
    ] as const) {
      const layers = [{ content: randomBytes(size) }];
      const platforms = ['linux/amd64'];
      await pushImage(from, { repository, tag: '1', platforms, layers });
    }
    const memoryOf = async (image: string) =>
      (await runCopies({ from, to, prefix: 'copied', images: [image] })).memory;
    const small = await memoryOf('ten:1');
    const large = await memoryOf('large:1');
    expect(large).toBeLessThan(MOST_MEMORY);
    // what is read waits until it is collected: of both as much
    expect(large).toBeLessThan(small + TOLERANCE);
  });
});
