import {
  freshnessValues,
  statusValues,
  supportValues,
  TierQuery,
  tiers,
} from '@imglife/backstage-plugin-imglife-common';
import { Command, Option } from 'commander';
import type { CliContext } from './CliContext';
import { check } from './commands/check';
import { register } from './commands/register';
import { status } from './commands/status';

/** Told what a command ended with. */
export type OnEnd = (code: number, command: { offlineOk: boolean }) => void;

function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}

/** The commands and their options. */
export function createProgram(context: CliContext, onEnd: OnEnd): Command {
  const program = new Command('imglife')
    .description(
      'Asks and tells the developer portal about container images.\nIMGLIFE_URL is the portal, IMGLIFE_TOKEN the token.',
    )
    .exitOverride()
    .showHelpAfterError('run imglife --help for the commands');
  const offline = new Option(
    '--offline-ok',
    'end with 0 and a warning when the portal is unreachable',
  );
  addCheck(program, context, onEnd, offline);
  addRegister(program, context, onEnd, offline);
  addStatus(program, context, onEnd);
  return program;
}

function addCheck(
  program: Command,
  context: CliContext,
  onEnd: OnEnd,
  offline: Option,
): void {
  program
    .command('check')
    .description('judge a base image: is it current, and supported?')
    .option('--base <ref>', 'the base; default: read from the Dockerfile')
    .option('--digest <digest>', 'the digest it was built with')
    .option('--application <ref>', 'the image built on it, for exemptions')
    .option('--dockerfile <file>', 'the Dockerfile', 'Dockerfile')
    .option('--build-arg <k=v>', 'value of an ARG', collect, [])
    .option('--target <stage>', 'the stage; default: the last')
    .option('--strict', 'end with 1 on a violation')
    .option('--fail-on <list>', 'end with 1 on these, such as outdated,ended')
    .addOption(offline)
    .addOption(
      new Option('--output <form>').choices(['text', 'json']).default('text'),
    )
    .action(async options => {
      onEnd(await check(options, context), {
        offlineOk: Boolean(options.offlineOk),
      });
    });
}

function addRegister(
  program: Command,
  context: CliContext,
  onEnd: OnEnd,
  offline: Option,
): void {
  program
    .command('register')
    .description('record an application build; a repeat changes nothing')
    .requiredOption('--image <ref>', 'the image that was built')
    .option('--digest <digest>', 'its digest; default: read from the registry')
    .option('--base <ref>', 'what it is built on; default: found')
    .option('--revision <sha>', 'default: from CI variables, then the labels')
    .option('--project <path>', 'default: from CI variables, then the labels')
    .option('--platform <platform>', 'default: read', collect, [])
    .option('--built-at <instant>', 'ISO 8601; default: read')
    .option('--entity <ref>', 'the catalog entity, component:default/name')
    .option('--field <k=v>', 'anything else to keep', collect, [])
    .addOption(offline)
    .addOption(
      new Option('--output <form>').choices(['text', 'json']).default('text'),
    )
    .action(async options => {
      onEnd(await register(options, context), {
        offlineOk: Boolean(options.offlineOk),
      });
    });
}

function addStatus(program: Command, context: CliContext, onEnd: OnEnd): void {
  program
    .command('status')
    .description('print the tier tables')
    .addOption(new Option('--tier <tier>', 'only this one').choices(tiers))
    .addOption(
      new Option('--output <form>')
        .choices(['table', 'markdown', 'json'])
        .default('table'),
    )
    .option('--search <text>', 'part of the reference, 3 characters or more')
    .addOption(new Option('--status <status>').choices(statusValues))
    .addOption(new Option('--freshness <value>').choices(freshnessValues))
    .addOption(new Option('--support <value>').choices(supportValues))
    .option('--product <name>')
    .option('--cycle <name>')
    .option('--owner <ref>')
    .option('--entity <ref>')
    .option('--base <ref>', 'applications on this base, NAME or NAME:TAG')
    .option('--project <path>')
    .option('--all', 'retired bases and earlier applications too')
    .action(async ({ tier, output, entity, ...filters }) => {
      const query: TierQuery = {
        ...filters,
        ...(entity && { entityRef: entity }),
      };
      onEnd(await status({ tier, output, filters: query }, context), {
        offlineOk: false,
      });
    });
}
