import path from 'node:path';

/** What makes Node read the sources of this repository. */
export const nodeTransform = require.resolve(
  '@backstage/cli-node/config/nodeTransform.cjs',
);

/** Absolute folder of this repository. */
export const repository = path.resolve(
  path.dirname(require.resolve('@imglife/test-real/package.json')),
  '../..',
);
