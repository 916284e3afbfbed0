import { DockerfileParser } from 'dockerfile-ast';
import { DockerfileError } from './DockerfileError';
import { takeHeredocs, type Heredoc } from './takeHeredocs';

/** One instruction of a Dockerfile. @public */
export interface DockerfileInstruction {
  /** in capitals */
  keyword: string;
  /** of the first line, from 1 */
  line: number;
  /** `--name=value`, the value without quotes or variables replaced */
  flags: Record<string, string>;
  /** all of them in order: some may stand several times, such as `--exclude` */
  flagList: ReadonlyArray<readonly [name: string, value: string]>;
  /** what follows the flags, on one line, without comments */
  text: string;
  /** as it stands, on one line and without here-documents; for the history */
  source: string;
  /** of COPY and ADD, in the order they are named */
  heredocs: Heredoc[];
}

/** A Dockerfile, cut into its instructions. @public */
export interface ParsedDockerfile {
  /** `\` or a backtick */
  escape: string;
  instructions: DockerfileInstruction[];
}

const FLAG = /^--([A-Za-z-]+)(?:=(\S*))?(?:\s+|$)/;
const WITH_HEREDOCS = ['COPY', 'ADD', 'RUN', 'ONBUILD'];

// dockerfile-ast says where an instruction ends; its own joined text keeps
// the comments between continued lines.
function joinLines(
  lines: ReadonlyArray<string>,
  escape: string,
): { text: string; rest: string[] } {
  const end = escape === '\\' ? /(^|[^\\])\\[ \t]*$/ : /(^|[^`])`[ \t]*$/;
  let text = '';
  for (const [index, line] of lines.entries()) {
    if (index === 0 || !/^\s*(#|$)/.test(line)) {
      text += line.replace(end, '$1');
      if (!end.test(line)) {
        return { text: text.trim(), rest: lines.slice(index + 1) };
      }
    }
  }
  return { text: text.trim(), rest: [] };
}

function splitFlags(
  text: string,
): Pick<DockerfileInstruction, 'flags' | 'flagList' | 'text'> {
  const flagList: Array<[string, string]> = [];
  let rest = text;
  for (let flag = FLAG.exec(rest); flag; flag = FLAG.exec(rest)) {
    flagList.push([flag[1], flag[2] ?? '']);
    rest = rest.slice(flag[0].length);
  }
  return { flags: Object.fromEntries(flagList), flagList, text: rest };
}

/**
 * Cuts a Dockerfile into instructions. What they mean is not looked at.
 *
 * @throws DockerfileError - there is no instruction in it, or a here-document has
 *   no end
 * @public
 */
export function parseDockerfile(text: string): ParsedDockerfile {
  const dockerfile = DockerfileParser.parse(text);
  const escape = dockerfile.getEscapeCharacter();
  const instructions = dockerfile.getInstructions().map(instruction => {
    const lines = instruction.getTextContent().split(/\r?\n/);
    const { text: source, rest } = joinLines(lines, escape);
    const keyword = instruction.getKeyword();
    const line = instruction.getRange().start.line + 1;
    const argument = source.slice(keyword.length).trim();
    const heredocs = WITH_HEREDOCS.includes(keyword)
      ? takeHeredocs(argument, rest, `${keyword} in line ${line}`)
      : [];
    return { keyword, line, source, heredocs, ...splitFlags(argument) };
  });
  if (!instructions.length) {
    throw new DockerfileError('The Dockerfile has no instruction');
  }
  return { escape, instructions };
}
