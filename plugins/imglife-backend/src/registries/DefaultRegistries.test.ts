import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoggerService } from '@backstage/backend-plugin-api';
import { mockServices } from '@backstage/backend-test-utils';
import { InputError } from '@backstage/errors';
import { RegistryClient } from '@imglife/oci';
import type {
  MirrorDefinition,
  RegistryDefinition,
} from '../definitions/Definitions';
import { DefaultRegistries } from './DefaultRegistries';

function registry(values: Partial<RegistryDefinition>): RegistryDefinition {
  return {
    host: 'registry.example.com',
    aliases: [],
    insecure: false,
    concurrency: 6,
    ...values,
  };
}

function createRegistries(
  registries: RegistryDefinition[],
  source = { registry: 'docker.io', repository: 'library/alpine' },
  logger?: LoggerService,
) {
  return DefaultRegistries.create({
    logger,
    environment: { variables: { HTTP_PROXY: 'http://proxy.example.com' } },
    definitions: {
      registries,
      mirrors: { entries: [{ source } as MirrorDefinition] },
    },
  });
}

describe('DefaultRegistries', () => {
  const folder = mkdtempSync(join(tmpdir(), 'imglife-registries-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  afterEach(() => jest.restoreAllMocks());

  it('keeps one client per host, whatever name it is asked by', async () => {
    const registries = createRegistries([
      registry({ aliases: ['cache.example.com', 'proxy.example.com/hub'] }),
    ]);

    const client = registries.clientFor('registry.example.com');

    expect(client.host).toBe('registry.example.com');
    expect(registries.clientFor('cache.example.com')).toBe(client);
    expect(registries.clientFor('Registry.Example.com')).toBe(client);
    expect(registries.clientFor('docker.io').host).toBe('docker.io');
    await registries.close();
  });

  it('opens no client for a host nobody listed', async () => {
    const create = jest.spyOn(RegistryClient, 'create');
    const registries = createRegistries([registry({})]);

    expect(() => registries.clientFor('evil.example.com')).toThrow(InputError);
    expect(() => registries.clientFor('evil.example.com')).toThrow(
      /evil\.example\.com.*imglife\.registries/,
    );
    expect(create).not.toHaveBeenCalled();
    expect(registries.allows('evil.example.com')).toBe(false);
    expect(registries.allows('docker.io')).toBe(true);
    expect(registries.allows('registry.example.com')).toBe(true);
    await registries.close();
  });

  it.each([
    ['cache.example.com', 'apps/x', 'registry.example.com', 'apps/x'],
    ['proxy.example.com', 'hub/apps/x', 'registry.example.com', 'apps/x'],
    ['proxy.example.com', 'hub/inner/apps/x', 'docker.io', 'apps/x'],
    [
      'proxy.example.com',
      'hubble/apps/x',
      'proxy.example.com',
      'hubble/apps/x',
    ],
    ['docker.io', 'library/alpine', 'docker.io', 'library/alpine'],
  ])('names %s/%s canonically', (host, path, toHost, toPath) => {
    const registries = createRegistries([
      registry({ aliases: ['cache.example.com', 'proxy.example.com/hub'] }),
      registry({ host: 'docker.io', aliases: ['proxy.example.com/hub/inner'] }),
    ]);

    expect(registries.canonical({ registry: host, repository: path })).toEqual({
      registry: toHost,
      repository: toPath,
    });
  });

  it('hands on credentials and the content of the TLS files', async () => {
    const create = jest.spyOn(RegistryClient, 'create');
    const caFile = join(folder, 'ca.pem');
    const ca = 'not read before it is needed';
    const registries = createRegistries([
      registry({
        tls: { caFile },
        auth: { username: 'u', password: 'p' },
        concurrency: 3,
        requestsPerSecond: 5,
      }),
    ]);
    expect(() => registries.clientFor('registry.example.com')).toThrow(
      /tls\.caFile of registry registry\.example\.com cannot be read/,
    );

    writeFileSync(caFile, ca);
    create.mockReturnValueOnce({
      close: async () => undefined,
    } as RegistryClient);
    registries.clientFor('registry.example.com');

    expect(create).toHaveBeenLastCalledWith({
      host: 'registry.example.com',
      auth: { username: 'u', password: 'p' },
      insecure: false,
      concurrency: 3,
      requestsPerSecond: 5,
      tls: { ca, cert: undefined, key: undefined },
      environment: { variables: { HTTP_PROXY: 'http://proxy.example.com' } },
      allowedHosts: expect.any(Function),
      onWarning: expect.any(Function),
    });
    await registries.close();
  });

  it('reads an unlisted source anonymously, a listed one as listed', () => {
    const create = jest
      .spyOn(RegistryClient, 'create')
      .mockReturnValue({} as RegistryClient);
    const source = { registry: 'up.example.com', repository: 'x' };

    createRegistries([], source).clientFor('up.example.com');
    expect(create).toHaveBeenLastCalledWith(
      expect.objectContaining({ host: 'up.example.com' }),
    );
    expect(create.mock.lastCall?.[0]).not.toHaveProperty('auth');

    createRegistries(
      [registry({ host: 'up.example.com', insecure: true })],
      source,
    ).clientFor('up.example.com');
    expect(create).toHaveBeenLastCalledWith(
      expect.objectContaining({ host: 'up.example.com', insecure: true }),
    );
  });

  it('lets registries lead to one another, as they are listed at the time', () => {
    const create = jest
      .spyOn(RegistryClient, 'create')
      .mockReturnValue({} as RegistryClient);
    const listed = [registry({ aliases: ['cache.example.com/proxy'] })];
    createRegistries(listed).clientFor('docker.io');
    const { allowedHosts } = create.mock.lastCall?.[0] ?? {};
    const hosts = () =>
      typeof allowedHosts === 'function' ? allowedHosts() : allowedHosts;

    expect(hosts()).toEqual([
      'registry.example.com',
      'cache.example.com',
      'docker.io',
    ]);
    listed.push(registry({ host: 'minio.example.com:9000' }));
    expect(hosts()).toContain('minio.example.com:9000');
  });

  it('logs what a registry warns of', () => {
    const create = jest
      .spyOn(RegistryClient, 'create')
      .mockReturnValue({} as RegistryClient);
    const logger = mockServices.logger.mock();
    createRegistries([], undefined, logger).clientFor('docker.io');

    create.mock.lastCall?.[0].onWarning?.({ host: 'docker.io', text: 'old' });

    expect(logger.warn).toHaveBeenCalledWith(
      'The registry docker.io warns: old',
    );
  });
});
