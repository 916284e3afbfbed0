import { DockerfileParser } from 'dockerfile-ast';
import { DockerfileError } from './DockerfileError';

/** One instruction of a Dockerfile. @public */
export interface DockerfileInstruction {
  /** in capitals */
  keyword: string;
  /** of the first line, from 1 */
  line: number;
  /** `--name=value`, the value without quotes or variables replaced */
  flags: Record<string, string>;
  /** what follows the flags, on one line, without comments */
  text: string;
  /** as it stands, on one line; for the image's history */
  source: string;
}

/** A Dockerfile, cut into its instructions. @public */
export interface ParsedDockerfile {
  /** `\` or a backtick */
  escape: string;
  instructions: DockerfileInstruction[];
}

const FLAG = /^--([A-Za-z-]+)(?:=(\S*))?(?:\s+|$)/;

// dockerfile-ast says where an instruction ends; its own joined text keeps
// the comments between continued lines.
function joinLines(text: string, escape: string): string {
  const end = escape === '\\' ? /(^|[^\\])\\[ \t]*$/ : /(^|[^`])`[ \t]*$/;
  return text
    .split(/\r?\n/)
    .filter((line, index) => index === 0 || !/^\s*(#|$)/.test(line))
    .map(line => line.replace(end, '$1'))
    .join('')
    .trim();
}

function splitFlags(
  text: string,
): Pick<DockerfileInstruction, 'flags' | 'text'> {
  const flags: Record<string, string> = {};
  let rest = text;
  for (let flag = FLAG.exec(rest); flag; flag = FLAG.exec(rest)) {
    flags[flag[1]] = flag[2] ?? '';
    rest = rest.slice(flag[0].length);
  }
  return { flags, text: rest };
}

/**
 * Cuts a Dockerfile into instructions. What they mean is not looked at.
 *
 * @throws DockerfileError - there is no instruction in it
 * @public
 */
export function parseDockerfile(text: string): ParsedDockerfile {
  const dockerfile = DockerfileParser.parse(text);
  const escape = dockerfile.getEscapeCharacter();
  const instructions = dockerfile.getInstructions().map(instruction => {
    const source = joinLines(instruction.getTextContent(), escape);
    const keyword = instruction.getKeyword();
    return {
      keyword,
      line: instruction.getRange().start.line + 1,
      source,
      ...splitFlags(source.slice(keyword.length).trim()),
    };
  });
  if (!instructions.length) {
    throw new DockerfileError('The Dockerfile has no instruction');
  }
  return { escape, instructions };
}
