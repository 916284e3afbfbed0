import {
  ForwardedError,
  NotFoundError,
  ServiceUnavailableError,
} from '@backstage/errors';
import { readProductFacts, type ProductFacts } from './productFacts';

const TIMEOUT_MS = 15_000;
// the largest product of endoflife.date is about 50 kB
const MAX_BYTES = 2 * 1024 * 1024;

/** Asks an endoflife.date API v1, or a server with the same answers. */
export class EndOfLifeClient {
  readonly #url: string;
  readonly #fetch: typeof fetch;
  readonly #timeoutMs: number;

  /**
   * @param options - `url`: the API's root, such as
   *   `https://endoflife.date/api/v1`; `timeoutMs`: for one product, 15 s by
   *   default
   */
  static create(options: {
    url: string;
    fetch?: typeof fetch;
    timeoutMs?: number;
  }): EndOfLifeClient {
    return new EndOfLifeClient(
      options.url.replace(/\/+$/, ''),
      options.fetch ?? fetch,
      options.timeoutMs ?? TIMEOUT_MS,
    );
  }

  private constructor(url: string, fetcher: typeof fetch, timeoutMs: number) {
    this.#url = url;
    this.#fetch = fetcher;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Reads one product (`/products/{name}`). An alias is answered by a redirect
   * (301), which is followed: the product's own name is in the facts.
   *
   * @throws NotFoundError - the API does not know the product
   * @throws ServiceUnavailableError - it answered another error, such as 429,
   *   or something that is no product
   * @throws ForwardedError - it gave no answer, or none in time
   */
  async product(name: string, signal?: AbortSignal): Promise<ProductFacts> {
    const url = `${this.#url}/products/${encodeURIComponent(name)}`;
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    try {
      const response = await this.#fetch(url, {
        headers: { accept: 'application/json' },
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
      if (!response.ok) {
        await response.body?.cancel();
        throw statusError(response, url, name);
      }
      return readAnswer(await readLimited(response, url), url);
    } catch (error) {
      signal?.throwIfAborted();
      if (
        error instanceof NotFoundError ||
        error instanceof ServiceUnavailableError
      ) {
        throw error;
      }
      throw new ForwardedError(
        timeout.aborted
          ? `${url} gave no answer within ${this.#timeoutMs} ms`
          : `${url} could not be read`,
        // fetch wraps what happened, such as ECONNREFUSED
        (error as Error).cause ?? error,
      );
    }
  }
}

function statusError(response: Response, url: string, name: string): Error {
  if (response.status === 404) {
    return new NotFoundError(
      `${url} answered 404: no product "${name}"; set lifecycle.product of the mirror to a name of endoflife.date`,
    );
  }
  const after = response.headers.get('retry-after');
  return new ServiceUnavailableError(
    `${url} answered ${response.status}${
      after ? `, retry after ${after}` : ''
    }`,
  );
}

async function readLimited(response: Response, url: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_BYTES) {
      throw new ServiceUnavailableError(
        `${url} answered with over ${MAX_BYTES} bytes`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function readAnswer(text: string, url: string): ProductFacts {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new ServiceUnavailableError(`${url} answered with no JSON`);
  }
  const facts = readProductFacts(
    (answer as { result?: unknown } | null)?.result,
  );
  if (!facts) {
    throw new ServiceUnavailableError(
      `${url} answered with no product with releases`,
    );
  }
  return facts;
}
