import { InputError } from '@backstage/errors';
import {
  DockerfileError,
  type DockerfileInstruction,
  expandHeredoc as expandText,
  expandWord as expand,
  type ParsedDockerfile,
  parseDockerfile as parse,
  type Variables,
} from '@imglife/dockerfile';

function refusing<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof DockerfileError
      ? new InputError(error.message)
      : error;
  }
}

/**
 * Cuts a Dockerfile into instructions.
 *
 * @throws InputError - there is no instruction in it, or a here-document has
 *   no end
 */
export function parseDockerfile(text: string): ParsedDockerfile {
  return refusing(() => parse(text));
}

/**
 * Removes quotes and escapes of a word and puts in its variables.
 *
 * @param escape - the Dockerfile's escape character
 * @throws InputError - a quote or bracket is open, or a modifier is not known
 */
export function expandWord(
  word: string,
  escape: string,
  variables: Variables,
): string {
  return refusing(() => expand(word, escape, variables));
}

/**
 * Puts the variables into a here-document.
 *
 * @throws InputError - a bracket is open, or a modifier is not known
 */
export function expandHeredoc(content: string, variables: Variables): string {
  return refusing(() => expandText(content, variables));
}

/** Names an instruction and where it stands, for errors. */
export function atInstruction(instruction: DockerfileInstruction): string {
  return `${instruction.keyword} in line ${instruction.line} of the rendered Dockerfile`;
}
