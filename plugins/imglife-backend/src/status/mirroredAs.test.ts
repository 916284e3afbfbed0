import type { MirrorDefinition } from '../definitions/Definitions';
import { mirroredAs, mirrorsBySource } from './mirroredAs';

const mirrors = mirrorsBySource([
  {
    source: { registry: 'docker.io', repository: 'library/node' },
    target: { registry: 'reg:5000', repository: 'mirrors/node' },
  } as MirrorDefinition,
]);

it.each([
  [
    'docker.io/library/node:24.1.0',
    { repository: 'reg:5000/mirrors/node', family: '3|' },
  ],
  [
    'docker.io/library/node:24.1.0-slim',
    { repository: 'reg:5000/mirrors/node', family: '3|slim' },
  ],
  ['docker.io/library/node', undefined],
  ['docker.io/library/alpine:3.21.3', undefined],
  ['reg:5000/mirrors/node:24.1.0', undefined],
])('%s', (reference, expected) => {
  expect(mirroredAs(reference, mirrors)).toEqual(expected);
});
