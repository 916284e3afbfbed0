import { Argument, Command, Option } from 'commander';
import { version } from '../package.json';
import { addQuestions } from './addQuestions';
import { addRuns } from './addRuns';
import type { CliContext } from './CliContext';
import { check, checkOutputs } from './commands/check';
import { forget } from './commands/forget';
import { register } from './commands/register';
import { completion, type Shell, shells } from './completion';
import { exitCodes } from './exitCodes';

/** Told what a command ended with. */
export type OnEnd = (code: number, command: { offlineOk: boolean }) => void;

/** For options that may be given several times. */
function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}

/** The commands and their options. */
export function createProgram(context: CliContext, onEnd: OnEnd): Command {
  const program = new Command('imglife')
    .description(
      'Asks and tells the developer portal about container images.\nIMGLIFE_URL is the portal, IMGLIFE_TOKEN the token.',
    )
    .version(version)
    .exitOverride()
    .showHelpAfterError('run imglife --help for the commands');
  const offline = new Option(
    '--offline-ok',
    'end with 0 and a warning when the portal is unreachable',
  );
  addCheck(program, context, onEnd, offline);
  addRegister(program, context, onEnd, offline);
  program
    .command('forget <image>')
    .description('forget a registered image; its history stays')
    .action(async image => {
      onEnd(await forget(image, context), { offlineOk: false });
    });
  addQuestions(program, context, onEnd);
  addRuns(program, context, onEnd);
  program
    .command('completion')
    .description(`print a completion script: ${shells.join(', ')}`)
    .addArgument(new Argument('<shell>').choices(shells))
    .action((shell: Shell) => {
      context.print(completion(program, shell));
      onEnd(exitCodes.ok, { offlineOk: false });
    });
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
      new Option('--output <form>', 'how to print it')
        .choices(checkOutputs)
        .default('text'),
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
      new Option('--output <form>', 'how to print it')
        .choices(['text', 'json'])
        .default('text'),
    )
    .action(async options => {
      onEnd(await register(options, context), {
        offlineOk: Boolean(options.offlineOk),
      });
    });
}
