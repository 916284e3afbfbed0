import { runCli } from './runCli';

/**
 * Runs the command line of a process and sets its exit code. Whoever reads its
 * output may stop early (`imglife status | head`): the exit code stays that of
 * what was found.
 */
export async function runOnProcess(process: NodeJS.Process): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') {
        throw error;
      }
    });
  }
  process.exitCode = await runCli({
    argv: process.argv.slice(2),
    env: process.env,
    cwd: process.cwd(),
    stdout: process.stdout,
    stderr: process.stderr,
    fetch,
    sleep: ms => new Promise(resolve => setTimeout(resolve, ms)),
    now: Date.now,
    random: Math.random,
    onInterrupt: listener => {
      process.on('SIGINT', listener);
      return () => process.off('SIGINT', listener);
    },
  });
}
