import {
  freshnessValues,
  supportValues,
  Verdict,
} from '@imglife/backstage-plugin-imglife-common';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { baseOfDockerfile } from '../baseOfDockerfile';
import type { CliContext } from '../CliContext';
import { exitCodes } from '../exitCodes';
import { keyValues } from '../keyValues';
import { UsageError } from '../UsageError';

/** An image on nothing is fine, and there is nothing to ask the portal. */
const scratchVerdict: Verdict = {
  base: 'scratch',
  name: null,
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
  output: 'text' | 'json';
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
  const base = options.base ?? (await readBase(options, context));
  if (base.toLowerCase() === 'scratch') {
    context.print(
      options.output === 'json'
        ? JSON.stringify(scratchVerdict, undefined, 2)
        : 'FROM scratch: there is no base to judge',
    );
    return exitCodes.ok;
  }
  const verdict = await context.api().check({
    base,
    ...(options.digest && { digest: options.digest }),
    ...(options.application && { application: options.application }),
  });
  const violations = failOn
    ? violationsOf(verdict, failOn)
    : verdict.violations;
  if (options.output === 'json') {
    context.print(JSON.stringify({ ...verdict, violations }, undefined, 2));
  } else {
    verdictLines(verdict, violations).forEach(line => context.print(line));
  }
  const fails = (options.strict || failOn) && violations.length > 0;
  return fails ? exitCodes.violation : exitCodes.ok;
}

/** What `--fail-on` names; grace and exemptions hold as they do in the portal. */
function violationsOf(verdict: Verdict, failOn: string[]): string[] {
  if (verdict.exemption) {
    return [];
  }
  const counted: string[] = [
    ...(verdict.graceUntil === null ? [verdict.freshness] : []),
    verdict.support,
  ];
  return failOn.filter(value => counted.includes(value));
}

async function readBase(
  options: CheckOptions,
  context: CliContext,
): Promise<string> {
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

function readFailOn(list: string | undefined): string[] | undefined {
  if (list === undefined) {
    return undefined;
  }
  const known: string[] = [...freshnessValues, ...supportValues];
  const values = list.split(',').map(value => value.trim());
  const bad = values.find(value => !known.includes(value));
  if (bad !== undefined) {
    throw new UsageError(
      `--fail-on ${JSON.stringify(bad)}: known are ${[...new Set(known)].join(
        ', ',
      )}`,
    );
  }
  return values;
}

/** A verdict for people, one fact a line. */
export function verdictLines(verdict: Verdict, violations: string[]): string[] {
  const eol = verdict.eol.map(
    ({ product, cycle, eolDate }) =>
      `${product} ${cycle}${eolDate ? ` until ${eolDate}` : ''}`,
  );
  return [
    `base       ${verdict.base}`,
    `freshness  ${verdict.freshness}${
      verdict.outdatedSince ? ` since ${verdict.outdatedSince}` : ''
    }${verdict.graceUntil ? `, grace until ${verdict.graceUntil}` : ''}`,
    `support    ${verdict.support}${eol.length ? ` (${eol.join(', ')})` : ''}`,
    `status     ${verdict.status}`,
    ...(verdict.exemption
      ? [
          `exempt     until ${verdict.exemption.until}: ${verdict.exemption.reason}`,
        ]
      : []),
    ...verdict.warnings.map(warning => `warning    ${warning}`),
    ...(verdict.advice ? [`advice     ${verdict.advice}`] : []),
    ...(violations.length ? [`violations ${violations.join(', ')}`] : []),
  ];
}
