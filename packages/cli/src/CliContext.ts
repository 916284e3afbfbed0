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
}
