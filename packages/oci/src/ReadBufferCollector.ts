import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type CollectYoung = (options: { type: 'minor' }) => void;

/** Bytes read between two collections. */
const COLLECT_EVERY = 4 * 1024 * 1024;

/**
 * Keeps the memory of large transfers flat. What a socket reads lies outside
 * of the JavaScript heap, in buffers of 64 KiB that V8 hardly notices: it lets
 * them wait by the tens of MiB, and every one of them is fresh memory to the
 * system. A collection of the young generation every few MiB takes less than a
 * millisecond, and the same memory is read into again.
 */
export class ReadBufferCollector {
  static readonly #shared = new ReadBufferCollector(collectorOfV8);

  /** The one of this process, whose memory is one. */
  static shared(): ReadBufferCollector {
    return this.#shared;
  }

  /** @param find - answers what collects, and is asked at the first need */
  static create(find: () => CollectYoung | undefined): ReadBufferCollector {
    return new ReadBufferCollector(find);
  }

  readonly #find: () => CollectYoung | undefined;
  #collect: CollectYoung | undefined;
  #isFound = false;
  #waiting = 0;

  private constructor(find: () => CollectYoung | undefined) {
    this.#find = find;
  }

  /** So many bytes were read from a socket. */
  read(bytes: number): void {
    this.#waiting += bytes;
    if (this.#waiting < COLLECT_EVERY) {
      return;
    }
    this.#waiting = 0;
    if (!this.#isFound) {
      this.#isFound = true;
      this.#collect = this.#find();
    }
    this.#collect?.({ type: 'minor' });
  }
}

/** `gc` is given to contexts made while the flag is set; nobody else sees it. */
function collectorOfV8(): CollectYoung | undefined {
  setFlagsFromString('--expose-gc');
  try {
    return runInNewContext('gc') as CollectYoung;
  } catch {
    return undefined;
  } finally {
    setFlagsFromString('--no-expose-gc');
  }
}
