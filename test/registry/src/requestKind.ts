import type { RequestLine } from './exchange';

/** What a request is for, to count by. */
export type RequestKind =
  | 'ping'
  | 'token'
  | 'catalog'
  | 'tags'
  | 'referrers'
  | 'manifest-head'
  | 'manifest-get'
  | 'manifest-put'
  | 'manifest-delete'
  | 'blob-head'
  | 'blob-get'
  | 'blob-delete'
  | 'mount'
  | 'upload-start'
  | 'upload-chunk'
  | 'upload-finish'
  | 'upload-status'
  | 'upload-cancel'
  | 'other';

const PATHS: [RegExp, string][] = [
  [/^\/v2\/?$/, 'ping'],
  [/^\/token$/, 'token'],
  [/^\/v2\/_catalog$/, 'catalog'],
  [/\/tags\/list$/, 'tags'],
  [/\/referrers\/[^/]+$/, 'referrers'],
  [/\/manifests\/[^/]+$/, 'manifest'],
  [/\/blobs\/uploads\/?[^/]*$/, 'upload'],
  [/\/blobs\/[^/]+$/, 'blob'],
];

const UPLOADS: Record<string, RequestKind> = {
  POST: 'upload-start',
  PATCH: 'upload-chunk',
  PUT: 'upload-finish',
  GET: 'upload-status',
  DELETE: 'upload-cancel',
};

/** The kind of a request by its method, path and query. */
export function requestKind(
  { method, path }: RequestLine,
  query: URLSearchParams,
): RequestKind {
  const found = PATHS.find(([pattern]) => pattern.test(path))?.[1];
  switch (found) {
    case undefined:
      return 'other';
    case 'manifest':
    case 'blob':
      return `${found}-${method.toLowerCase()}` as RequestKind;
    case 'upload':
      return method === 'POST' && query.has('mount')
        ? 'mount'
        : UPLOADS[method] ?? 'other';
    default:
      return found as RequestKind;
  }
}
