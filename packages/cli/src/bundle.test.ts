import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';

jest.setTimeout(60_000);

const MAX_START_MS = 150;
const packageFolder = path.dirname(__dirname);
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'imglife-bundle-'));
  mkdirSync(path.join(folder, 'bin'));
  copyFileSync(
    path.join(packageFolder, 'bin/imglife'),
    path.join(folder, 'bin/imglife'),
  );
  execFileSync(process.execPath, [
    path.join(packageFolder, 'build.mjs'),
    path.join(folder, 'dist/imglife.cjs'),
  ]);
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function imglife(...argv: string[]) {
  return spawnSync(
    process.execPath,
    [path.join(folder, 'bin/imglife'), ...argv],
    { cwd: folder, env: {}, encoding: 'utf8' },
  );
}

it('is one file that needs no package, and none of Backstage', () => {
  expect(readdirSync(path.join(folder, 'dist')).sort()).toEqual([
    'THIRD-PARTY-NOTICES.txt',
    'imglife.cjs',
  ]);
  const text = readFileSync(path.join(folder, 'dist/imglife.cjs'), 'utf8');
  expect(text).not.toContain('@backstage');
  // What the portal checks again costs a third of the start
  expect(text).not.toContain('ZodError');
  // Nothing around it to load from: it runs alone
  const { status, stdout, stderr } = imglife('--help');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain('Usage: imglife');
  expect(imglife('check', '--base', 'x').status).toBe(2);
  const { dependencies } = JSON.parse(
    readFileSync(path.join(packageFolder, 'package.json'), 'utf8'),
  );
  expect(dependencies).toBeUndefined();
});

it('has the licenses of what is in it beside it', () => {
  const notices = readFileSync(
    path.join(folder, 'dist/THIRD-PARTY-NOTICES.txt'),
    'utf8',
  );
  for (const name of ['commander', 'tar-stream', 'dockerfile-ast']) {
    expect(notices).toMatch(new RegExp(`^${name} \\d\\S* \\(\\S+\\)$`, 'm'));
  }
  expect(notices).toContain('Permission is hereby granted');
});

it(`starts within ${MAX_START_MS} ms`, () => {
  // The quickest of some: the machine may be busy with other tests
  const times = Array.from({ length: 15 }, () => {
    const begun = performance.now();
    imglife('--help');
    return performance.now() - begun;
  });
  expect(Math.min(...times)).toBeLessThan(MAX_START_MS);
});
