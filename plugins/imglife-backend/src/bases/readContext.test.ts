import {
  mkdir,
  mkdtemp,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContextFile } from '@imglife/backstage-plugin-imglife-node';
import { hashContext } from './inputHash';
import { contextPath, readContext } from './readContext';

async function readAll(file: ContextFile | undefined): Promise<string> {
  let text = '';
  if (file?.type === 'file') {
    for await (const chunk of file.open!()) {
      text += chunk;
    }
  }
  return text;
}

describe('readContext', () => {
  let parent: string;
  let folder: string;

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'imglife-context-'));
    folder = join(parent, 'context');
    await mkdir(folder);
    await writeFile(join(parent, 'secret'), 'secret');
    await writeFile(join(folder, 'file'), 'content');
  });
  afterEach(() => rm(parent, { recursive: true }));

  it('streams files, and hashes them as if they were read whole', async () => {
    const files = await readContext(folder);
    expect(await readAll(files[0])).toBe('content');
    await writeFile(join(folder, 'large'), 'x'.repeat(100_000));
    files.push(...(await readContext(folder)));
    const whole = files.map(file =>
      file.type === 'file' ? { ...file, open: undefined } : file,
    );
    expect(await hashContext(files)).toBe(await hashContext(whole));
  });

  it('lists a link out of the context as a link, and reads nothing behind it', async () => {
    await symlink('../secret', join(folder, 'link'));
    await symlink('..', join(folder, 'up'));
    const files = await readContext(folder);
    expect(files.map(({ type, path }) => [type, path])).toEqual([
      ['file', 'file'],
      ['symlink', 'link'],
      ['symlink', 'up'],
    ]);
    // a file that is a link by the time it is read
    await rm(join(folder, 'file'));
    await symlink('../secret', join(folder, 'file'));
    const [file] = files;
    await expect(readAll(file)).rejects.toThrow('ELOOP');
    await expect(file.type === 'file' && file.read()).rejects.toThrow('ELOOP');
  });

  it('heeds the ignore file of the template before the one of all', async () => {
    await writeFile(join(folder, 'other'), '');
    await writeFile(join(folder, 'base.tmpl'), 'FROM x');
    await writeFile(join(folder, '.dockerignore'), 'file');
    const listed = async () =>
      (await readContext(folder, './base.tmpl')).map(({ path }) => path);
    expect(await listed()).toEqual(['other']);
    await writeFile(join(folder, 'base.tmpl.dockerignore'), 'other');
    expect(await listed()).toEqual(['file']);
    await writeFile(join(folder, 'base.tmpl.dockerignore'), '');
    expect(await listed()).toEqual(['file', 'other']);
    // of another template it is a file like any other
    const others = await readContext(folder, 'Dockerfile.tmpl');
    expect(others.map(({ path }) => path)).toEqual([
      'base.tmpl',
      'base.tmpl.dockerignore',
      'other',
    ]);
  });

  it('refuses a context over its limit, without reading it', async () => {
    await truncate(join(folder, 'file'), 3 * 1024 ** 3);
    await expect(readContext(folder)).rejects.toThrow(
      `The context ${folder} holds 3221225472 bytes, over 2147483648; leave files out by .dockerignore`,
    );
    await writeFile(join(folder, '.dockerignore'), 'file');
    await expect(readContext(folder)).resolves.toEqual([]);
  });

  it.each([
    ['../secret', 'lies outside the context'],
    ['link', 'lies outside the context'],
    ['nope', 'There is no file'],
  ])('refuses %s', async (path, fault) => {
    await symlink('../secret', join(folder, 'link'));
    await expect(contextPath(folder, path)).rejects.toThrow(fault);
  });

  it('finds what lies in the context, also by a link', async () => {
    await symlink('file', join(folder, 'inner'));
    await expect(contextPath(folder, 'inner')).resolves.toBe(
      join(folder, 'inner'),
    );
  });
});
