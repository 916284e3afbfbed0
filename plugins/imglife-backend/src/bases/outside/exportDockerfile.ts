import { InputError } from '@backstage/errors';
import type { DockerfileInstruction } from '@imglife/dockerfile';
import { parseDockerfile } from '../embedded/dockerfile';

/** What is written into an exported Dockerfile. */
export interface ExportDockerfileOptions {
  /** build arguments, which become the defaults of the `ARG`s that name them */
  args: Readonly<Record<string, string>>;
  labels: Readonly<Record<string, string>>;
  /** what every `FROM` is to be of; undefined where there is only one */
  platform?: string;
}

function quoted(name: string, value: string, escape: string): string {
  if (/[\r\n]/.test(value)) {
    throw new InputError(
      `${name} holds a line break, which an exported Dockerfile cannot hold`,
    );
  }
  return `"${value.replace(/["$\\`]/g, character =>
    character === '"' || character === '$' || character === escape
      ? `${escape}${character}`
      : character,
  )}"`;
}

/** The lines that give an `ARG` its values. */
function argumentLines(
  { text }: DockerfileInstruction,
  args: Readonly<Record<string, string>>,
  escape: string,
): string[] {
  return text
    .split(/\s+/)
    .map(word => word.split('=', 1)[0])
    .filter(name => Object.hasOwn(args, name))
    .map(name => `ARG ${name}=${quoted(`args.${name}`, args[name], escape)}`);
}

/** One name, and all of it on one line. */
function isAlone({ text }: DockerfileInstruction, line: string): boolean {
  const [, rest] = /^\s*ARG\s+(.*?)\s*$/i.exec(line) ?? [];
  return rest === text && !/\s/.test(text);
}

function withPlatform(line: string, platform: string): string {
  return line.replace(/^(\s*FROM\s+)/i, `$1--platform=${platform} `);
}

function stageName({ text }: DockerfileInstruction): string | undefined {
  return /\sas\s+(\S+)\s*$/i.exec(text)?.[1].toLowerCase();
}

function needsPlatform(
  { flags, text }: DockerfileInstruction,
  stages: ReadonlyArray<string | undefined>,
): boolean {
  const source = text.split(/\s+/)[0].toLowerCase();
  return !flags.platform && source !== 'scratch' && !stages.includes(source);
}

/**
 * A Dockerfile that gives the same image without being told anything beside
 * it: build arguments, platform and labels stand in it.
 *
 * @throws InputError - it is no Dockerfile, or an argument cannot stand in one
 */
export function exportDockerfile(
  dockerfile: string,
  options: ExportDockerfileOptions,
): string {
  const { args, labels, platform } = options;
  const { escape, instructions } = parseDockerfile(dockerfile);
  const lines = dockerfile.trimEnd().split('\n');
  const after = new Map<number, string[]>();
  const stages: Array<string | undefined> = [];
  instructions.forEach((instruction, index) => {
    const { keyword, line } = instruction;
    if (keyword === 'FROM') {
      if (platform && needsPlatform(instruction, stages)) {
        lines[line - 1] = withPlatform(lines[line - 1], platform);
      }
      stages.push(stageName(instruction));
    }
    if (keyword === 'ARG') {
      const given = argumentLines(instruction, args, escape);
      // a builder warns of an ARG that nobody gave
      if (given.length && isAlone(instruction, lines[line - 1])) {
        [lines[line - 1]] = given;
      } else {
        const end = (instructions[index + 1]?.line ?? lines.length + 1) - 1;
        after.set(end, given);
      }
    }
  });
  const written = lines.flatMap((line, index) => [
    line,
    ...(after.get(index + 1) ?? []),
  ]);
  const named = Object.entries(labels).map(
    ([name, value]) => `LABEL "${name}"=${quoted(name, value, escape)}`,
  );
  return `${[...written, ...named].join('\n')}\n`;
}
