// Bundles the command line into one file that needs nothing but Node, and puts
// the licenses of what is in it beside it.
// usage: node build.mjs [FILE]
import { build } from 'esbuild';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { notices } from './notices.mjs';

const folder = path.dirname(fileURLToPath(import.meta.url));

const outfile = path.resolve(
  process.argv[2] ?? path.join(folder, 'dist/imglife.cjs'),
);

const { metafile } = await build({
  absWorkingDir: folder,
  entryPoints: ['src/index.ts'],
  outfile,
  bundle: true,
  minify: true,
  keepNames: true,
  platform: 'node',
  target: 'node22',
  format: 'cjs',
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
});

await writeFile(
  path.join(path.dirname(outfile), 'THIRD-PARTY-NOTICES.txt'),
  await notices(metafile, folder),
);
