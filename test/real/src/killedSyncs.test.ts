import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { runKillTrial, seededRandom } from './killTrial';

jest.setTimeout(240_000);

const TAGS = 200;
const KILLS = 5;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'imglife-real-kills-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

it('never shows a reader a broken image, however often it is killed', async () => {
  const seed = Date.now() % 100_000;
  const random = seededRandom(seed);
  const result = await runKillTrial({
    folder,
    kills: KILLS,
    tags: TAGS,
    random,
  });
  expect({ seed, ...result }).toMatchObject({
    seed,
    kills: KILLS,
    broken: [],
    different: [],
    current: TAGS,
  });
  expect(result.tagsAtKill.at(-1)).toBeGreaterThan(0);
  expect(result.pulls).toBeGreaterThan(50);
});
