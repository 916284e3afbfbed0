import { setTimeout as sleep } from 'node:timers/promises';

const STEPS_PER_SECOND = 10;

/**
 * A stage of a pipeline that lets at most so many bytes through per second,
 * in ten steps a second (or one byte at a time below ten bytes per second).
 */
export function slowDown(
  bytesPerSecond: number,
): (source: AsyncIterable<Buffer>) => AsyncGenerator<Buffer> {
  const slice = Math.max(1, Math.floor(bytesPerSecond / STEPS_PER_SECOND));
  const pause = (slice / bytesPerSecond) * 1000;
  return async function* slowed(source) {
    for await (const chunk of source) {
      for (let at = 0; at < chunk.length; at += slice) {
        await sleep(pause);
        yield chunk.subarray(at, at + slice);
      }
    }
  };
}
