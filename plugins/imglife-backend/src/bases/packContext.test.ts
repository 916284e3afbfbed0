import { randomBytes } from 'node:crypto';
import type { ContextFile } from '@imglife/backstage-plugin-imglife-node';
import { hashContext } from './inputHash';
import { MAX_KEPT_BYTES, packContext, unpackContext } from './packContext';

function file(path: string, content: Buffer, mode = 0o644): ContextFile {
  const size = content.length;
  return { type: 'file', path, mode, size, read: async () => content };
}

describe('packContext', () => {
  it('gives back what it was given', async () => {
    const files: ContextFile[] = [
      { type: 'directory', path: 'bin', mode: 0o755 },
      file('bin/run', Buffer.from('#!/bin/sh\n'), 0o755),
      file(`${'deep/'.repeat(40)}ü.txt`, Buffer.from('long')),
      file('empty', Buffer.alloc(0)),
      { type: 'symlink', path: 'link', target: '../bin/run' },
    ];
    const packed = await packContext(files);
    const unpacked = await unpackContext(packed!);
    expect(unpacked.map(({ path, type }) => [path, type])).toEqual(
      files.map(({ path, type }) => [path, type]),
    );
    expect(await hashContext(unpacked)).toBe(await hashContext(files));
    const [, run] = unpacked;
    expect(run.type === 'file' && String(await run.read())).toBe('#!/bin/sh\n');
    expect(await unpackContext((await packContext([]))!)).toEqual([]);
  });

  it('keeps only what is small, packed', async () => {
    const zeros = Buffer.alloc(10 * MAX_KEPT_BYTES);
    expect(await packContext([file('zeros', zeros)])).toBeDefined();
    const noise = randomBytes(MAX_KEPT_BYTES + 1);
    expect(await packContext([file('noise', noise)])).toBeUndefined();
    const read = jest.fn();
    const huge = { ...file('huge', zeros), size: 1e9, read } as ContextFile;
    expect(await packContext([huge])).toBeUndefined();
    expect(read).not.toHaveBeenCalled();
  });
});
