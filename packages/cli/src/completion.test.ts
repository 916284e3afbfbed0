import { execFileSync } from 'node:child_process';
import { CliHarness } from './testing/CliHarness';

const cli = CliHarness.create();
beforeEach(cli.start);
afterEach(cli.stop);

/** What bash would offer after these words. */
function offered(script: string, words: string[]): string[] {
  const quoted = words.map(word => `'${word}'`).join(' ');
  return execFileSync('bash', [
    '-c',
    `${script}
COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _imglife
printf '%s\\n' "\${COMPREPLY[@]}"`,
  ])
    .toString()
    .split('\n')
    .filter(Boolean);
}

it.each<[string[], string[]]>([
  [['imglife', 'reg'], ['register']],
  [
    ['imglife', 's'],
    ['status', 'sync'],
  ],
  [['imglife', 'check', '--bu'], ['--build-arg']],
  [
    ['imglife', 'check', '--output', 'g'],
    ['github', 'gitlab'],
  ],
  [['imglife', 'status', '--tier', 'b'], ['bases']],
  [['imglife', 'apps', 'using', 'alpine', '--cy'], ['--cycle']],
  [['imglife', 'apps', ''], ['using']],
  [['imglife', 'completion', 'z'], ['zsh']],
  [['imglife', 'sync', '--d'], ['--dry-run']],
])('bash completes %j with %j', async (words, expected) => {
  const { code, stdout } = await cli.run(['completion', 'bash']);
  expect(code).toBe(0);
  const found = offered(stdout, words);
  expect(found).toEqual(expect.arrayContaining(expected));
  expect(found.every(word => word.startsWith(words.at(-1)!))).toBe(true);
});

it('has a script for zsh and for fish', async () => {
  const zsh = await cli.run(['completion', 'zsh']);
  expect(zsh.stdout).toMatch(/^#compdef imglife\n/);
  const fish = await cli.run(['completion', 'fish']);
  expect(fish.stdout).toContain(
    "complete -c imglife -n '__fish_seen_subcommand_from check' -l output -r -f -a 'text json markdown junit github gitlab' -d 'how to print it'\n",
  );
  expect(fish.stdout).toContain(
    "complete -c imglife -n '__fish_seen_subcommand_from completion' -f -a 'bash zsh fish'\n",
  );
});
