import type { ImglifeApi } from '@imglife/backstage-plugin-imglife-common';

/** What a command works with. */
export interface CliContext {
  /** @throws UsageError - `IMGLIFE_URL` is missing or no URL */
  api(): ImglifeApi;
  env: Record<string, string | undefined>;
  cwd: string;
  /** one line to standard output */
  print(line: string): void;
  /** one line to standard error */
  warn(line: string): void;
  /** rewrites the last line of the terminal; undefined where there is none */
  rewrite?(line: string): void;
  /** @param ms - milliseconds */
  sleep(ms: number): Promise<unknown>;
  /**
   * Calls a listener on Ctrl-C, in place of ending the process.
   *
   * @returns takes the listener away
   */
  onInterrupt(listener: () => void): () => void;
}
