// The licenses of what was bundled: each has to go along with its code.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

const FOLDER = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//;
const LICENSE = /^(licen[cs]e|copying|notice)/i;

/** The folders of packages that files of a bundle come from, by name. */
function packageFolders(metafile, folder) {
  const files = Object.values(metafile.outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([file]) => path.resolve(folder, file));
  return [
    ...new Set(files.map(file => FOLDER.exec(file)?.[1]).filter(Boolean)),
  ].sort();
}

async function noticeOf(folder) {
  const { name, version, license } = JSON.parse(
    await readFile(path.join(folder, 'package.json'), 'utf8'),
  );
  const names = (await readdir(folder)).filter(file => LICENSE.test(file));
  if (!names.length) {
    throw new Error(`${name} has no license file that could go along`);
  }
  const texts = await Promise.all(
    names.sort().map(file => readFile(path.join(folder, file), 'utf8')),
  );
  return [`${name} ${version} (${license})`, ...texts.map(text => text.trim())];
}

/** One text with the license of every package in an esbuild metafile. */
export async function notices(metafile, folder) {
  const all = await Promise.all(packageFolders(metafile, folder).map(noticeOf));
  return `${all
    .map(parts => parts.join('\n\n'))
    .join(`\n\n${'-'.repeat(72)}\n\n`)}\n`;
}
