import {
  mkdir,
  readdir,
  readFile,
  readlink,
  stat,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { CliHarness } from '../testing/CliHarness';

const harness = CliHarness.create();
beforeEach(harness.start);
afterEach(harness.stop);

const IMAGE = 'alpine/3.21.3-core1.0.0/linux-amd64';

type Content = string | { linkname: string } | { type: 'link' | 'fifo' };

async function archiveOf(
  files: Array<[string, Content]>,
  given: object = {},
): Promise<Buffer> {
  const tar = pack();
  const list = {
    items: [item()],
    folders: [IMAGE],
    entries: files.length,
    ...given,
  };
  tar.entry({ name: 'export.json' }, JSON.stringify(list));
  for (const [name, content] of files) {
    if (typeof content === 'string') {
      tar.entry({ name, mode: 0o755 }, content);
    } else if ('linkname' in content) {
      tar.entry({ name, type: 'symlink', ...content });
    } else {
      tar.entry({ name, linkname: 'x', ...content });
    }
  }
  tar.finalize();
  return buffer(tar as never);
}

function item(change: object = {}) {
  return {
    reference: 'reg.test/bases/alpine:3.21.3-core1.0.0',
    action: 'export',
    reason: 'first-build',
    state: 'done',
    error: null,
    ...change,
  };
}

const whole: Array<[string, Content]> = [
  [`${IMAGE}/build.json`, '{}'],
  [`${IMAGE}/Dockerfile`, 'FROM x\n'],
  [`${IMAGE}/etc/link`, { linkname: '../tool' }],
  [`${IMAGE}/tool`, '#!/bin/sh\n'],
];

async function exporting(
  archive: Buffer | undefined,
  ...args: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  harness.portal.answer = () =>
    archive
      ? { headers: { 'content-type': 'application/x-tar' }, body: archive }
      : { status: 404, body: { error: { message: 'no base "x"' } } };
  return harness.run(['build', ...args, '--output-dir', 'out']);
}

const out = (...names: string[]) => path.join(harness.folder, 'out', ...names);

it('writes a folder for each image and platform', async () => {
  const archive = await archiveOf(whole);
  const { code, stdout, stderr } = await exporting(archive);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain('first-build');
  expect(stdout).toContain('1 folders written to out');
  expect(harness.portal.requests).toMatchObject([
    { method: 'GET', path: '/api/imglife/v1/bases/export' },
  ]);
  expect(await readFile(out(IMAGE, 'Dockerfile'), 'utf8')).toBe('FROM x\n');
  expect((await stat(out(IMAGE, 'tool'))).mode % 0o1000).toBe(0o755);
  expect(await readlink(out(IMAGE, 'etc/link'))).toBe('../tool');
  // nothing else stays there
  expect(await readdir(out())).toEqual(['alpine']);
});

it('takes the place of an earlier export, and of nothing else', async () => {
  await exporting(await archiveOf([...whole, [`${IMAGE}/old`, 'x']]));
  await exporting(await archiveOf(whole), 'alpine', '--force');
  expect(harness.lastQuery).toEqual({ name: 'alpine', force: 'true' });
  expect((await readdir(out(IMAGE))).sort()).toEqual(
    ['Dockerfile', 'build.json', 'etc', 'tool'].sort(),
  );

  const other = 'mine/1/linux-amd64';
  await mkdir(out(other), { recursive: true });
  await writeFile(out(other, 'precious'), 'x');
  const list = { items: [], folders: [other] };
  const { code, stderr } = await exporting(
    await archiveOf([[`${other}/build.json`, '{}']], list),
  );
  expect(code).toBe(2);
  expect(stderr).toContain('not from an export');
  expect(await readdir(out(other))).toEqual(['precious']);
});

it('writes nothing with --dry-run', async () => {
  const archive = await archiveOf(whole);
  const { code, stdout } = await exporting(
    archive,
    '--dry-run',
    '--output',
    'json',
  );
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({ items: [item()], folders: [IMAGE] });
  await expect(readdir(out())).rejects.toThrow('ENOENT');
});

it('ends with 1 when a base cannot be exported', async () => {
  const failed = item({ state: 'failed', error: 'line 3: no variable "x"' });
  const list = { items: [failed], folders: [] };
  const { code, stdout } = await exporting(await archiveOf([], list));
  expect(code).toBe(1);
  expect(stdout).toContain('line 3: no variable "x"');
});

it('ends with 2 when the portal refuses', async () => {
  const { code, stderr } = await exporting(undefined, 'x');
  expect(code).toBe(2);
  expect(stderr).toContain('no base "x"');
});

it.each<[string, Array<[string, Content]>, object, string]>([
  ['..', [[`${IMAGE}/../../../../evil`, 'x']], {}, 'outside'],
  ['an absolute file', [['/tmp/imglife-evil', 'x']], {}, 'outside'],
  ['a backslash', [['a\\..\\..\\evil', 'x']], {}, 'outside'],
  [
    'a file through a link',
    [
      [`${IMAGE}/way`, { linkname: '../../../..' }],
      [`${IMAGE}/way/evil`, 'x'],
    ],
    {},
    'EEXIST',
  ],
  ['a hard link', [[`${IMAGE}/a`, { type: 'link' }]], {}, 'neither'],
  ['a pipe', [[`${IMAGE}/a`, { type: 'fifo' }]], {}, 'neither'],
  ['another list', [], { items: 1 }, 'does not know'],
  ['a folder elsewhere', [], { items: [], folders: ['../evil'] }, 'outside'],
])('refuses %s, and leaves nothing', async (_name, files, list, said) => {
  const archive = await archiveOf(files, list);
  const { code, stderr } = await exporting(archive);
  expect(code).toBe(2);
  expect(stderr).toContain(said);
  expect(await readdir(out())).toEqual([]);
  expect(await readdir(harness.folder)).toEqual(['out']);
});

it('leaves nothing of an archive that breaks off', async () => {
  const archive = await archiveOf(whole);
  const { code } = await exporting(archive.subarray(0, archive.length - 2048));
  expect(code).toBe(3);
  expect(await readdir(out())).toEqual([]);
});
