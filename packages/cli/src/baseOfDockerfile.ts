import {
  DockerfileError,
  type DockerfileInstruction,
  expandWord,
  parseDockerfile,
  splitWords,
  type Variables,
} from '@imglife/dockerfile';
import { UsageError } from './UsageError';

/** What decides which image a Dockerfile builds on. */
export interface DockerfileOptions {
  /** values of `--build-arg`, over the defaults of ARG */
  buildArgs: Record<string, string>;
  /** name or number of a stage; default the last one */
  target?: string;
}

interface From {
  line: number;
  /** as written, variables in it */
  image?: string;
  /** in lower case */
  stage?: string;
}

/** The image a Dockerfile builds on, and where it says so. */
export interface DockerfileBase {
  image: string;
  /** of its FROM, from 1 */
  line: number;
}

/**
 * The image that the final stage of a Dockerfile is built on, its ARGs
 * resolved; `FROM stage` is followed.
 *
 * @throws UsageError - no FROM, no such stage, or an ARG without a value
 */
export function baseOfDockerfile(
  text: string,
  options: DockerfileOptions,
): DockerfileBase {
  try {
    return resolveBase(text, options);
  } catch (error) {
    throw error instanceof DockerfileError
      ? new UsageError(error.message)
      : error;
  }
}

function resolveBase(text: string, options: DockerfileOptions): DockerfileBase {
  const { escape, instructions } = parseDockerfile(text);
  const froms = instructions
    .filter(({ keyword }) => keyword === 'FROM')
    .map(instruction => readFrom(instruction, escape));
  const known = globalArgs(instructions, escape, options.buildArgs);
  let at = stageNumber(froms, options.target);
  for (;;) {
    const from = froms[at];
    if (!from.image) {
      throw new UsageError(`line ${from.line}: FROM names no image`);
    }
    const resolved = resolveImage(from.image, from.line, escape, known);
    const stage = froms
      .slice(0, at)
      .findIndex(earlier => earlier.stage === resolved.toLowerCase());
    if (stage === -1) {
      return { image: resolved, line: from.line };
    }
    at = stage;
  }
}

function readFrom(instruction: DockerfileInstruction, escape: string): From {
  const [image, as, stage] = splitWords(instruction.text, escape);
  return {
    line: instruction.line,
    image,
    ...(as?.toLowerCase() === 'as' && { stage: stage?.toLowerCase() }),
  };
}

function stageNumber(froms: From[], target: string | undefined): number {
  if (froms.length === 0) {
    throw new UsageError('the Dockerfile has no FROM');
  }
  if (target === undefined) {
    return froms.length - 1;
  }
  const named = froms.findIndex(({ stage }) => stage === target.toLowerCase());
  const found = named === -1 && /^\d+$/.test(target) ? Number(target) : named;
  if (!froms[found]) {
    throw new UsageError(
      `the Dockerfile has no stage ${JSON.stringify(target)}`,
    );
  }
  return found;
}

/** Only an ARG before the first FROM may be used in a FROM. */
function globalArgs(
  instructions: DockerfileInstruction[],
  escape: string,
  buildArgs: Record<string, string>,
): ReadonlyMap<string, string> {
  const known = new Map<string, string>();
  for (const { keyword, text } of instructions) {
    if (keyword === 'FROM') {
      break;
    }
    for (const word of keyword === 'ARG' ? splitWords(text, escape) : []) {
      const [name, ...rest] = word.split('=');
      // A default may name a variable that nobody sets: it is empty then
      const value =
        buildArgs[name] ??
        (rest.length
          ? expandWord(rest.join('='), escape, key => known.get(key))
          : undefined);
      if (value !== undefined) {
        known.set(name, value);
      }
    }
  }
  return known;
}

/** `FROM` with its variables replaced; one without a value is a fault. */
function resolveImage(
  image: string,
  line: number,
  escape: string,
  known: ReadonlyMap<string, string>,
): string {
  const valueOf: Variables = (name, plain) => {
    const value = known.get(name);
    if (plain && !value) {
      throw new UsageError(
        `line ${line}: ARG ${name} has no value: give it with --build-arg ${name}=…`,
      );
    }
    return value;
  };
  try {
    return expandWord(image, escape, valueOf);
  } catch (error) {
    throw error instanceof DockerfileError
      ? new UsageError(
          `line ${line}: cannot resolve ${image}: ${error.message}; name the base with --base`,
        )
      : error;
  }
}
