import { InputError } from '@backstage/errors';
import type {
  DockerfileInstruction,
  ParsedDockerfile,
} from '@imglife/dockerfile';
import { atInstruction, parseDockerfile } from './dockerfile';

/** Flags of the instructions that need no process. */
const SUPPORTED: Record<string, string[]> = {
  FROM: ['platform'],
  ARG: [],
  ENV: [],
  LABEL: [],
  MAINTAINER: [],
  COPY: ['chown', 'chmod', 'from', 'link', 'parents', 'exclude'],
  ADD: ['chown', 'chmod', 'link', 'exclude', 'unpack'],
  USER: [],
  WORKDIR: [],
  ENTRYPOINT: [],
  CMD: [],
  EXPOSE: [],
  VOLUME: [],
  STOPSIGNAL: [],
  SHELL: [],
  HEALTHCHECK: [
    'interval',
    'timeout',
    'start-period',
    'start-interval',
    'retries',
  ],
  ONBUILD: [],
};

const NO_TRIGGERS = ['ONBUILD', 'FROM', 'MAINTAINER'];

/** What to do about an instruction that needs a process. */
export const CURE =
  'the builders buildah, docker and buildkit can run it: name one in imglife.bases.builder';

// What ADD would fetch: a URL, or a git repository.
const REMOTE = /^["']?(?:https?|ftp|git|ssh):\/\/|^["']?git@/;

function instructionFault(
  instruction: DockerfileInstruction,
): string | undefined {
  const flags = SUPPORTED[instruction.keyword];
  const at = atInstruction(instruction);
  if (!flags && instruction.keyword !== 'RUN') {
    return `${at} is no instruction`;
  }
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
  const twice = instruction.flagList.find(
    ([name], index, all) =>
      name !== 'exclude' && all.findIndex(each => each[0] === name) < index,
  );
  if (twice) {
    return `${at} has --${twice[0]} twice`;
  }
  const words = instruction.text.split(/[\s[\],]+/);
  const remote = words.find(word => REMOTE.test(word));
  if (instruction.keyword === 'ADD' && remote !== undefined) {
    return `${at} fetches ${remote}, which the embedded builder does not; keep the file in the context, or ${CURE}`;
  }
  return instruction.keyword === 'ONBUILD'
    ? triggerFault(instruction)
    : undefined;
}

function triggerFault(instruction: DockerfileInstruction): string | undefined {
  const at = atInstruction(instruction);
  const [keyword] = instruction.text.split(/\s/);
  if (NO_TRIGGERS.includes(keyword.toUpperCase())) {
    return `${at} cannot trigger ${keyword.toUpperCase()}`;
  }
  return instruction.heredocs.length
    ? `${at} has a here-document, which a trigger cannot keep`
    : undefined;
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
  const first = instructions.findIndex(({ keyword }) => keyword === 'FROM');
  if (first < 0) {
    faults.push('The rendered Dockerfile has no FROM');
  }
  const early = instructions
    .slice(0, Math.max(0, first))
    .find(({ keyword }) => keyword !== 'ARG');
  if (early) {
    faults.push(`${atInstruction(early)} stands before FROM`);
  }
  return faults;
}

/**
 * Reads the triggers (ONBUILD) of an image, which are carried out first in
 * what is built on it.
 *
 * @param from - the FROM that names the image
 * @throws InputError - one cannot be carried out
 */
export function readTriggers(
  triggers: ReadonlyArray<string>,
  from: DockerfileInstruction,
): DockerfileInstruction[] {
  const instructions = triggers
    .flatMap(trigger => parseDockerfile(trigger).instructions)
    .map(instruction => ({ ...instruction, line: from.line }));
  const fault = instructions
    .map(instructionFault)
    .find(each => each !== undefined);
  if (fault !== undefined) {
    throw new InputError(`by ONBUILD of ${from.text}: ${fault}`);
  }
  return instructions;
}
