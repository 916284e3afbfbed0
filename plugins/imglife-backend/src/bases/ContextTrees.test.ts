import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { UrlReaders } from '@backstage/backend-defaults/urlReader';
import { mockServices } from '@backstage/backend-test-utils';
import { ConfigReader } from '@backstage/config';
import { pack, type Header } from 'tar-stream';
import { ContextTrees } from './ContextTrees';

jest.setTimeout(30_000);

const SHA = '0123456789abcdef0123456789abcdef01234567';
const COMMITTED = new Date('2026-03-01T10:00:00Z');

async function archiveOf(
  files: Array<Partial<Header> & { name: string; content?: string }>,
): Promise<Buffer> {
  const archive = pack();
  for (const { content = '', ...header } of files) {
    archive.entry({ mtime: COMMITTED, ...header }, content);
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) {
    chunks.push(Buffer.from(chunk as Uint8Array));
  }
  return gzipSync(Buffer.concat(chunks));
}

/** Backstage's own reader, on a server that answers as Gitea does. */
describe('ContextTrees', () => {
  let server: Server;
  let host: string;
  let sha: string;
  let archive: Buffer;
  let asked: string[];
  let trees: ContextTrees;

  beforeEach(async () => {
    sha = SHA;
    asked = [];
    server = createServer((request, response) => {
      const kind = /\/(commits|archive)\//.exec(request.url ?? '')?.[1] ?? '';
      asked.push(kind);
      response.end(kind === 'commits' ? JSON.stringify({ sha }) : archive);
    });
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
    host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const config = new ConfigReader({
      integrations: { gitea: [{ host, baseUrl: `http://${host}` }] },
    });
    const logger = mockServices.logger.mock();
    trees = ContextTrees.create({
      reader: UrlReaders.default({ config, logger }),
      now: () => new Date(),
    });
    archive = await archiveOf([
      { name: 'images/alpine/Dockerfile.tmpl', content: 'FROM x\n' },
      { name: 'images/alpine/run.sh', content: '#!/bin/sh\n', mode: 0o755 },
      { name: 'images/alpine/in', type: 'symlink', linkname: 'run.sh' },
      { name: 'images/alpine/out', type: 'symlink', linkname: '/etc/passwd' },
      { name: 'images/secret.txt', content: 'of another folder' },
    ]);
  });

  afterEach(async () => {
    await trees.close();
    server.close();
  });

  const url = () => `http://${host}/platform/images/src/branch/main/alpine`;

  it('reads a folder of a commit, and none but it', async () => {
    const tree = await trees.read(url());
    expect(tree).toMatchObject({ revision: SHA, committedAt: COMMITTED });
    const file = (name: string) => join(tree.folder, name);
    expect(await readFile(file('run.sh'), 'utf8')).toBe('#!/bin/sh\n');
    expect(await readlink(file('in'))).toBe('run.sh');
    expect(existsSync(file('out'))).toBe(false);
    expect(
      execFileSync('find', [tree.folder, '-name', 'secret*']).toString(),
    ).toBe('');
  });

  it('fetches a tree once as long as its commit stays', async () => {
    const [first, second] = await Promise.all([
      trees.read(url()),
      trees.read(url()),
    ]);
    expect(second.folder).toBe(first.folder);
    expect((await trees.read(url())).folder).toBe(first.folder);
    expect(asked).toEqual(['commits', 'archive', 'commits']);
  });

  it('takes up a new commit, and keeps the tree before for builds at work', async () => {
    const first = await trees.read(url());
    sha = SHA.replaceAll('0', 'f');
    archive = await archiveOf([
      { name: 'images/alpine/Dockerfile.tmpl', content: 'FROM y\n' },
    ]);
    const second = await trees.read(url());
    expect(second.revision).toBe(sha);
    expect(await readFile(join(second.folder, 'Dockerfile.tmpl'), 'utf8')).toBe(
      'FROM y\n',
    );
    expect(existsSync(first.folder)).toBe(true);

    sha = SHA.replaceAll('0', 'e');
    const third = await trees.read(url());
    expect(existsSync(first.folder)).toBe(false);
    await trees.close();
    expect([second, third].map(({ folder }) => existsSync(folder))).toEqual([
      false,
      false,
    ]);
  });

  it('tells no time that is only the unpacking', async () => {
    archive = await archiveOf([
      { name: 'images/alpine/a', mtime: new Date(Date.now() + 60_000) },
    ]);
    expect((await trees.read(url())).committedAt).toBeUndefined();
  });

  it('stops a tree that is too large, and leaves nothing', async () => {
    archive = await archiveOf(
      Array.from({ length: 20_001 }, (_, index) => ({
        name: `images/alpine/${index}`,
      })),
    );
    await expect(trees.read(url())).rejects.toThrow(
      /over 20000 entries or 2147483648 bytes/,
    );
  });

  it('names the context that cannot be read, and tries again', async () => {
    server.close();
    server.closeAllConnections();
    await expect(trees.read(url())).rejects.toThrow(
      `Cannot read the context ${url()}`,
    );
    await new Promise<void>(done =>
      server.listen(Number(host.split(':')[1]), '127.0.0.1', done),
    );
    expect((await trees.read(url())).revision).toBe(SHA);
  });
});
