import { readFileSync } from 'node:fs';
import type { LoggerService } from '@backstage/backend-plugin-api';
import { InputError } from '@backstage/errors';
import {
  RegistryClient,
  systemEnvironment,
  type Environment,
  type RegistryClientOptions,
} from '@imglife/oci';
import { canonicalRepository } from '../definitions/canonicalRepository';
import type {
  Definitions,
  RegistryDefinition,
  RepositoryName,
} from '../definitions/Definitions';
import type { Registries } from './Registries';

/** What is read of the definitions. */
export type RegistrySources = Pick<Definitions, 'registries'> & {
  mirrors: Pick<Definitions['mirrors'], 'entries'>;
};

interface DefaultRegistriesOptions {
  definitions: RegistrySources;
  logger?: LoggerService;
  /** proxies, and where docker keeps credentials; default: the process's */
  environment?: Environment;
}

function readTlsFile(
  host: string,
  key: string,
  file: string | undefined,
): string | undefined {
  if (file === undefined) {
    return undefined;
  }
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new InputError(
      `tls.${key} of registry ${host} cannot be read: ${
        (error as Error).message
      }`,
    );
  }
}

function clientOptions(registry: RegistryDefinition): RegistryClientOptions {
  const { host, auth, tls, insecure } = registry;
  const { concurrency, requestsPerSecond } = registry;
  return {
    host,
    auth,
    insecure,
    concurrency,
    requestsPerSecond,
    tls: tls && {
      ca: readTlsFile(host, 'caFile', tls.caFile),
      cert: readTlsFile(host, 'certFile', tls.certFile),
      key: readTlsFile(host, 'keyFile', tls.keyFile),
    },
  };
}

/**
 * The registries listed in the definitions, and the hosts of mirror sources,
 * which are read anonymously over HTTPS unless they are listed too. Clients
 * are made when they are first asked for.
 */
export class DefaultRegistries implements Registries {
  readonly #definitions: RegistrySources;
  readonly #clients = new Map<string, RegistryClient>();
  readonly #logger: LoggerService | undefined;
  readonly #environment: Environment;

  static create(options: DefaultRegistriesOptions): DefaultRegistries {
    return new DefaultRegistries(options);
  }

  private constructor(options: DefaultRegistriesOptions) {
    const { definitions, logger, environment } = options;
    this.#definitions = definitions;
    this.#logger = logger;
    this.#environment = environment ?? systemEnvironment();
  }

  clientFor(host: string): RegistryClient {
    const name = this.#hostOf(host);
    const settings = this.#settingsOf(name);
    if (!settings) {
      throw new InputError(
        `The registry ${host} may not be contacted: it is neither listed under imglife.registries nor the source of a mirror; add it under imglife.registries`,
      );
    }
    const known = this.#clients.get(name);
    if (known) {
      return known;
    }
    const client = RegistryClient.create({
      ...('aliases' in settings ? clientOptions(settings) : settings),
      allowedHosts: () => this.#knownHosts(),
      environment: this.#environment,
      onWarning: warning =>
        this.#logger?.warn(
          `The registry ${warning.host} warns: ${warning.text}`,
        ),
    });
    this.#logger?.debug(`Opened a client for the registry ${name}`);
    this.#clients.set(name, client);
    return client;
  }

  allows(host: string): boolean {
    return this.#settingsOf(this.#hostOf(host)) !== undefined;
  }

  canonical(name: RepositoryName): RepositoryName {
    return canonicalRepository(name, this.#definitions.registries);
  }

  async close(): Promise<void> {
    const clients = [...this.#clients.values()];
    this.#clients.clear();
    await Promise.all(clients.map(client => client.close()));
  }

  /**
   * Where one registry may lead to another although its address is not public;
   * read anew each time.
   */
  #knownHosts(): string[] {
    const { registries, mirrors } = this.#definitions;
    return [
      ...registries.flatMap(({ host, aliases }) => [
        host,
        ...aliases.map(alias => alias.split('/', 1)[0]),
      ]),
      ...mirrors.entries.map(({ source }) => source.registry),
    ];
  }

  /** Read anew each time: definitions may change while the plugin runs. */
  #settingsOf(
    host: string,
  ): RegistryDefinition | RegistryClientOptions | undefined {
    const { registries, mirrors } = this.#definitions;
    const isSource = mirrors.entries.some(
      ({ source }) => source.registry === host,
    );
    return (
      registries.find(registry => registry.host === host) ??
      (isSource ? { host } : undefined)
    );
  }

  /** An alias without a path stands for the registry's host as a whole. */
  #hostOf(host: string): string {
    const name = host.toLowerCase();
    return (
      this.#definitions.registries.find(({ aliases }) => aliases.includes(name))
        ?.host ?? name
    );
  }
}
