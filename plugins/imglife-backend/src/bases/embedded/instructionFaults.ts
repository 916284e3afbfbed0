import type {
  DockerfileInstruction,
  ParsedDockerfile,
} from '@imglife/dockerfile';
import { atInstruction } from './dockerfile';

/** Flags of the instructions that need no process. */
const SUPPORTED: Record<string, string[]> = {
  FROM: [],
  ARG: [],
  ENV: [],
  LABEL: [],
  COPY: ['chown', 'chmod'],
  USER: [],
  WORKDIR: [],
  ENTRYPOINT: [],
  CMD: [],
  EXPOSE: [],
};

const CURE =
  'the builders buildah, docker and buildkit can run it: add one through the imglife.builders extension point and name it in imglife.bases.builder';

function instructionFault(
  instruction: DockerfileInstruction,
): string | undefined {
  const flags = SUPPORTED[instruction.keyword];
  const at = atInstruction(instruction);
  if (!flags) {
    const known = Object.keys(SUPPORTED).join(', ');
    return `${at} is beyond the embedded builder, which runs no process and knows ${known}; ${CURE}`;
  }
  const flag = Object.keys(instruction.flags).find(
    name => !flags.includes(name),
  );
  if (flag !== undefined) {
    return `${at} has --${flag}, which the embedded builder does not know; ${CURE}`;
  }
  if (
    /(^|\s)<<-?["']?\w/.test(instruction.text) &&
    instruction.keyword === 'COPY'
  ) {
    return `${at} has a here-document, which the embedded builder does not know; ${CURE}`;
  }
  return undefined;
}

/**
 * Why the embedded builder cannot build a Dockerfile: every fault, with the
 * instruction, its line and the builders that can.
 *
 * @returns empty when it can
 */
export function instructionFaults(dockerfile: ParsedDockerfile): string[] {
  const { instructions } = dockerfile;
  const faults = instructions
    .map(instructionFault)
    .filter(fault => fault !== undefined);
  const [first, second] = instructions.filter(
    ({ keyword }) => keyword === 'FROM',
  );
  if (!first) {
    faults.push('The rendered Dockerfile has no FROM');
  } else if (second) {
    faults.push(
      `${atInstruction(
        second,
      )} begins a second stage, which the embedded builder does not know; ${CURE}`,
    );
  }
  const early = instructions
    .slice(0, first ? instructions.indexOf(first) : 0)
    .find(({ keyword }) => keyword !== 'ARG');
  if (early) {
    faults.push(`${atInstruction(early)} stands before FROM`);
  }
  return faults;
}
