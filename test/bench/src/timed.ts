import { mustRun, type CopyCost } from '@imglife/test-real';

/** What a script of the shell takes, with the programs it calls. */
export async function timed(script: string): Promise<Omit<CopyCost, 'memory'>> {
  const said = await mustRun('bash', [
    '-c',
    `TIMEFORMAT='%R %U %S'; { time { ${script}; } >/dev/null 2>&3; } 3>&2 2>&1`,
  ]);
  const [wall, user, system] = said
    .trim()
    .split('\n')
    .at(-1)!
    .split(' ')
    .map(Number);
  return { wall, cpu: user + system };
}
