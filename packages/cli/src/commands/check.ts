import {
  type FailOn,
  failOnValues,
  type Verdict,
  violationsOf,
} from '@imglife/backstage-plugin-imglife-common';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { baseOfDockerfile, type DockerfileBase } from '../baseOfDockerfile';
import type { CliContext } from '../CliContext';
import { exitCodes } from '../exitCodes';
import { keyValues } from '../keyValues';
import { UsageError } from '../UsageError';
import { githubAnnotations } from '../verdict/githubAnnotations';
import { gitlabReport } from '../verdict/gitlabReport';
import type { JudgedBase } from '../verdict/JudgedBase';
import { junitReport } from '../verdict/junitReport';
import { markdownVerdict } from '../verdict/markdownVerdict';
import { verdictLines } from '../verdict/verdictLines';

/** The forms of `imglife check --output`. */
export const checkOutputs = [
  'text',
  'json',
  'markdown',
  'junit',
  'github',
  'gitlab',
] as const;

/** A form of `imglife check --output`. */
export type CheckOutput = (typeof checkOutputs)[number];

/** An image on nothing is fine, and there is nothing to ask the portal. */
const scratchVerdict: Verdict = {
  base: 'scratch',
  name: null,
  kind: null,
  state: null,
  cycle: null,
  freshness: 'none',
  latest: null,
  latestInCycle: null,
  outdatedSince: null,
  graceUntil: null,
  upToDate: true,
  support: 'unknown',
  eolDate: null,
  eol: [],
  status: 'ok',
  violations: [],
  exemption: null,
  advice: null,
  warnings: [],
  notes: [],
};

/** Options of `imglife check`. */
export interface CheckOptions {
  base?: string;
  digest?: string;
  application?: string;
  dockerfile: string;
  buildArg: string[];
  target?: string;
  strict?: boolean;
  failOn?: string;
  output: CheckOutput;
}

/**
 * Asks for the verdict on a base.
 *
 * @returns the exit code: 1 with `strict` or `failOn` and a violation
 */
export async function check(
  options: CheckOptions,
  context: CliContext,
): Promise<number> {
  const failOn = readFailOn(options.failOn);
  const { image: base, line } = options.base
    ? { image: options.base, line: 1 }
    : await readBase(options, context);
  const verdict =
    base.toLowerCase() === 'scratch'
      ? scratchVerdict
      : await context.api().check({
          base,
          ...(options.digest && { digest: options.digest }),
          ...(options.application && { application: options.application }),
        });
  const violations =
    failOn && verdict !== scratchVerdict
      ? violationsOf(
          {
            ...verdict,
            inGrace: verdict.graceUntil !== null,
            exempt:
              verdict.exemption !== null || verdict.kind === 'development',
          },
          failOn,
        )
      : verdict.violations;
  const fails = Boolean(options.strict || failOn) && violations.length > 0;
  const file = path.relative(
    context.cwd,
    path.resolve(context.cwd, options.dockerfile),
  );
  linesOf({ verdict, violations, fails, file, line }, options.output).forEach(
    text => context.print(text),
  );
  return fails ? exitCodes.violation : exitCodes.ok;
}

function linesOf(judged: JudgedBase, output: CheckOutput): string[] {
  const { verdict, violations } = judged;
  switch (output) {
    case 'json':
      return [JSON.stringify({ ...verdict, violations }, undefined, 2)];
    case 'markdown':
      return markdownVerdict(judged);
    case 'junit':
      return [junitReport(judged)];
    case 'github':
      return githubAnnotations(judged);
    case 'gitlab':
      return [gitlabReport(judged)];
    default:
      return verdictLines(judged);
  }
}

async function readBase(
  options: CheckOptions,
  context: CliContext,
): Promise<DockerfileBase> {
  const file = path.resolve(context.cwd, options.dockerfile);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(
      `neither --base nor a readable Dockerfile: ${(error as Error).message}`,
    );
  }
  return baseOfDockerfile(text, {
    buildArgs: keyValues('--build-arg', options.buildArg, context.env),
    target: options.target,
  });
}

function readFailOn(list: string | undefined): FailOn[] | undefined {
  if (list === undefined) {
    return undefined;
  }
  const values = list.split(',').map(value => value.trim());
  const bad = values.find(value => !isFailOn(value));
  if (bad !== undefined) {
    throw new UsageError(
      `--fail-on ${JSON.stringify(bad)}: known are ${failOnValues.join(', ')}`,
    );
  }
  return values.filter(isFailOn);
}

function isFailOn(value: string): value is FailOn {
  return (failOnValues as string[]).includes(value);
}
