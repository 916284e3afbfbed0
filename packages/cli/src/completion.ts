import type { Command, Option } from 'commander';

/** The shells that can be completed for. */
export const shells = ['bash', 'zsh', 'fish'] as const;

/** A shell that can be completed for. */
export type Shell = (typeof shells)[number];

interface Completed {
  /** `check`, or `apps using` */
  name: string;
  description: string;
  options: readonly Option[];
  /** its subcommands, and what its arguments may be */
  words: string[];
}

/** A script that completes commands, options and their choices. */
export function completion(program: Command, shell: Shell): string {
  const commands = completedCommands(program);
  switch (shell) {
    case 'fish':
      return fish(commands);
    case 'zsh':
      return `#compdef imglife\nautoload -U +X bashcompinit && bashcompinit\n${bash(
        commands,
      )}`;
    default:
      return bash(commands);
  }
}

function completedCommands(program: Command): Completed[] {
  return program.commands.map(command => ({
    name: command.name(),
    description: command.description(),
    options: [command, ...command.commands].flatMap(({ options }) => options),
    words: [
      ...command.commands.map(each => each.name()),
      ...command.registeredArguments.flatMap(
        ({ argChoices = [] }) => argChoices,
      ),
    ],
  }));
}

function bash(commands: Completed[]): string {
  const cases = commands.map(({ name, options, words }) => {
    const choices = options
      .filter(option => option.argChoices)
      .map(
        ({ long, argChoices }) =>
          `      "${name} ${long}") words='${argChoices!.join(' ')}' ;;`,
      );
    const all = [...words, ...options.map(({ long }) => long)].join(' ');
    return [...choices, `      "${name} "*) words='${all} --help' ;;`].join(
      '\n',
    );
  });
  return `_imglife() {
  local words='' current="\${COMP_WORDS[COMP_CWORD]}"
  if [ "$COMP_CWORD" -le 1 ]; then
    words='${commands.map(({ name }) => name).join(' ')} --help'
  else
    case "\${COMP_WORDS[1]} \${COMP_WORDS[COMP_CWORD-1]}" in
${cases.join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _imglife imglife`;
}

function fish(commands: Completed[]): string {
  return commands
    .flatMap(({ name, description, options, words }) => [
      `complete -c imglife -n __fish_use_subcommand -f -a ${name} -d ${quote(
        description,
      )}`,
      ...(words.length
        ? [
            `complete -c imglife -n '__fish_seen_subcommand_from ${name}' -f -a ${quote(
              words.join(' '),
            )}`,
          ]
        : []),
      ...options.map(
        option =>
          `complete -c imglife -n '__fish_seen_subcommand_from ${name}' -l ${option.long!.slice(
            2,
          )}${option.required ? ' -r' : ''}${
            option.argChoices
              ? ` -f -a ${quote(option.argChoices.join(' '))}`
              : ''
          } -d ${quote(option.description)}`,
      ),
    ])
    .join('\n');
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
