import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { runCli } from '../runCli';
import { PortalServer } from './PortalServer';

/** The token of every run; its text must never come out. */
export const TOKEN = 'a-token-of-the-test';

/** The command line in process, with a portal to ask and a folder to be in. */
export class CliHarness {
  #portal?: PortalServer;
  #folder?: string;
  /** What Ctrl-C does; set by a command that waits. */
  interrupt?: () => void;

  static create(): CliHarness {
    return new CliHarness();
  }

  private constructor() {}

  /** Starts the portal and makes the folder. */
  readonly start = async () => {
    this.#portal = await PortalServer.start();
    this.#folder = await mkdtemp(path.join(os.tmpdir(), 'imglife-cli-'));
  };

  /** Stops the portal and removes the folder. */
  readonly stop = async () => {
    await this.#portal?.stop();
    await rm(this.#folder!, { recursive: true, force: true });
  };

  get portal(): PortalServer {
    return this.#portal!;
  }

  /** Where the command is started. */
  get folder(): string {
    return this.#folder!;
  }

  /** Writes a file into the folder. */
  async write(file: string, text: string): Promise<void> {
    await writeFile(path.join(this.#folder!, file), text);
  }

  /** Query of the last request. */
  get lastQuery(): Record<string, string> {
    const { path: asked } = this.portal.requests.at(-1)!;
    return Object.fromEntries(new URL(asked, this.portal.url).searchParams);
  }

  /**
   * Runs one command, with no waiting between retries.
   *
   * @throws Error - the token was printed
   */
  async run(
    argv: string[],
    env: Record<string, string | undefined> = {},
    terminal: { isTTY?: boolean } = {},
  ) {
    let stdout = '';
    let stderr = '';
    const code = await runCli({
      argv,
      env: { IMGLIFE_URL: this.portal.url, IMGLIFE_TOKEN: TOKEN, ...env },
      cwd: this.#folder!,
      stdout: { write: text => (stdout += text) },
      stderr: { ...terminal, write: text => (stderr += text) },
      fetch,
      sleep: () => new Promise(resolve => setTimeout(resolve, 1)),
      now: () => 0,
      random: () => 0,
      onInterrupt: listener => {
        this.interrupt = listener;
        return () => {};
      },
    });
    if ((stdout + stderr).includes(TOKEN)) {
      throw new Error(`the token was printed: ${stdout}${stderr}`);
    }
    return { code, stdout, stderr };
  }
}
