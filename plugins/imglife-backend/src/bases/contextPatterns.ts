import { InputError } from '@backstage/errors';
import { RE2JS } from 're2js';

// A class `[a-z]`, an escaped character, or any other one.
const TOKEN = /\[(\^?)((?:\\.|[^\]\\])+)\]|\\(.)|[\s\S]/gu;

function tokenPattern(
  token: string,
  inverted: string | undefined,
  members: string | undefined,
  escaped: string | undefined,
): string {
  if (members !== undefined) {
    const safe = members.replace(/\\?([[\]^&~])/g, '\\$1');
    return inverted ? `[^/${safe}]` : `[${safe}]`;
  }
  if (token === '*' || token === '?') {
    return token === '*' ? '[^/]*' : '[^/]';
  }
  return RE2JS.quote(escaped ?? token);
}

function segmentPattern(segment: string): string {
  return segment.replace(TOKEN, tokenPattern);
}

/**
 * A pattern over paths of a context: `*`, `?` and `[a-z]` stay within one part
 * of the path, a part `**` stands for any number of parts, `\` takes the
 * meaning from what follows it. It is run by RE2, so that no pattern takes
 * for ever.
 *
 * @param pattern - relative, with `/` between its parts
 * @throws InputError - it is no pattern
 */
export function pathPattern(pattern: string): { test(path: string): boolean } {
  const parts = pattern.split('/');
  const text = parts
    .map((part, index) => {
      const last = index === parts.length - 1;
      if (part === '**') {
        return last ? '.*' : '(?:.*/)?';
      }
      return segmentPattern(part) + (last ? '' : '/');
    })
    .join('');
  try {
    const compiled = RE2JS.compile(text, RE2JS.DOTALL);
    return { test: path => compiled.matches(path) };
  } catch {
    throw new InputError(`"${pattern}" is no pattern of paths`);
  }
}

/**
 * Whether patterns match a path: the last one that matches it, or a folder it
 * lies in, decides; `!` takes a path out of the match again.
 *
 * @throws InputError - one is no pattern
 */
export function matchesPatterns(
  patterns: ReadonlyArray<string>,
): (path: string) => boolean {
  const rules = patterns.map(each => {
    const taken = each.startsWith('!');
    const path = each
      .slice(taken ? 1 : 0)
      .trim()
      .replace(/^(\.?\/)+/, '')
      .replace(/\/+$/, '');
    return { taken, pattern: pathPattern(path) };
  });
  return path => {
    const parts = path.split('/');
    const paths = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
    return rules.reduce(
      (matched, rule) =>
        paths.some(each => rule.pattern.test(each)) ? !rule.taken : matched,
      false,
    );
  };
}

/**
 * Reads a `.dockerignore`: the last line that matches a path, or a folder it
 * lies in, decides; `!` takes a path in again (Docker docs, "Build context",
 * .dockerignore files).
 *
 * @param text - the file's content
 * @returns whether a path is left out of the context
 */
export function ignoredPaths(text: string): (path: string) => boolean {
  const lines = text
    // Windows editors begin files with it
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map(line => line.trim());
  return matchesPatterns(
    lines.filter(line => line !== '' && !line.startsWith('#')),
  );
}
