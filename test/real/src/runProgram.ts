import { spawn } from 'node:child_process';

/** How a program ended and what it said. */
export interface ProgramResult {
  /** exit code; a signal counts as 1 */
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end; whatever it ends with is an answer. */
export function runProgram(
  program: string,
  args: string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      ...options,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', chunk => {
      stdout += chunk;
    });
    child.stderr.on('data', chunk => {
      stderr += chunk;
    });
    child.once('error', reject);
    child.once('close', code => resolve({ code: code ?? 1, stdout, stderr }));
  });
}

/**
 * Runs a program that must succeed.
 *
 * @returns what it wrote to standard output
 * @throws Error with the command line and all it said
 */
export async function mustRun(
  program: string,
  args: string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  const { code, stdout, stderr } = await runProgram(program, args, options);
  if (code !== 0) {
    throw new Error(
      `${program} ${args.join(' ')} ended with ${code}\n${stdout}${stderr}`,
    );
  }
  return stdout;
}
