import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { InputError, toError } from '@backstage/errors';
import { pack, type Header, type Pack } from 'tar-stream';
import type { LayerEntry } from './LayerWriter';

/** Owners up to this fit into a plain header; others need a pax record. */
const MAX_PLAIN_OWNER = 0o777777;

// Without it tar-stream takes the mode 0 for none at all; it is cut off again.
const REGULAR = 0o100000;

type NewHeader = Partial<Header> & Pick<Header, 'name'>;

function paxOf({ uid, gid }: LayerEntry): Record<string, string> | undefined {
  const large = Object.entries({ uid, gid }).filter(
    ([, id]) => id > MAX_PLAIN_OWNER,
  );
  return large.length
    ? Object.fromEntries(large.map(([name, id]) => [name, String(id)]))
    : undefined;
}

function headerOf(entry: LayerEntry, created: Date): NewHeader {
  const { type, path, uid, gid } = entry;
  const pax = paxOf(entry);
  const common = { type, uid, gid, mtime: created, ...(pax && { pax }) };
  switch (entry.type) {
    case 'directory':
      return { ...common, name: `${path}/`, mode: REGULAR | entry.mode };
    case 'symlink':
      return { ...common, name: path, mode: 0o777, linkname: entry.target };
    case 'file': {
      const { size } = entry.content;
      return { ...common, name: path, mode: REGULAR | entry.mode, size };
    }
    default: {
      const { major, minor, mode } = entry;
      const device = { devmajor: major, devminor: minor };
      return { ...common, name: path, mode: REGULAR | mode, ...device };
    }
  }
}

async function writeEntry(
  tar: Pack,
  entry: LayerEntry,
  created: Date,
): Promise<void> {
  const header = headerOf(entry, created);
  if (entry.type !== 'file' || entry.content.size === 0) {
    tar.entry(header, '');
    return;
  }
  const sink = tar.entry(header);
  try {
    const content = await entry.content.open();
    await pipeline(content, sink as unknown as Writable);
  } catch (error) {
    if (toError(error).message === 'Size mismatch') {
      throw new InputError(`/${entry.path} changed while it was copied`);
    }
    throw error;
  }
}

/**
 * A tar archive, piece by piece.
 *
 * @param created - of every entry, cut to whole seconds
 * @throws InputError - a file is not as long as it was when it was listed
 */
export async function* writeTar(
  entries: ReadonlyArray<LayerEntry>,
  created: Date,
): AsyncGenerator<Buffer> {
  const tar = pack();
  let fault: unknown;
  const writing = (async () => {
    for (const entry of entries) {
      await writeEntry(tar, entry, created);
    }
    tar.finalize();
  })().catch(error => {
    fault = error;
    tar.destroy(error);
  });
  try {
    for await (const chunk of tar) {
      yield chunk as Buffer;
    }
  } catch (error) {
    await writing;
    throw fault ?? error;
  } finally {
    tar.destroy();
    await writing;
  }
}
