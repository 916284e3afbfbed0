import { InputError } from '@backstage/errors';
import { parseCommand } from './instructionArguments';

/** `config.Healthcheck` as Docker writes it; times in nanoseconds. */
export interface Healthcheck {
  Test: string[];
  Interval?: number;
  Timeout?: number;
  StartPeriod?: number;
  StartInterval?: number;
  Retries?: number;
}

const NANOSECONDS: Record<string, number> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};
// as Go's time.ParseDuration, without a sign
const DURATION = /^(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h))+)$/;
const PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)/g;

function duration(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) {
    return undefined;
  }
  if (!DURATION.test(text)) {
    throw new InputError(`--${flag}=${text} is no duration such as 30s or 1m`);
  }
  const sum = [...text.matchAll(PART)].reduce(
    (total, [, count, unit]) => total + Number(count) * NANOSECONDS[unit],
    0,
  );
  const isZero = sum === 0;
  if (!isZero && sum < NANOSECONDS.ms) {
    throw new InputError(`--${flag}=${text} is under a millisecond`);
  }
  return isZero ? undefined : Math.round(sum);
}

function retries(text: string | undefined): number | undefined {
  if (text !== undefined && !/^\d+$/.test(text)) {
    throw new InputError(`--retries=${text} is no number`);
  }
  return Number(text ?? 0) || undefined;
}

/**
 * Arguments of HEALTHCHECK: `NONE`, or `CMD` and a command in either form
 * (Dockerfile reference, HEALTHCHECK).
 *
 * @throws InputError - names what is wrong
 */
export function parseHealthcheck(
  text: string,
  flags: Readonly<Record<string, string | undefined>>,
): Healthcheck {
  const [, kind = '', rest = ''] = /^(\S+)\s*([\s\S]*)$/.exec(text) ?? [];
  // its flags mean nothing, and are no fault in BuildKit
  if (/^none$/i.test(kind) && rest === '') {
    return { Test: ['NONE'] };
  }
  if (!/^cmd$/i.test(kind) || rest === '') {
    throw new InputError('needs NONE, or CMD and a command');
  }
  const command = parseCommand(rest, []);
  const isShell = !rest.startsWith('[') || command[0] === rest;
  const found = {
    Interval: duration('interval', flags.interval),
    Timeout: duration('timeout', flags.timeout),
    StartPeriod: duration('start-period', flags['start-period']),
    StartInterval: duration('start-interval', flags['start-interval']),
    Retries: retries(flags.retries),
  };
  return {
    Test: [isShell ? 'CMD-SHELL' : 'CMD', ...command],
    ...Object.fromEntries(
      Object.entries(found).filter(([, value]) => value !== undefined),
    ),
  };
}
