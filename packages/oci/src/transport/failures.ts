import { z } from 'zod';
import {
  QuotaExhaustedError,
  RegistryError,
  type RegistryErrorOptions,
} from '../errors';
import { errorLike } from './errorLike';
import type { HostResponse } from './HostRequest';
import { readBody } from './readBody';
import {
  isConnectionError,
  isRetryableStatus,
  parseRetryAfter,
} from './retryPolicy';

const BODY_LIMIT = 64 * 1024;
const DETAIL_LENGTH = 200;

// OCI distribution-spec, "Error Codes"
const bodySchema = z.looseObject({
  errors: z
    .array(
      z.looseObject({
        code: z.string().optional(),
        message: z.string().optional(),
      }),
    )
    .min(1),
});

/** Any error as a RegistryError; one that is already is passed through. */
export function failureOf(
  error: unknown,
  at: { host: string; repository?: string; reference?: string },
): RegistryError {
  if (error instanceof RegistryError) {
    return error;
  }
  const { host, repository, reference } = at;
  return new RegistryError(problemOf(error), {
    host,
    repository,
    reference,
    retryable: isConnectionError(error),
    cause: error,
  });
}

/** The error of an answer whose status says no; reads the answer's body. */
export async function statusFailure(
  response: HostResponse,
  at: {
    host: string;
    method: string;
    repository?: string;
    reference?: string;
    now: Date;
    /** Milliseconds until a spent quota is worth asking for again. */
    recheckMs(): number;
  },
): Promise<RegistryError> {
  const { code, message } = await readErrorBody(response);
  const { status } = response;
  const { host, method, repository, reference } = at;
  const detail = [code, message && `(${message})`, hint(status, host)];
  const problem = [`${method} was answered with ${status}`, ...detail]
    .filter(Boolean)
    .join(' ');
  const options: RegistryErrorOptions = {
    host,
    repository,
    reference,
    status,
    code,
    retryable: isRetryableStatus(status),
    retryAfterMs: parseRetryAfter(response.header('retry-after'), at.now),
  };
  return status === 429 && isSpent(response)
    ? new QuotaExhaustedError(problem, {
        ...options,
        retryAfterMs: Math.max(options.retryAfterMs ?? 0, at.recheckMs()),
      })
    : new RegistryError(problem, options);
}

function isSpent(response: HostResponse): boolean {
  const left =
    response.header('ratelimit-remaining') ??
    response.header('x-ratelimit-remaining');
  return left !== undefined && /^\s*0\s*(;|$)/.test(left);
}

async function readErrorBody(
  response: HostResponse,
): Promise<{ code?: string; message?: string }> {
  try {
    const body = await readBody(response.body, BODY_LIMIT);
    const [first] = bodySchema.parse(JSON.parse(body.toString('utf8'))).errors;
    const message = first.message?.replace(/\s+/g, ' ').trim();
    return {
      code: first.code?.slice(0, DETAIL_LENGTH),
      message: message?.slice(0, DETAIL_LENGTH),
    };
  } catch {
    // proxies answer with pages of their own, or not at all: the status says enough
    return {};
  }
}

function hint(status: number, host: string): string | undefined {
  return status === 401 || status === 403
    ? `- check the credentials configured for ${host} and what they may do`
    : undefined;
}

function problemOf(error: unknown): string {
  const { message, cause, errors } = errorLike(error) ?? {};
  if (errors?.length) {
    return problemOf(errors[0]);
  }
  const reason = errorLike(cause)?.message;
  const text = [message ?? String(error), reason].filter(Boolean).join(': ');
  return isConnectionError(error) ? `the connection failed: ${text}` : text;
}
