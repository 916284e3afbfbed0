import {
  type RunRequest,
  startableRunKinds,
} from '@imglife/backstage-plugin-imglife-common';
import { type Command, Option } from 'commander';
import type { CliContext } from './CliContext';
import { exportBases } from './commands/exportBases';
import { restore } from './commands/restore';
import { run } from './commands/run';
import type { OnEnd } from './createProgram';

interface RunCommand {
  description: string;
  /** name of the argument that narrows the run */
  target?: string;
  dryRun?: boolean;
  force?: boolean;
}

const COMMANDS: Record<RunRequest['kind'], RunCommand> = {
  sync: {
    description: 'copy what upstream has',
    target: 'mirror',
    dryRun: true,
  },
  verify: {
    description: 'compare the mirrors with what is recorded',
    target: 'mirror',
    dryRun: true,
  },
  build: {
    description: 'build the bases that need it',
    target: 'base',
    dryRun: true,
    force: true,
  },
  scan: {
    description: 'look for applications in the registries',
    dryRun: true,
    force: true,
  },
  lifecycle: { description: 'refresh the end-of-life dates', dryRun: true },
  retention: {
    description: 'delete the tags that nothing needs',
    target: 'tier',
    dryRun: true,
  },
};

/** Adds a command for each kind of run that can be started. */
export function addRuns(
  program: Command,
  context: CliContext,
  onEnd: OnEnd,
): void {
  for (const kind of startableRunKinds) {
    const { description, target, dryRun, force } = COMMANDS[kind];
    const command = addShown(
      program
        .command(target ? `${kind} [${target}]` : kind)
        .description(description),
    );
    if (dryRun) {
      command.option('--dry-run', 'only say what would be done');
    }
    if (force) {
      command.option('--force', 'even what has not changed');
    }
    if (kind === 'build') {
      command.option(
        '--output-dir <folder>',
        'write what is to be built outside the portal; starts no run',
      );
    }
    command.action(async (...given) => {
      const [named, options] = target ? given : [undefined, given[0]];
      if (options.outputDir !== undefined) {
        onEnd(await exportBases({ target: named, ...options }, context), {
          offlineOk: false,
        });
        return;
      }
      onEnd(await run({ kind, target: named, ...options }, context), {
        offlineOk: false,
      });
    });
  }
  addShown(
    program
      .command('restore <reference>')
      .description('bring an image back that retention has archived'),
  ).action(async (reference, options) => {
    onEnd(await restore(reference, options, context), { offlineOk: false });
  });
}

/** How the run is shown. */
function addShown(command: Command): Command {
  return command
    .option('--wait', 'show its progress and end with its status')
    .addOption(
      new Option('--output <form>', 'how to print it')
        .choices(['text', 'json'])
        .default('text'),
    );
}
