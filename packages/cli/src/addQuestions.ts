import {
  baseStates,
  freshnessValues,
  mirrorStates,
  statusValues,
  supportValues,
  type TierQuery,
  tiers,
} from '@imglife/backstage-plugin-imglife-common';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CliContext } from './CliContext';
import { appsUsing } from './commands/appsUsing';
import { history } from './commands/history';
import { status } from './commands/status';
import type { OnEnd } from './createProgram';
import { tableOutputs } from './tableLines';

function tableOption(): Option {
  return new Option('--output <form>', 'how to print it')
    .choices(tableOutputs)
    .default('table');
}

/** Adds the commands that only ask. */
export function addQuestions(
  program: Command,
  context: CliContext,
  onEnd: OnEnd,
): void {
  addStatus(program, context, onEnd);
  addHistory(program, context, onEnd);
  program
    .command('apps')
    .description('the applications using a base: apps using alpine:3.21')
    .command('using <base>')
    .description('the applications on NAME or NAME:TAG')
    .option('--cycle <name>', 'only those on this cycle of it')
    .option('--owner <ref>', 'only those of this owner')
    .option('--all', 'earlier registrations too')
    .addOption(tableOption())
    .action(async (base, options) => {
      onEnd(await appsUsing({ base, ...options }, context), {
        offlineOk: false,
      });
    });
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) {
    throw new InvalidArgumentError('It must be a whole number from 1.');
  }
  return number;
}

function addHistory(program: Command, context: CliContext, onEnd: OnEnd): void {
  program
    .command('history <repository>')
    .description('pulls, builds and registrations of host/path, newest first')
    .option('--tag <tag>', 'only of this one')
    .addOption(
      new Option('--limit <number>', 'print at most so many')
        .argParser(wholeNumber)
        .default(100),
    )
    .addOption(tableOption())
    .action(async (repository, options) => {
      onEnd(await history({ repository, ...options }, context), {
        offlineOk: false,
      });
    });
}

function addStatus(program: Command, context: CliContext, onEnd: OnEnd): void {
  program
    .command('status')
    .description('print the tier tables')
    .addOption(new Option('--tier <tier>', 'only this one').choices(tiers))
    .addOption(tableOption())
    .option('--search <text>', 'part of the reference, 3 characters or more')
    .addOption(
      new Option('--status <status>', 'of the row').choices(statusValues),
    )
    .addOption(
      new Option('--freshness <value>', 'of its base').choices(freshnessValues),
    )
    .addOption(
      new Option('--support <value>', 'of its base').choices(supportValues),
    )
    .option('--product <name>', 'as the lifecycle source names it')
    .option('--cycle <name>', 'of the product')
    .option('--owner <ref>', 'such as group:default/platform')
    .option('--entity <ref>', 'such as component:default/shop')
    .option('--base <ref>', 'applications on this base, NAME or NAME:TAG')
    .option('--project <path>', 'that registered it')
    .addOption(
      new Option('--state <state>', 'of a mirrored tag or base').choices([
        ...new Set([...mirrorStates, ...baseStates]),
      ]),
    )
    .option('--unused', 'bases that no application stands on')
    .option('--unowned', 'applications without an owner')
    .option('--all', 'retired bases and earlier applications too')
    .action(async ({ tier, output, entity, unused, unowned, ...filters }) => {
      const query: TierQuery = {
        ...filters,
        ...(entity && { entityRef: entity }),
        ...(unused && { used: false }),
        ...(unowned && { owned: false }),
      };
      onEnd(await status({ tier, output, filters: query }, context), {
        offlineOk: false,
      });
    });
}
