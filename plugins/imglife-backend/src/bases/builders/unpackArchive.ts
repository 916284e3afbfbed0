import { createReadStream, createWriteStream } from 'node:fs';
import { link, mkdir } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';

/**
 * Unpacks a tar archive's files, and its links to files among them (older
 * `docker save` shares equal layers so). Nothing is written outside the folder.
 *
 * @param archive - absolute
 * @param folder - absolute; made when missing
 */
export async function unpackArchive(
  archive: string,
  folder: string,
): Promise<void> {
  const isWithin = (file: string) => file.startsWith(`${folder}/`);
  const links: Array<[target: string, name: string]> = [];
  const entries = extract();
  const reading = pipeline(createReadStream(archive), entries);
  for await (const entry of entries) {
    const { name, type, linkname } = entry.header;
    const file = normalize(join(folder, name));
    if (type === 'file' && isWithin(file)) {
      await mkdir(dirname(file), { recursive: true });
      await pipeline(entry, createWriteStream(file));
    } else {
      if (type === 'symlink' && linkname && isWithin(file)) {
        links.push([normalize(join(dirname(file), linkname)), file]);
      }
      entry.resume();
    }
  }
  await reading;
  for (const [target, name] of links.filter(([to]) => isWithin(to))) {
    await mkdir(dirname(name), { recursive: true });
    await link(target, name);
  }
}
