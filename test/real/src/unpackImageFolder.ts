import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';

/** One platform of an image, as a container would see it. */
export interface UnpackedImage {
  config: Record<string, unknown>;
  author?: string;
  /** by path: type, mode, owner, and content or target */
  files: Map<string, string>;
}

const LONGEST_SHOWN = 200;
// Go writes the file's type there too.
const PERMISSIONS = 0o7777;

function shown(bytes: Buffer): string {
  return bytes.length > LONGEST_SHOWN
    ? createHash('sha256').update(bytes).digest('hex')
    : JSON.stringify(bytes.toString());
}

function remove(files: Map<string, string>, file: string): void {
  for (const each of [...files.keys()]) {
    if (each === file || each.startsWith(`${file}/`)) {
      files.delete(each);
    }
  }
}

async function applyLayer(
  files: Map<string, string>,
  tar: Buffer,
): Promise<void> {
  const archive = extract();
  archive.end(tar);
  for await (const entry of archive) {
    const { name, type, mode, uid, gid, linkname } = entry.header;
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry) {
      chunks.push(chunk as Uint8Array);
    }
    const file = path.posix.join('/', name).replace(/\/$/, '');
    const folder = path.posix.dirname(file);
    const base = path.posix.basename(file);
    if (base.startsWith('.wh.')) {
      remove(files, path.posix.join(folder, base.slice('.wh.'.length)));
      continue;
    }
    if (file === '') {
      continue;
    }
    if (type !== 'directory' || !files.get(file)?.startsWith('directory')) {
      remove(files, file);
    }
    const owner = `${uid}:${gid}`;
    const bits = (mode & PERMISSIONS).toString(8).padStart(4, '0');
    if (type === 'link') {
      const target = path.posix.join('/', linkname ?? '');
      files.set(file, files.get(target) ?? 'link to nothing');
    } else if (type === 'symlink') {
      files.set(file, `link ${owner} ${linkname}`);
    } else if (type === 'file') {
      files.set(file, `file ${bits} ${owner} ${shown(Buffer.concat(chunks))}`);
    } else {
      files.set(file, `${type} ${bits} ${owner}`);
    }
  }
}

/**
 * Unpacks an image out of the folder that `skopeo copy … dir:` or `buildah
 * push … dir:` writes.
 */
export async function unpackImageFolder(
  folder: string,
): Promise<UnpackedImage> {
  const blob = (digest: string) =>
    readFile(path.join(folder, digest.slice('sha256:'.length)));
  const manifest = JSON.parse(
    await readFile(path.join(folder, 'manifest.json'), 'utf8'),
  );
  const { config, author } = JSON.parse(
    (await blob(manifest.config.digest)).toString(),
  );
  const files = new Map<string, string>();
  for (const layer of manifest.layers) {
    const bytes = await blob(layer.digest);
    const gzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    await applyLayer(files, gzip ? gunzipSync(bytes) : bytes);
  }
  return { config, author, files };
}
