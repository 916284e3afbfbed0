import { DockerfileError } from './DockerfileError';

/** A file written out in the Dockerfile (Dockerfile reference, "Here-Documents"). @public */
export interface Heredoc {
  /** what ends it, and the file's name in a folder */
  name: string;
  /** whether variables are replaced: the name has no quotes */
  expand: boolean;
  content: string;
}

const START = /(?:^|\s)<<(-?)(["']?)([^\s"'<>]+)\2(?=\s|$)/g;

/** Whether a word of an instruction begins a here-document. @public */
export function isHeredoc(word: string): boolean {
  return new RegExp(START).test(word);
}

/**
 * Reads the here-documents that an instruction names out of the lines that
 * follow it.
 *
 * @param at - names the instruction, for errors
 * @throws DockerfileError - one has no end
 */
export function takeHeredocs(
  argument: string,
  lines: ReadonlyArray<string>,
  at: string,
): Heredoc[] {
  let next = 0;
  return [...argument.matchAll(START)].map(([, tabs, quote, name]) => {
    const clean = (line: string) => (tabs ? line.replace(/^\t+/, '') : line);
    const length = lines.slice(next).findIndex(line => clean(line) === name);
    if (length < 0) {
      throw new DockerfileError(
        `${at} begins a here-document that no line "${name}" ends`,
      );
    }
    const content = lines
      .slice(next, next + length)
      .map(line => `${clean(line)}\n`)
      .join('');
    next += length + 1;
    return { name, expand: quote === '', content };
  });
}
