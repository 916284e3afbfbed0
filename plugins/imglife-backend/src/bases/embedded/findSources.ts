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
}

const WILDCARD = /[*?[\\]/;

function findLiteral(
  source: string,
  tree: ImageTree,
  where: string,
): FoundSource[] {
  const path = tree.resolve(source);
  const entry = tree.get(path);
  if (!entry) {
    throw new InputError(
      tree.get(posix.normalize(source))
        ? `${source} is a link to what is not in ${where}`
        : `${source} is not in ${where}`,
    );
  }
  return [{ name: posix.basename(source), path, entry }];
}

function expand(folders: string[], part: string, tree: ImageTree): string[] {
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
 * @param where - names the tree, for errors
 * @returns empty when nothing matches a pattern, which is no fault, as in
 *   BuildKit
 * @throws InputError - a path without pattern is not there
 */
export function findSources(
  source: string,
  tree: ImageTree,
  where: string,
): FoundSource[] {
  const path = posix.join('/', source);
  if (!WILDCARD.test(path)) {
    return findLiteral(source, tree, where);
  }
  const parts = path.split('/').filter(part => part !== '');
  const paths = parts.reduce(
    (folders, part) => expand(folders, part, tree),
    [''],
  );
  return paths.flatMap(each => findLiteral(each, tree, where));
}
