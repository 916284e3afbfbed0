import { runKinds } from '@imglife/backstage-plugin-imglife-common';
import { type Command, Option } from 'commander';
import type { CliContext } from './CliContext';
import { exportBases } from './commands/exportBases';
import { run } from './commands/run';
import type { OnEnd } from './createProgram';

interface RunCommand {
  description: string;
  /** name of the argument that narrows the run */
  target?: string;
  dryRun?: boolean;
  force?: boolean;
}

// Kinds the portal does not have get no command, see addRuns
const COMMANDS: Record<string, RunCommand> = {
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
  retention: { description: 'clear out what may go', dryRun: true },
};

/** Adds a command for each kind of run that can be started. */
export function addRuns(
  program: Command,
  context: CliContext,
  onEnd: OnEnd,
): void {
  for (const kind of runKinds) {
    const { description, target, dryRun, force } = COMMANDS[kind];
    const command = program
      .command(target ? `${kind} [${target}]` : kind)
      .description(description)
      .option('--wait', 'show its progress and end with its status')
      .addOption(
        new Option('--output <form>', 'how to print it')
          .choices(['text', 'json'])
          .default('text'),
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
}
