/**
 * What registries do differently. A test may change a running registry's
 * through `registry.capabilities`; the defaults are those of the
 * distribution specification 1.1 at its strictest.
 */
export interface RegistryCapabilities {
  /** The referrers API; false answers 404, as docker-registry 2 does. Default true. */
  referrers: boolean;
  /** `OCI-Subject` after a manifest with a subject; without it the client has to keep the tag schema. Default true. */
  ociSubject: boolean;
  /** Deleting by tag; false answers 400 UNSUPPORTED, as docker-registry 2 does. Default true. */
  deleteTags: boolean;
  /** Deleting manifests; false answers 405 UNSUPPORTED, as docker-registry does unless it is told otherwise. Default true. */
  deletes: boolean;
  /** How the next page is named, or `none`: `n` is ignored and all is one page, as docker-registry 2 does. Default `relative`. */
  links: 'relative' | 'absolute' | 'none';
  /** Most names on one page of tags or repositories. Default no limit. */
  pageSize: number;
  /** Announced as `OCI-Chunk-Min-Length`: a shorter chunk that is not the last is refused with 400. Default none. */
  chunkMinLength?: number;
  /** The answer to PATCH: ECR's is 201. Default 202. */
  chunkStatus: 201 | 202;
  /** 416 for a chunk that does not start where the upload ends; false takes it as it comes, as docker-registry 2 does. Default true. */
  checkChunks: boolean;
  /** Largest body of one request that brings a blob, in bytes; beyond it 413, as proxies answer. Default no limit. */
  maxBody: number;
  /** Mounts; false answers 202 with an open upload. Default true. */
  mounts: boolean;
  /** Blobs by 307 to `registry.blobOrigin`, another origin. Default false. */
  redirectBlobs: boolean;
  /** A manifest that names an absent blob is refused. Default true. */
  checkBlobs: boolean;
  /** An index that names an absent manifest (a sparse index) is refused. Default true. */
  checkChildren: boolean;
  /** Putting a tag that exists: refused when it would move, or always as ECR does. Default undefined: taken. */
  immutableTags?: 'moves' | 'puts';
  /** Pushing to a repository that has nothing yet; false answers 404 NAME_UNKNOWN, as ECR does. Default true. */
  createRepositories: boolean;
  /** Texts of `Warning: 299` headers on every answer (distribution-spec, "Warnings"). */
  warnings: string[];
  /** GETs of manifests allowed per window of seconds, as Docker Hub counts them; HEADs are free. Default no limit. */
  pullQuota?: { limit: number; seconds: number };
}

/** The specification at its strictest, but for what is given. */
export function capabilitiesOf(
  given: Partial<RegistryCapabilities> = {},
): RegistryCapabilities {
  return {
    referrers: true,
    ociSubject: true,
    deleteTags: true,
    deletes: true,
    links: 'relative',
    pageSize: Infinity,
    chunkStatus: 202,
    checkChunks: true,
    maxBody: Infinity,
    mounts: true,
    redirectBlobs: false,
    checkBlobs: true,
    checkChildren: true,
    createRepositories: true,
    warnings: [],
    ...given,
  };
}
