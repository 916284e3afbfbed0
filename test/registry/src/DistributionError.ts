/** Error codes of the distribution specification, section "Error Codes", and ECR's TAG_INVALID. */
export type DistributionErrorCode =
  | 'BLOB_UNKNOWN'
  | 'BLOB_UPLOAD_INVALID'
  | 'BLOB_UPLOAD_UNKNOWN'
  | 'DIGEST_INVALID'
  | 'MANIFEST_BLOB_UNKNOWN'
  | 'MANIFEST_INVALID'
  | 'MANIFEST_UNKNOWN'
  | 'NAME_INVALID'
  | 'NAME_UNKNOWN'
  | 'SIZE_INVALID'
  | 'TAG_INVALID'
  | 'TOOMANYREQUESTS'
  | 'UNAUTHORIZED'
  | 'UNKNOWN'
  | 'UNSUPPORTED';

/** An answer that says no: thrown by the routes, written as the OCI error body. */
export class DistributionError extends Error {
  /** HTTP status. */
  readonly status: number;
  /** Code in the body. */
  readonly code: string;
  /** Free detail in the body, such as the digest that is missing. */
  readonly detail: unknown;
  /** Headers that go with the answer. */
  readonly headers: Record<string, string>;

  constructor(
    status: number,
    code: DistributionErrorCode | (string & {}),
    message: string,
    more?: { detail?: unknown; headers?: Record<string, string> },
  ) {
    super(message);
    this.name = 'DistributionError';
    this.status = status;
    this.code = code;
    this.detail = more?.detail;
    this.headers = more?.headers ?? {};
  }

  /** The JSON body: `{ errors: [{ code, message, detail? }] }`. */
  toBody(): string {
    return JSON.stringify({
      errors: [{ code: this.code, message: this.message, detail: this.detail }],
    });
  }
}
