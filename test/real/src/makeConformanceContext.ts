import { requireComponent } from '@imglife/test-registry';
import { chmod, copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { pack, type Header } from 'tar-stream';
import { mustRun } from './runProgram';

type Entry = Pick<Header, 'name'> & Partial<Header> & { text?: string };

const OWNER = { uid: 100, gid: 33 };
const BASE: Entry[] = [
  { name: 'tmp/', type: 'directory', mode: 0o1777 },
  { name: 'bin', type: 'symlink', linkname: 'usr/bin' },
  { name: 'etc/', type: 'directory', mode: 0o755 },
  { name: 'etc/motd', mode: 0o640, ...OWNER, text: 'hello\n' },
  { name: 'etc/alias', type: 'symlink', linkname: 'motd' },
  { name: 'etc/passwd', text: 'root:x:0:0::/:/bin/sh\napp:x:100:101::/:/x\n' },
  { name: 'etc/group', text: 'root:x:0:\nweb:x:33:\n' },
];
const ARCHIVE: Entry[] = [
  { name: './inner/', type: 'directory', mode: 0o700, ...OWNER },
  { name: './inner/file', mode: 0o4711, ...OWNER, text: 'archived\n' },
  { name: './inner/link', type: 'symlink', linkname: 'file', ...OWNER },
  {
    name: './inner/same',
    type: 'link',
    linkname: './inner/file',
    mode: 0o4711,
    ...OWNER,
  },
];

/** A file in place of a link, and a link in place of a file. */
const OVER: Entry[] = [
  { name: 'alias', text: 'no link\n' },
  { name: 'group', type: 'symlink', linkname: 'passwd' },
  { name: 'motd', text: 'new\n', ...OWNER },
];

async function makeArchive(entries: Entry[]): Promise<Buffer> {
  const archive = pack();
  entries.forEach(({ text = '', ...entry }) =>
    archive.entry({ mtime: new Date(0), ...entry }, text),
  );
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive) {
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks);
}

/**
 * Writes the context of the conformance table, and beside it the one of its
 * mirror: busybox, a linked /bin, accounts, a /tmp with its sticky bit.
 *
 * @returns the mirror's context, with its Dockerfile
 */
export async function makeConformanceContext(folder: string): Promise<string> {
  const write = async (
    file: string,
    content: string | Buffer,
    mode = 0o644,
  ) => {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), content);
    await chmod(path.join(folder, file), mode);
  };
  await write('a.txt', 'a\n');
  await write('b.txt', 'b\n');
  await write('with space', 'space\n');
  await write('run.sh', '#!/bin/sh\n', 0o755);
  await write(
    'hello.sh',
    '#!/usr/bin/busybox sh\necho "hello $WHO $1 $2 in $PWD"\n',
  );
  await write('dir/a', 'dir a\n');
  await write('dir/e', 'dir e\n');
  await write('dir/sub/deep', 'deep\n');
  await write('dir2/z', 'z\n');
  await write('links/file', 'file\n');
  await symlink('file', path.join(folder, 'links/relative'));
  await symlink('/etc/motd', path.join(folder, 'links/absolute'));
  await symlink('nothing', path.join(folder, 'links/dangling'));
  await symlink('a.txt', path.join(folder, 'link'));
  await write('rootfs/bin/tool', 'tool\n');
  await write('rootfs/tmp/file', 'file\n');
  await write('accounts/passwd', 'late:x:55:56::/:/x\n');
  await write('accounts/group', 'later:x:57:\n');
  const archive = await makeArchive(ARCHIVE);
  await write('files.tar', archive);
  await write('files.tar.gz', gzipSync(archive));
  await write('files.tar.zst', zstdCompressSync(archive));
  await mustRun('xz', ['--keep', path.join(folder, 'files.tar')]);
  await write('over.tar', await makeArchive(OVER));
  await write('plain.gz', gzipSync('plain'));
  const base = `${folder}-base`;
  await mkdir(base);
  await copyFile(requireComponent('busybox'), path.join(base, 'busybox'));
  await writeFile(path.join(base, 'base.tar'), await makeArchive(BASE));
  await writeFile(
    path.join(base, 'Dockerfile'),
    `FROM scratch
COPY --chmod=755 busybox /usr/bin/busybox
ADD base.tar /
ENV PATH=/usr/bin
CMD ["/usr/bin/busybox", "sh"]
LABEL upstream=yes
`,
  );
  return base;
}
