import type { RequestLine } from './exchange';

/** What goes wrong. The bytes are those of the download, or of the upload that a POST, PUT or PATCH brings. */
export type FaultAction =
  /** This status instead of the answer, after so many bytes of an upload were taken. */
  | {
      kind: 'status';
      status: number;
      headers?: Record<string, string>;
      /** Error code in the body. Default UNKNOWN. */
      code?: string;
      message?: string;
    }
  /** The connection is reset (RST) before anything is answered, or after so many bytes. */
  | { kind: 'reset' }
  /** All is done as asked, but the connection breaks in place of the answer. */
  | { kind: 'lose-answer' }
  /** A download ends after so many bytes: the connection is closed, or with `chunked` the body seems whole. */
  | { kind: 'truncate'; chunked?: boolean }
  /** The byte at `after` has another value, downloaded or received. */
  | { kind: 'flip' }
  /** Content-Length says so many bytes more (or, negative, fewer: then the body is cut to it). */
  | { kind: 'length'; by: number }
  /** No answer ever, or none after so many bytes; ends when the fault is removed. */
  | { kind: 'hang' }
  /** So many bytes per second. */
  | { kind: 'slow'; rate: number }
  /** The registry is stopped, before anything is answered or after so many bytes, and starts again on its port. */
  | {
      kind: 'restart';
      /** Milliseconds until it takes connections again. Default 0. */
      downFor?: number;
      /** Upload sessions are lost too. */
      forgetUploads?: boolean;
    };

/** Which requests a fault is for, and what happens to them. */
export interface FaultSpec {
  /** Default any. */
  method?: string;
  /** A path without its query, or what it has to match. Default any. */
  path?: string | RegExp;
  /** Requests that it happens to; after them it is over. Default 1. */
  times?: number;
  /** Matching requests that are let by first. Default 0. */
  skip?: number;
  /** Bytes that pass before it happens. Default 0. */
  after?: number;
  action: FaultAction;
}

/** A fault that was asked for. */
export interface Fault {
  readonly spec: FaultSpec;
  /** Requests that it has happened to. */
  readonly hits: number;
  /** Aborts when the fault is taken away. */
  readonly removed: AbortSignal;
  /** Takes it away: what hangs because of it is broken off. */
  remove(): void;
}

class ActiveFault implements Fault {
  readonly spec: FaultSpec;
  hits = 0;
  #skipped = 0;
  readonly #removal = new AbortController();

  constructor(spec: FaultSpec) {
    this.spec = spec;
  }

  get removed(): AbortSignal {
    return this.#removal.signal;
  }

  remove(): void {
    this.#removal.abort();
  }

  take({ method, path }: RequestLine): boolean {
    const { spec } = this;
    const matches =
      !this.removed.aborted &&
      this.hits < (spec.times ?? 1) &&
      (spec.method === undefined || spec.method === method) &&
      (spec.path === undefined ||
        (typeof spec.path === 'string'
          ? spec.path === path
          : spec.path.test(path)));
    if (!matches) {
      return false;
    }
    if (this.#skipped < (spec.skip ?? 0)) {
      this.#skipped += 1;
      return false;
    }
    this.hits += 1;
    return true;
  }
}

/** The faults of one registry. */
export class Faults {
  readonly #faults: ActiveFault[] = [];

  /** Adds a fault; of those that fit a request the oldest happens. */
  add(spec: FaultSpec): Fault {
    const fault = new ActiveFault(spec);
    this.#faults.push(fault);
    return fault;
  }

  /** The fault that happens to this request, counted. */
  take(line: RequestLine): Fault | undefined {
    return this.#faults.find(fault => fault.take(line));
  }

  /** Those that have happened to fewer requests than they were asked for. */
  unspent(): FaultSpec[] {
    return this.#faults
      .filter(
        ({ spec, hits, removed }) =>
          !removed.aborted &&
          (hits === 0 || (hits < (spec.times ?? 1) && spec.times !== Infinity)),
      )
      .map(({ spec }) => spec);
  }

  /** Takes all of them away. */
  clear(): void {
    this.#faults.splice(0).forEach(fault => fault.remove());
  }
}
