import { DockerfileParser } from 'dockerfile-ast';
import { InputError } from '@backstage/errors';
import type {
  BuildRequest,
  RegistryAccess,
} from '@imglife/backstage-plugin-imglife-node';
import { parseReference } from '@imglife/oci';

/** A registry that a build reads from. */
export interface BuildRegistry extends RegistryAccess {
  host: string;
}

// Docker's own name for Docker Hub in configuration files.
const DOCKER_HUB_KEY = 'https://index.docker.io/v1/';

function hostOf(image: string): string[] {
  try {
    return [parseReference(image).registry];
  } catch {
    // a stage, or a name that the builder itself will refuse
    return [];
  }
}

/**
 * The registries that a Dockerfile reads from, as far as they are configured:
 * those of `FROM` and of `COPY --from`.
 */
export function registriesOf(request: BuildRequest): BuildRegistry[] {
  const file = DockerfileParser.parse(request.dockerfile);
  const images = [
    request.from,
    ...file.getFROMs().map(from => from.getImage() ?? ''),
    ...file.getCOPYs().map(copy => copy.getFromFlag()?.getValue() ?? ''),
  ];
  const hosts = images.filter(image => image.includes('/')).flatMap(hostOf);
  return configuredHosts(hosts, request);
}

/** Those of the hosts that are configured, each once. */
export function configuredHosts(
  hosts: ReadonlyArray<string>,
  { registry }: Pick<BuildRequest, 'registry'>,
): BuildRegistry[] {
  return [...new Set(hosts)].flatMap(host => {
    const access = registry(host);
    return access ? [{ host, ...access }] : [];
  });
}

/**
 * What must never be shown of these registries: passwords, and the pairs that
 * {@link dockerConfig} holds.
 */
export function secretsOf(registries: readonly BuildRegistry[]): string[] {
  return registries.flatMap(({ auth }) => {
    if (!auth) {
      return [];
    }
    return 'token' in auth
      ? [auth.token]
      : [auth.password, `${auth.username}:${auth.password}`];
  });
}

/**
 * A `config.json` as Docker, BuildKit and Buildah read it, with the
 * credentials of these registries alone.
 *
 * @throws InputError - a registry has a bearer token, which these programs
 *   cannot use
 */
export function dockerConfig(registries: readonly BuildRegistry[]): string {
  const auths = registries.flatMap(({ host, auth }) => {
    if (!auth) {
      return [];
    }
    if (!('username' in auth)) {
      throw new InputError(
        `The registry ${host} has a token; a builder that is a program needs username and password under imglife.registries`,
      );
    }
    const pair = `${auth.username}:${auth.password}`;
    const key = host === 'docker.io' ? DOCKER_HUB_KEY : host;
    return [[key, { auth: Buffer.from(pair).toString('base64') }] as const];
  });
  return JSON.stringify({ auths: Object.fromEntries(auths) });
}
