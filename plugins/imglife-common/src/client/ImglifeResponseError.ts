/**
 * An answer of the backend that is no success. `message` is the backend's own
 * where it gave one.
 *
 * @public
 */
export class ImglifeResponseError extends Error {
  /** HTTP status. */
  readonly status: number;
  /** Seconds to wait before a retry, where the backend named them. */
  readonly retryAfterSeconds?: number;

  constructor(message: string, status: number, retryAfterSeconds?: number) {
    super(message);
    this.name = 'ImglifeResponseError';
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /**
   * Reads the error body of Backstage (`{ error: { name, message } }`).
   *
   * @param response - an answer whose body was not read yet
   */
  static async fromResponse(response: Response): Promise<ImglifeResponseError> {
    const body = await response.text();
    const retryAfter = Number(response.headers.get('retry-after') ?? NaN);
    return new ImglifeResponseError(
      messageOf(body) ?? `${response.status} ${response.statusText}`.trim(),
      response.status,
      Number.isFinite(retryAfter) ? retryAfter : undefined,
    );
  }
}

function messageOf(body: string): string | undefined {
  try {
    const message = JSON.parse(body)?.error?.message;
    return typeof message === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}
