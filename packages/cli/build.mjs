// Bundles the command line into one file that needs nothing but Node.
// usage: node build.mjs [FILE]
import { build } from 'esbuild';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = path.dirname(fileURLToPath(import.meta.url));

await build({
  absWorkingDir: folder,
  entryPoints: ['src/index.ts'],
  outfile: path.resolve(
    process.argv[2] ?? path.join(folder, 'dist/imglife.cjs'),
  ),
  bundle: true,
  minify: true,
  keepNames: true,
  platform: 'node',
  target: 'node22',
  format: 'cjs',
  legalComments: 'linked',
  logLevel: 'warning',
});
