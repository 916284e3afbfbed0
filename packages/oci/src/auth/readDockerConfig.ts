import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { RegistryError } from '../errors';
import type { Environment } from '../transport/Environment';
import { errorLike } from '../transport/errorLike';
import type { Credentials } from './CredentialSource';
import { fromPair } from './runCredentialHelper';

/** What a docker configuration says of one registry. */
export type DockerConfigEntry =
  | { credentials: Credentials }
  /** The file's credentials are what holds when a helper knows none. */
  | { helper: string; otherwise?: Credentials };

/** What Docker Hub is called in docker's configuration and by its helpers. */
export const DOCKER_HUB_ADDRESS = 'https://index.docker.io/v1/';
const DOCKER_HUB = new Set([
  'docker.io',
  'index.docker.io',
  'registry-1.docker.io',
]);

const text = z.string().optional();
const fileSchema = z.looseObject({
  auths: z
    .record(
      z.string(),
      z
        .looseObject({
          auth: text,
          username: text,
          password: text,
          identitytoken: text,
          registrytoken: text,
        })
        .nullable(),
    )
    .nullish(),
  credHelpers: z.record(z.string(), z.string()).nullish(),
  credsStore: text,
});

type DockerConfigFile = z.output<typeof fileSchema>;

/**
 * Where docker and podman keep credentials, in the order they are asked:
 * `config.json` of docker, then `auth.json` (containers-auth.json(5)).
 */
export function dockerConfigFiles({ variables, home }: Environment): string[] {
  const docker =
    variables.DOCKER_CONFIG || (home ? join(home, '.docker') : undefined);
  const config =
    variables.XDG_CONFIG_HOME || (home ? join(home, '.config') : undefined);
  const runtime = variables.XDG_RUNTIME_DIR;
  return [
    docker && join(docker, 'config.json'),
    variables.REGISTRY_AUTH_FILE,
    runtime && join(runtime, 'containers', 'auth.json'),
    config && join(config, 'containers', 'auth.json'),
  ].filter(file => file !== undefined && file !== '') as string[];
}

/**
 * What the first of these files that knows the registry says of it, or
 * undefined. Files that do not exist are passed over; one that cannot be read
 * is a RegistryError that names it and never what it holds.
 */
export async function readDockerConfig(
  host: string,
  files: string[],
): Promise<DockerConfigEntry | undefined> {
  for (const file of files) {
    const config = await readConfigFile(host, file);
    const entry = config && dockerConfigEntry(host, config);
    if (entry) {
      return entry;
    }
  }
  return undefined;
}

/** What one docker configuration says of a registry. */
export function dockerConfigEntry(
  host: string,
  { auths, credHelpers, credsStore }: DockerConfigFile,
): DockerConfigEntry | undefined {
  const own = find(host, credHelpers ?? {});
  if (own) {
    return { helper: own };
  }
  const stored = find(host, auths ?? {});
  const credentials = stored ? credentialsOf(stored) : undefined;
  if (credsStore) {
    return { helper: credsStore, otherwise: credentials };
  }
  return credentials && { credentials };
}

async function readConfigFile(
  host: string,
  file: string,
): Promise<DockerConfigFile | undefined> {
  try {
    return fileSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    const { code } = errorLike(error) ?? {};
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      return undefined;
    }
    throw new RegistryError(
      `its credentials cannot be read from ${file}: ${
        code ?? 'it is no docker configuration in JSON'
      }`,
      { host },
    );
  }
}

/** Keys are hosts, perhaps with a scheme and `/v1/` or `/v2/`. */
function find<T>(host: string, entries: Record<string, T>): T | undefined {
  const key = Object.keys(entries).find(
    name => hostOfKey(name) === host.toLowerCase(),
  );
  return key === undefined ? undefined : entries[key];
}

function hostOfKey(key: string): string {
  const host = key
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/\/(v[12]\/?)?$/, '');
  return DOCKER_HUB.has(host) ? 'docker.io' : host;
}

function credentialsOf(
  entry: NonNullable<NonNullable<DockerConfigFile['auths']>[string]>,
): Credentials | undefined {
  if (entry.registrytoken) {
    return { token: entry.registrytoken };
  }
  if (entry.identitytoken) {
    return { identityToken: entry.identitytoken };
  }
  if (entry.auth) {
    const pair = Buffer.from(entry.auth, 'base64').toString('utf8');
    const colon = pair.indexOf(':');
    // docker pads old entries with NUL
    const secret = pair.slice(colon + 1).replace(/\0+$/, '');
    return colon > 0 ? fromPair(pair.slice(0, colon), secret) : undefined;
  }
  return entry.username && entry.password
    ? fromPair(entry.username, entry.password)
    : undefined;
}
