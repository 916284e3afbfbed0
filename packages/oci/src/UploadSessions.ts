import { RegistryError } from './errors';
import { checkName } from './Reference';
import type {
  HostRequest,
  HostResponse,
  HostTransport,
} from './transport/HostTransport';
import { nextHop } from './transport/nextHop';
import type { Timing } from './transport/Timing';
import { leastChunk, uploadedBytes } from './uploadRules';

/** An upload that a registry has opened. */
export interface UploadSession {
  /** Where to go on; changes with every answer. */
  url: URL;
  /** Bytes that a chunk which is not the last has at least. */
  leastChunk: number;
}

/** The blob an upload is for. */
export interface UploadTarget {
  repository: string;
  digest: string;
}

/** A blob to take over: of a repository, or of wherever the registry has it. */
export interface MountSource {
  from?: string;
}

// together below the two seconds within which a cancelled run has to end
const ABORT_GRACE_MS = 900;
const CANCEL_MS = 900;
const CANCEL_PAUSE_MS = 100;
/** A registry may still be busy with the request that was broken off. */
const BUSY = 409;
/** A mount that is refused like this was not worth more than a try. */
const NO_MOUNT = [400, 401, 403, 404, 405];

/**
 * Opens, asks after and closes uploads (OCI distribution-spec, "Pushing
 * blobs").
 */
export class UploadSessions {
  static create(options: {
    host: string;
    transport: HostTransport;
    timing: Timing;
  }): UploadSessions {
    return new UploadSessions(options);
  }

  readonly #host: string;
  readonly #transport: HostTransport;
  readonly #timing: Timing;

  private constructor(options: {
    host: string;
    transport: HostTransport;
    timing: Timing;
  }) {
    this.#host = options.host;
    this.#transport = options.transport;
    this.#timing = options.timing;
  }

  /** Opens an upload. */
  async open(
    target: UploadTarget,
    signal?: AbortSignal,
  ): Promise<UploadSession> {
    const session = await this.#start(target, '', [], signal);
    if (!session) {
      const { repository, digest: reference } = target;
      throw new RegistryError('it answered with 201 and opened no upload', {
        host: this.#host,
        repository,
        reference,
      });
    }
    return session;
  }

  /**
   * Has a blob mounted: `mounted`, the upload that was opened instead, or
   * undefined when it was refused.
   */
  async mount(
    target: UploadTarget,
    { from }: MountSource,
    signal?: AbortSignal,
  ): Promise<UploadSession | 'mounted' | undefined> {
    const query = new URLSearchParams({
      mount: target.digest,
      ...(from !== undefined && { from }),
    });
    const scopes = from === undefined ? [] : [`repository:${from}:pull`];
    if (from !== undefined) {
      checkName(from);
    }
    try {
      const session = await this.#start(target, `?${query}`, scopes, signal);
      return session ?? 'mounted';
    } catch (error) {
      if (
        error instanceof RegistryError &&
        NO_MOUNT.includes(error.status ?? 0)
      ) {
        return undefined;
      }
      throw error;
    }
  }

  /** How many bytes the upload has. */
  async status(
    target: UploadTarget,
    session: UploadSession,
    signal?: AbortSignal,
  ): Promise<number> {
    return this.#transport.send(
      { method: 'GET', target: session.url, ...sessionOf(target), signal },
      async response => {
        await response.body.dump();
        this.advance(target, session, response);
        return uploadedBytes(response.header('range')) ?? 0;
      },
    );
  }

  /** Closes an upload that will not be used, where the registry can. */
  async cancel(target: UploadTarget, session: UploadSession): Promise<void> {
    const signal = AbortSignal.timeout(CANCEL_MS);
    const request: HostRequest = {
      method: 'DELETE',
      target: session.url,
      ...sessionOf(target),
      retry: false,
      urgent: true,
      signal,
    };
    for (let busy = true; busy && !signal.aborted; ) {
      try {
        await this.#transport.send(request, response => response.body.dump());
        return;
      } catch (error) {
        // many registries do not offer it, and the upload expires by itself
        busy = error instanceof RegistryError && error.status === BUSY;
        await this.#timing.sleep(CANCEL_PAUSE_MS, signal).catch(() => {});
      }
    }
  }

  /** Takes over where an answer says to go on. */
  advance(
    target: UploadTarget,
    session: UploadSession,
    response: HostResponse,
  ): void {
    if (response.header('location')) {
      session.url = this.#location(target, response);
    }
  }

  // An abort waits a moment for the answer: a session whose address never
  // arrived could not be closed.
  async #start(
    target: UploadTarget,
    query: string,
    scopes: string[],
    signal?: AbortSignal,
  ): Promise<UploadSession | undefined> {
    checkName(target.repository, target.digest);
    signal?.throwIfAborted();
    const late = new AbortController();
    const abort = () => {
      setTimeout(() => late.abort(signal?.reason), ABORT_GRACE_MS).unref();
    };
    signal?.addEventListener('abort', abort, { once: true });
    const session = sessionOf(target);
    try {
      return await this.#transport.send(
        {
          method: 'POST',
          target: `/v2/${target.repository}/blobs/uploads/${query}`,
          headers: { 'content-length': '0' },
          ...session,
          scopes: [...session.scopes, ...scopes],
          signal: late.signal,
        },
        async response => {
          await response.body.dump();
          return response.status === 201
            ? undefined
            : {
                url: this.#location(target, response),
                leastChunk: leastChunk(response.header('oci-chunk-min-length')),
              };
        },
      );
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  #location(
    { repository, digest: reference }: UploadTarget,
    response: HostResponse,
  ): URL {
    const location = response.header('location');
    const next = location
      ? nextHop(response.url, location)
      : 'it opened an upload without a Location';
    if (typeof next === 'string') {
      throw new RegistryError(next, {
        host: this.#host,
        repository,
        reference,
      });
    }
    return next;
  }
}

/** What every request of an upload says of itself. */
export function sessionOf({ repository, digest }: UploadTarget) {
  return {
    scopes: [`repository:${repository}:pull,push`],
    repository,
    reference: digest,
  };
}

/** Where an upload is finished; the session's own query stays as it came. */
export function finishUrl({ url }: UploadSession, digest: string): URL {
  const target = new URL(url);
  target.search += `${target.search ? '&' : '?'}digest=${encodeURIComponent(
    digest,
  )}`;
  return target;
}
