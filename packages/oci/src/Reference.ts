import { InvalidReferenceError } from './errors';

/** A repository of a registry. @public */
export interface RepositoryReference {
  /** `docker.io` for Docker Hub, else `host[:port]` in lower case */
  registry: string;
  /** path without the host, such as `library/alpine` */
  repository: string;
}

/** An image reference (distribution reference grammar). @public */
export interface Reference extends RepositoryReference {
  tag?: string;
  digest?: string;
}

const MAX_REPOSITORY = 255;
const HOST =
  /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:]+\])(?::[0-9]{1,5})?$/;
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;
const HUB_NAMES = new Set([
  'docker.io',
  'index.docker.io',
  'registry-1.docker.io',
]);

/**
 * Reads a reference. Docker Hub shorthand is normalised (`alpine` is
 * `docker.io/library/alpine:latest`); without tag and digest the tag is
 * `latest`.
 *
 * @throws InvalidReferenceError - naming the bad part
 * @public
 */
export function parseReference(text: string): Reference {
  const [beforeDigest, digest, ...more] = text.split('@');
  if (more.length) {
    throw new InvalidReferenceError(text, 'more than one "@"');
  }
  if (digest !== undefined && !DIGEST.test(digest)) {
    throw new InvalidReferenceError(
      text,
      `digest ${JSON.stringify(
        digest,
      )} is not sha256:<64 hex> or sha512:<128 hex>`,
    );
  }
  const colon = beforeDigest.lastIndexOf(':');
  const tagged = colon > beforeDigest.lastIndexOf('/');
  const tag = tagged ? beforeDigest.slice(colon + 1) : undefined;
  if (tag !== undefined && !TAG.test(tag)) {
    throw new InvalidReferenceError(
      text,
      `tag ${JSON.stringify(
        tag,
      )} must be 1 to 128 of A-Z a-z 0-9 _ . - and not begin with . or -`,
    );
  }
  const name = tagged ? beforeDigest.slice(0, colon) : beforeDigest;
  return {
    ...splitName(text, name),
    ...(tag === undefined && digest === undefined ? { tag: 'latest' } : {}),
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
  };
}

/**
 * Reads a repository, which has neither tag nor digest.
 *
 * @throws InvalidReferenceError - naming the bad part
 * @public
 */
export function parseRepository(text: string): RepositoryReference {
  if (text.includes('@') || text.lastIndexOf(':') > text.lastIndexOf('/')) {
    if (text.includes('@') || text.includes('/')) {
      throw new InvalidReferenceError(
        text,
        'a repository has neither tag nor digest',
      );
    }
  }
  return splitName(text, text);
}

/** `registry/repository[:tag][@digest]`. @public */
export function formatReference(reference: Reference): string {
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`;
  const digest = reference.digest === undefined ? '' : `@${reference.digest}`;
  return `${formatRepository(reference)}${tag}${digest}`;
}

/** `registry/repository`. @public */
export function formatRepository(repository: RepositoryReference): string {
  return `${repository.registry}/${repository.repository}`;
}

function splitName(text: string, name: string): RepositoryReference {
  const slash = name.indexOf('/');
  const first = slash === -1 ? '' : name.slice(0, slash);
  // "localhost" and what cannot be a path component is a host
  const hasHost =
    first.includes('.') ||
    first.includes(':') ||
    first === 'localhost' ||
    first !== first.toLocaleLowerCase('en-US');
  const host = hasHost ? first.toLocaleLowerCase('en-US') : 'docker.io';
  const path = hasHost ? name.slice(slash + 1) : name;
  if (!HOST.test(host)) {
    throw new InvalidReferenceError(text, `host ${JSON.stringify(host)}`);
  }
  const registry = HUB_NAMES.has(host) ? 'docker.io' : host;
  checkPath(text, path);
  const isOfficial = registry === 'docker.io' && !path.includes('/');
  return { registry, repository: isOfficial ? `library/${path}` : path };
}

function checkPath(text: string, path: string): void {
  if (!path) {
    throw new InvalidReferenceError(text, 'the repository is empty');
  }
  if (path.length > MAX_REPOSITORY) {
    throw new InvalidReferenceError(
      text,
      `the repository is longer than ${MAX_REPOSITORY} characters`,
    );
  }
  const bad = path.split('/').find(component => !COMPONENT.test(component));
  if (bad !== undefined) {
    throw new InvalidReferenceError(
      text,
      `repository component ${JSON.stringify(
        bad,
      )} must be lower case letters and digits, separated by . _ __ or -`,
    );
  }
}
