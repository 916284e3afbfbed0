function segmentPattern(segment: string): string {
  return segment
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '[^/]*')
    .replace(/\?/g, '[^/]');
}

/**
 * A pattern over paths of a context: `*` and `?` stay within one part of the
 * path, a part `**` stands for any number of parts.
 *
 * @param pattern - relative, with `/` between its parts
 */
export function pathPattern(pattern: string): RegExp {
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
  return new RegExp(`^${text}$`, 's');
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
  const rules = text
    .split(/\r?\n/)
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('#'))
    .map(line => {
      const taken = line.startsWith('!');
      const path = line
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
      (ignored, rule) =>
        paths.some(each => rule.pattern.test(each)) ? !rule.taken : ignored,
      false,
    );
  };
}
