import { RegistryError } from '../errors';
import type { Environment } from '../transport/Environment';
import { CachedCredentials } from './CachedCredentials';
import {
  fixedCredentials,
  type Credentials,
  type CredentialSource,
} from './CredentialSource';
import {
  DOCKER_HUB_ADDRESS,
  dockerConfigFiles,
  readDockerConfig,
} from './readDockerConfig';
import { runCredentialHelper } from './runCredentialHelper';

/**
 * As whom a registry is spoken to: credentials; what docker and podman keep on
 * this machine (`auths`, `credHelpers`, `credsStore`); or a credential helper
 * of docker, named without `docker-credential-`.
 */
export type RegistryAuth =
  | Credentials
  | { dockerConfig: true }
  | { credentialHelper: string };

interface CredentialSourceOptions {
  host: string;
  auth: RegistryAuth | undefined;
  environment: Environment;
  now: () => Date;
}

/** Helpers give tokens of an hour and more. */
const HELPER_LIFE_MS = 15 * 60_000;
/** A login on the machine is noticed after this at the latest. */
const FILE_LIFE_MS = 60_000;

/** The credentials of a registry, from where `auth` says. */
export function createCredentialSource(
  options: CredentialSourceOptions,
): CredentialSource {
  const { auth, now } = options;
  if (auth && 'dockerConfig' in auth) {
    return dockerConfigCredentials(options);
  }
  if (auth && 'credentialHelper' in auth) {
    const { credentialHelper } = auth;
    return CachedCredentials.create({
      lifeMs: HELPER_LIFE_MS,
      now,
      read: async () => {
        const found = await ask(options, credentialHelper);
        if (!found) {
          throw new RegistryError(
            `docker-credential-${credentialHelper} has no credentials for it`,
            { host: options.host },
          );
        }
        return found;
      },
    });
  }
  return fixedCredentials(auth);
}

function dockerConfigCredentials(
  options: CredentialSourceOptions,
): CredentialSource {
  const { host, environment, now } = options;
  const helpers = new Map<string, CachedCredentials>();
  const entries = CachedCredentials.create({
    lifeMs: FILE_LIFE_MS,
    now,
    read: async () => {
      const entry = await readDockerConfig(
        host,
        dockerConfigFiles(environment),
      );
      if (!entry || 'credentials' in entry) {
        return entry?.credentials;
      }
      const { helper, otherwise } = entry;
      const known =
        helpers.get(helper) ??
        CachedCredentials.create({
          lifeMs: HELPER_LIFE_MS,
          now,
          read: () => ask(options, helper),
        });
      helpers.set(helper, known);
      return (await known.get()) ?? otherwise;
    },
  });
  return {
    get: () => entries.get(),
    forget: () => {
      helpers.forEach(helper => helper.forget());
      entries.forget();
    },
  };
}

function ask(
  { host, environment }: CredentialSourceOptions,
  helper: string,
): Promise<Credentials | undefined> {
  return runCredentialHelper({
    helper,
    host,
    serverAddress: host === 'docker.io' ? DOCKER_HUB_ADDRESS : host,
    environment,
  });
}
