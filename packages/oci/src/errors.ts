/** A reference that the grammar refuses; the message names the bad part. @public */
export class InvalidReferenceError extends Error {
  /** what was given */
  readonly reference: string;

  constructor(reference: string, reason: string) {
    super(`invalid image reference ${JSON.stringify(reference)}: ${reason}`);
    this.name = 'InvalidReferenceError';
    this.reference = reference;
  }
}

/** Where and how a registry failed. @public */
export interface RegistryErrorOptions {
  host: string;
  repository?: string;
  reference?: string;
  /** HTTP status of the answer */
  status?: number;
  /** error code of the answer (OCI distribution-spec, Error Codes) */
  code?: string;
  /** whether the same request may succeed later */
  retryable?: boolean;
  cause?: unknown;
}

/**
 * A registry refused, failed or could not be reached. The message names host,
 * repository, reference and cause, and never holds a credential.
 *
 * @public
 */
export class RegistryError extends Error {
  readonly host: string;
  readonly repository?: string;
  readonly reference?: string;
  readonly status?: number;
  readonly code?: string;
  readonly retryable: boolean;

  constructor(message: string, options: RegistryErrorOptions) {
    super(`${whereOf(options)}: ${message}`, { cause: options.cause });
    this.name = 'RegistryError';
    this.host = options.host;
    this.repository = options.repository;
    this.reference = options.reference;
    this.status = options.status;
    this.code = options.code;
    this.retryable = options.retryable ?? false;
  }
}

/** Content whose digest or size is not what its descriptor says. @public */
export class DigestMismatchError extends RegistryError {
  constructor(message: string, options: RegistryErrorOptions) {
    super(message, options);
    this.name = 'DigestMismatchError';
  }
}

function whereOf(options: RegistryErrorOptions): string {
  const { host, repository, reference } = options;
  if (!repository) {
    return `registry ${host}`;
  }
  const separator = reference?.includes(':') ? '@' : ':';
  return `${host}/${repository}${reference ? separator + reference : ''}`;
}
