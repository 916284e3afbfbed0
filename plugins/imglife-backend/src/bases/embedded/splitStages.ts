import { InputError } from '@backstage/errors';
import {
  type DockerfileInstruction,
  type ParsedDockerfile,
  splitWords,
} from '@imglife/dockerfile';
import { atInstruction } from './dockerfile';

/** One stage of a Dockerfile, as written. */
export interface StageText {
  from: DockerfileInstruction;
  /** what FROM names; quotes and variables as they stand */
  image: string;
  /** in small letters, as names of stages are compared */
  name: string | undefined;
  instructions: DockerfileInstruction[];
}

/** A Dockerfile by its stages. */
export interface DockerfileStages {
  /** ARGs before the first FROM */
  globals: DockerfileInstruction[];
  stages: StageText[];
}

const NAME = /^[a-z][a-z0-9_.-]*$/;

function readFrom(from: DockerfileInstruction, escape: string): StageText {
  const [image, ...alias] = splitWords(from.text, escape);
  const name = alias[1]?.toLowerCase();
  const named = alias.length === 2 && /^as$/i.test(alias[0]);
  if (image === undefined || (alias.length && !named)) {
    throw new InputError(
      `${atInstruction(from)}: write FROM image, or FROM image AS name`,
    );
  }
  if (named && !NAME.test(name)) {
    throw new InputError(
      `${atInstruction(from)}: ${alias[1]} is no name of a stage`,
    );
  }
  return { from, image, name, instructions: [] };
}

/**
 * Cuts a Dockerfile at its FROMs.
 *
 * @throws InputError - a FROM is not understood
 */
export function splitStages(dockerfile: ParsedDockerfile): DockerfileStages {
  const split: DockerfileStages = { globals: [], stages: [] };
  for (const instruction of dockerfile.instructions) {
    if (instruction.keyword === 'FROM') {
      split.stages.push(readFrom(instruction, dockerfile.escape));
    } else {
      const stage = split.stages.at(-1);
      (stage?.instructions ?? split.globals).push(instruction);
    }
  }
  return split;
}

/**
 * A stage before another, by name or number (`FROM`, `COPY --from`).
 *
 * @param before - index of the stage that names it
 * @returns its index; undefined when there is none
 */
export function findStage(
  name: string,
  before: number,
  stages: ReadonlyArray<StageText>,
): number | undefined {
  const earlier = stages.slice(0, before);
  const found = earlier.findLastIndex(
    stage => stage.name === name.toLowerCase(),
  );
  if (found >= 0) {
    return found;
  }
  return /^\d+$/.test(name) && Number(name) < before ? Number(name) : undefined;
}
