import { posix } from 'node:path';
import { InputError } from '@backstage/errors';
import { pathPattern } from '../contextPatterns';
import type { ImageTree, TreeEntry } from './ImageTree';

/** What a source of COPY or ADD names. */
export interface FoundSource {
  /** the name a file gets in a folder */
  name: string;
  /** in the tree, links followed */
  path: string;
  entry: TreeEntry;
  /**
   * Where `--parents` puts it below the destination, part by part: the path as
   * written, from its first `/./` on.
   */
  kept: string[];
  /** the folders of `kept`, outermost first, in the tree */
  above: string[];
}

/** Where sources are looked for, and how. */
export interface FindSourcesOptions {
  tree: ImageTree;
  /** names the tree, for errors */
  where: string;
  /** whether a part `**` stands for any number of folders (`--parents`) */
  deep?: boolean;
}

const WILDCARD = /[*?[\\]/;
const PIVOT = '/./';

function partsOf(path: string): string[] {
  return posix
    .join('/', path)
    .split('/')
    .filter(part => part !== '');
}

function foundAt(
  written: string,
  pivot: number,
  { tree, where }: FindSourcesOptions,
): FoundSource {
  const path = tree.resolve(written);
  const entry = tree.get(path);
  if (!entry) {
    throw new InputError(
      tree.get(posix.normalize(written))
        ? `${written} is a link to what is not in ${where}`
        : `${written} is not in ${where}`,
    );
  }
  const parts = partsOf(written);
  const kept = parts.slice(pivot);
  const above = kept
    .slice(0, -1)
    .map((_, index) =>
      tree.resolve(parts.slice(0, pivot + index + 1).join('/')),
    );
  return { name: posix.basename(written), path, entry, kept, above };
}

function expand(
  folders: string[],
  part: string,
  { tree, deep }: FindSourcesOptions,
): string[] {
  if (deep && part === '**') {
    // a link to a folder is no way down
    return folders.flatMap(folder => {
      const real = tree.resolve(folder);
      const below = [...tree.walk(real)]
        .filter(([, { type }]) => type === 'directory')
        .map(([path]) => posix.join(folder, path.slice(real.length)));
      return [folder, ...below];
    });
  }
  const pattern = pathPattern(part);
  return folders.flatMap(folder => {
    const real = tree.resolve(folder);
    return tree
      .names(real)
      .filter(name => pattern.test(name))
      .map(name => posix.join(folder, name));
  });
}

/**
 * Files a source of COPY names: a path, or a pattern with `*`, `?` and
 * `[a-z]` within its parts (Go's filepath.Match). Links are followed within
 * the tree and never out of it; `..` cannot leave it.
 *
 * @returns empty when nothing matches a pattern, which is no fault, as in
 *   BuildKit
 * @throws InputError - a path without pattern is not there
 */
export function findSources(
  source: string,
  options: FindSourcesOptions,
): FoundSource[] {
  const at = source.indexOf(PIVOT);
  const pivot = at < 0 ? 0 : partsOf(source.slice(0, at)).length;
  if (!WILDCARD.test(source)) {
    return [foundAt(source, pivot, options)];
  }
  const paths = partsOf(source).reduce(
    (folders, part) => expand(folders, part, options),
    [''],
  );
  return [...new Set(paths)].map(each => foundAt(each, pivot, options));
}
