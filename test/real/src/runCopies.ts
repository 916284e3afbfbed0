import { mustRun } from './runProgram';
import { nodeTransform } from './sources';

const COPY_ALL = require.resolve('./copyAll.ts');

/** What copies took, the start of their process not counted. */
export interface CopyCost {
  /** seconds */
  wall: number;
  /** seconds, user and system */
  cpu: number;
  /** bytes over idle at the peak */
  memory: number;
}

/** Copies between two hosts over plain HTTP. */
export interface Copies {
  /** `host:port`; it has `tiny:1`, which warms up connections and code */
  from: string;
  to: string;
  /** before the repository at the target */
  prefix: string;
  /** `repository:tag` */
  images: string[];
}

/** Copies images in a process of its own, and says what that took. */
export async function runCopies(copies: Copies): Promise<CopyCost> {
  const { from, to, prefix, images } = copies;
  const said = await mustRun(process.execPath, [
    ...['--expose-gc', '--require', nodeTransform, COPY_ALL],
    ...[from, to, prefix, ...images],
  ]);
  return JSON.parse(said.trim().split('\n').at(-1) ?? '') as CopyCost;
}
