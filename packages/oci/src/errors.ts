/**
 * A reference that does not follow the distribution reference grammar. The
 * message names the bad part.
 */
export class InvalidReferenceError extends Error {
  readonly reference: string;

  constructor(reference: string, problem: string) {
    super(`Invalid image reference '${reference}': ${problem}`);
    this.name = 'InvalidReferenceError';
    this.reference = reference;
  }
}

/** Where and why a registry call failed. */
export interface RegistryErrorOptions {
  /** Registry as users know it, e.g. `docker.io`. */
  host: string;
  repository?: string;
  /** Tag or digest. */
  reference?: string;
  /** HTTP status, absent when no answer came. */
  status?: number;
  /** Error code of the registry's body, e.g. `MANIFEST_UNKNOWN`. */
  code?: string;
  /** Whether the same call may succeed later. Default false. */
  retryable?: boolean;
  /** What the registry asked for with `Retry-After`, in milliseconds. */
  retryAfterMs?: number;
  cause?: unknown;
}

/**
 * A registry call that failed. The message names host, repository and
 * reference, and never a credential.
 */
export class RegistryError extends Error {
  readonly host: string;
  readonly repository?: string;
  readonly reference?: string;
  readonly status?: number;
  readonly code?: string;
  readonly retryable: boolean;
  readonly retryAfterMs?: number;

  constructor(problem: string, options: RegistryErrorOptions) {
    super(`${locate(options)}: ${problem}`, { cause: options.cause });
    this.name = 'RegistryError';
    this.host = options.host;
    this.repository = options.repository;
    this.reference = options.reference;
    this.status = options.status;
    this.code = options.code;
    this.retryable = options.retryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Content whose digest or size is not what its descriptor says. */
export class DigestMismatchError extends RegistryError {
  constructor(problem: string, options: RegistryErrorOptions) {
    super(problem, options);
    this.name = 'DigestMismatchError';
  }
}

/**
 * The registry deletes nothing, by its settings (OCI distribution-spec,
 * "Content Management": 405 where deletes are disabled).
 */
export class DeletesDisabledError extends RegistryError {
  constructor(options: Omit<RegistryErrorOptions, 'status'>) {
    super(
      "it does not delete: where it is Docker's registry, set REGISTRY_STORAGE_DELETE_ENABLED=true (storage.delete.enabled), else allow deletes in its settings",
      { ...options, status: 405 },
    );
    this.name = 'DeletesDisabledError';
  }
}

/**
 * The registry's quota of requests is spent, or too little of it is left to go
 * on discovering. Retryable, but not within the call: `retryAfterMs` says when
 * it is worth asking again.
 */
export class QuotaExhaustedError extends RegistryError {
  constructor(problem: string, options: RegistryErrorOptions) {
    super(problem, { ...options, retryable: true });
    this.name = 'QuotaExhaustedError';
  }
}

function locate(options: RegistryErrorOptions): string {
  const { host, repository, reference } = options;
  if (!repository) {
    return host;
  }
  if (!reference) {
    return `${host}/${repository}`;
  }
  const separator = reference.includes(':') ? '@' : ':';
  return `${host}/${repository}${separator}${reference}`;
}
