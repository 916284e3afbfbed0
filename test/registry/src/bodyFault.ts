import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { DistributionError } from './DistributionError';
import type { Fault, FaultAction } from './Faults';
import { slowDown } from './slowDown';

/** A stage of a pipeline of bytes. */
export type BodyStage = (
  source: AsyncIterable<Buffer>,
) => AsyncGenerator<Buffer>;

/** What a fault does to the connection or the registry it happens on. */
export interface FaultSurroundings {
  socket: Socket;
  restart: (action: Extract<FaultAction, { kind: 'restart' }>) => Promise<void>;
}

/** Long enough that a client on the same machine has read what was sent before. */
const SETTLE_MILLISECONDS = 20;

/** Thrown where a body ends early: the connection has to be closed. */
export class BodyCut extends Error {}

/** The error that a `status` fault is answered with. */
export function faultError(
  action: Extract<FaultAction, { kind: 'status' }>,
): DistributionError {
  const { status, code, message, headers } = action;
  return new DistributionError(
    status,
    code ?? 'UNKNOWN',
    message ?? 'a fault of the test',
    { headers },
  );
}

/** Never comes back but by an error: the fault was taken away or the connection ended. */
export async function hang(fault: Fault, socket: Socket): Promise<never> {
  if (!fault.removed.aborted && !socket.destroyed) {
    const ended = new AbortController();
    const { signal } = ended;
    await Promise.race([
      once(fault.removed, 'abort', { signal }),
      once(socket, 'close', { signal }),
    ]).finally(() => ended.abort());
  }
  socket.destroy();
  throw new BodyCut('hung up');
}

/** What happens at the byte: it ends in an error, or not at all. */
async function strike(
  fault: Fault,
  { socket, restart }: FaultSurroundings,
): Promise<void> {
  const { action } = fault.spec;
  switch (action.kind) {
    case 'status':
      throw faultError(action);
    case 'hang':
      await hang(fault, socket);
      return;
    case 'reset':
      await sleep(SETTLE_MILLISECONDS);
      socket.resetAndDestroy();
      throw new BodyCut('reset');
    case 'restart':
      await sleep(SETTLE_MILLISECONDS);
      await restart(action);
      throw new BodyCut('restarted');
    default:
      await sleep(SETTLE_MILLISECONDS);
      throw new BodyCut('cut');
  }
}

function strikeAt(fault: Fault, surroundings: FaultSurroundings): BodyStage {
  const after = fault.spec.after ?? 0;
  return async function* struck(source) {
    let passed = 0;
    for await (const chunk of source) {
      if (passed + chunk.length > after) {
        yield chunk.subarray(0, after - passed);
        await strike(fault, surroundings);
        return;
      }
      passed += chunk.length;
      yield chunk;
    }
  };
}

function flipAt(at: number): BodyStage {
  return async function* flipped(source) {
    let passed = 0;
    for await (const chunk of source) {
      const here = at - passed;
      passed += chunk.length;
      if (here < 0 || here >= chunk.length) {
        yield chunk;
      } else {
        // The chunk may be the storage's own memory.
        const copy = Buffer.from(chunk);
        copy[here] = 255 - copy[here];
        yield copy;
      }
    }
  };
}

function cutTo(length: number): BodyStage {
  return async function* cut(source) {
    let left = length;
    for await (const chunk of source) {
      yield chunk.subarray(0, left);
      left -= Math.min(left, chunk.length);
    }
  };
}

/** The stage that a download of so many bytes passes because of a fault. */
export function downloadStage(
  fault: Fault,
  size: number,
  surroundings: FaultSurroundings,
): BodyStage | undefined {
  const { action, after = 0 } = fault.spec;
  switch (action.kind) {
    case 'flip':
      return flipAt(after);
    case 'slow':
      return slowDown(action.rate);
    case 'length':
      return action.by < 0 ? cutTo(size + action.by) : undefined;
    case 'truncate':
      return action.chunked ? cutTo(after) : strikeAt(fault, surroundings);
    case 'reset':
    case 'hang':
    case 'restart':
      return strikeAt(fault, surroundings);
    default:
      return undefined;
  }
}

/** The stage that an upload passes because of a fault. */
export function uploadStage(
  fault: Fault,
  surroundings: FaultSurroundings,
): BodyStage | undefined {
  const { action, after = 0 } = fault.spec;
  switch (action.kind) {
    case 'flip':
      return flipAt(after);
    case 'slow':
      return slowDown(action.rate);
    case 'status':
    case 'reset':
    case 'hang':
    case 'restart':
      return strikeAt(fault, surroundings);
    default:
      return undefined;
  }
}

/** Content-Length of a download under a fault; undefined sends it in chunks with none. */
export function downloadLength(
  fault: Fault | undefined,
  size: number,
): number | undefined {
  const action = fault?.spec.action;
  if (action?.kind === 'length') {
    return size + action.by;
  }
  return action?.kind === 'truncate' && action.chunked ? undefined : size;
}
