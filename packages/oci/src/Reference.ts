import { digestProblem } from './digest';
import { InvalidReferenceError } from './errors';

/** A repository on a registry. */
export interface RepositoryReference {
  /** `docker.io` for Docker Hub, else `host[:port]` in lower case. */
  registry: string;
  /** Path without the host, e.g. `library/alpine`. */
  repository: string;
}

/** An image on a registry: a repository with a tag, a digest, or both. */
export interface Reference extends RepositoryReference {
  tag?: string;
  digest?: string;
}

const DOCKER_HUB = 'docker.io';
const DOCKER_HUB_ALIASES = [
  DOCKER_HUB,
  'index.docker.io',
  'registry-1.docker.io',
];
const MAX_TEXT = 1024;
const MAX_PATH = 255;
const MAX_HOST = 253;
const MAX_TAG = 128;
const HOST_LABEL = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
const IPV6 = /^\[[0-9a-f:.]+\]$/;
const PATH_COMPONENT = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]*$/;

/**
 * Reads `[host[:port]/]path[:tag][@digest]` by the distribution reference
 * grammar (github.com/distribution/reference). Docker Hub shorthand is
 * normalised: `alpine` is `docker.io/library/alpine`. With neither tag nor
 * digest the tag is `latest`.
 *
 * Throws InvalidReferenceError, which names the bad part.
 */
export function parseReference(text: string): Reference {
  const { name, tag, digest } = split(text);
  const { registry, repository } = parseName(text, name);
  if (tag !== undefined) {
    checkTag(text, tag);
  }
  if (digest !== undefined) {
    checkDigest(text, digest);
  }
  return {
    registry,
    repository,
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
    ...(tag === undefined && digest === undefined && { tag: 'latest' }),
  };
}

/**
 * Reads `[host[:port]/]path` as parseReference does, and refuses a tag or a
 * digest. Throws InvalidReferenceError.
 */
export function parseRepository(text: string): RepositoryReference {
  const { name, tag, digest } = split(text);
  if (digest !== undefined) {
    throw new InvalidReferenceError(
      text,
      `a repository has no digest, leave '@${digest}' out`,
    );
  }
  if (tag !== undefined) {
    throw new InvalidReferenceError(
      text,
      `a repository has no tag, leave ':${tag}' out`,
    );
  }
  return parseName(text, name);
}

/** `registry/repository[:tag][@digest]`. */
export function formatReference(reference: Reference): string {
  const tag = reference.tag ? `:${reference.tag}` : '';
  const digest = reference.digest ? `@${reference.digest}` : '';
  return `${formatRepository(reference)}${tag}${digest}`;
}

/** `registry/repository`. */
export function formatRepository(reference: RepositoryReference): string {
  return `${reference.registry}/${reference.repository}`;
}

/** Lower case, and Docker Hub's other names as `docker.io`. */
export function normalizeRegistry(host: string): string {
  const lower = host.toLowerCase();
  return DOCKER_HUB_ALIASES.includes(lower) ? DOCKER_HUB : lower;
}

/**
 * Checks a repository and, if given, a tag or digest on their own, so that
 * they are safe in a URL path. Throws InvalidReferenceError.
 */
export function checkName(repository: string, reference?: string) {
  checkPath(repository, repository);
  if (reference?.includes(':')) {
    checkDigest(`${repository}@${reference}`, reference);
  } else if (reference !== undefined) {
    checkTag(`${repository}:${reference}`, reference);
  }
}

function split(text: string): { name: string; tag?: string; digest?: string } {
  if (text === '') {
    throw new InvalidReferenceError(text, 'it is empty');
  }
  if (text.length > MAX_TEXT) {
    throw new InvalidReferenceError(
      `${text.slice(0, 64)}…`,
      `it is longer than ${MAX_TEXT} characters`,
    );
  }
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text);
  if (scheme) {
    throw new InvalidReferenceError(
      text,
      `it is a URL, leave '${scheme[0]}' out`,
    );
  }
  const at = text.indexOf('@');
  const named = at < 0 ? text : text.slice(0, at);
  const digest = at < 0 ? undefined : text.slice(at + 1);
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  return {
    name: colon < 0 ? named : named.slice(0, colon),
    tag: colon < 0 ? undefined : named.slice(colon + 1),
    digest,
  };
}

function parseName(text: string, name: string): RepositoryReference {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  if (slash === 0) {
    throw new InvalidReferenceError(text, `the host before '/' is empty`);
  }
  if (!isHost(first)) {
    return dockerHub(text, name);
  }
  const registry = normalizeRegistry(first);
  checkHost(text, first);
  const path = name.slice(slash + 1);
  if (registry === DOCKER_HUB) {
    return dockerHub(text, path);
  }
  checkPath(text, path);
  return { registry, repository: path };
}

function dockerHub(text: string, path: string): RepositoryReference {
  const repository = path.includes('/') ? path : `library/${path}`;
  if (/^[0-9a-f]{64}$/.test(path)) {
    throw new InvalidReferenceError(
      text,
      `'${path}' is an image id and not a repository`,
    );
  }
  checkPath(text, path);
  return { registry: DOCKER_HUB, repository };
}

function isHost(component: string): boolean {
  return (
    /[.:]/.test(component) ||
    component === 'localhost' ||
    component !== component.toLowerCase()
  );
}

function checkHost(text: string, authority: string) {
  const [, host, port] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(
    authority.toLowerCase(),
  ) ?? [undefined, authority, undefined];
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && isPort(port))) {
    throw new InvalidReferenceError(text, `bad port '${port}'`);
  }
  const good =
    host.length <= MAX_HOST &&
    (IPV6.test(host) || host.split('.').every(l => HOST_LABEL.test(l)));
  if (!good) {
    throw new InvalidReferenceError(text, `bad host '${host}'`);
  }
  // in lower case it would read as a path on Docker Hub
  if (!isHost(authority.toLowerCase())) {
    throw new InvalidReferenceError(
      text,
      `'${authority}' is no host without a '.' or a port, and a Docker Hub repository is in lower case`,
    );
  }
}

function isPort(port: string): boolean {
  return Number(port) > 0 && Number(port) <= 65535;
}

function checkPath(text: string, path: string) {
  if (path === '') {
    throw new InvalidReferenceError(text, 'the repository is empty');
  }
  if (path.length > MAX_PATH) {
    throw new InvalidReferenceError(
      text,
      `the repository is longer than ${MAX_PATH} characters`,
    );
  }
  if (path !== path.toLowerCase()) {
    throw new InvalidReferenceError(
      text,
      `repository '${path}' must be in lower case`,
    );
  }
  for (const component of path.split('/')) {
    if (!PATH_COMPONENT.test(component)) {
      throw new InvalidReferenceError(
        text,
        `bad repository component '${component}', only a-z and 0-9 joined by one '.', one or two '_', or '-' are allowed`,
      );
    }
  }
}

function checkTag(text: string, tag: string) {
  if (tag.length > MAX_TAG) {
    throw new InvalidReferenceError(
      text,
      `tag '${tag.slice(0, 32)}…' is longer than ${MAX_TAG} characters`,
    );
  }
  if (!TAG.test(tag)) {
    throw new InvalidReferenceError(
      text,
      `bad tag '${tag}', only letters, digits, '_', '.' and '-' are allowed, and neither '.' nor '-' first`,
    );
  }
}

function checkDigest(text: string, digest: string) {
  const problem = digestProblem(digest);
  if (problem) {
    throw new InvalidReferenceError(text, problem);
  }
}
