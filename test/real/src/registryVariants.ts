import { RegistryClient } from '@imglife/oci';
import { TestRegistry } from '@imglife/test-registry';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Certificates } from './Certificates';
import { DebianRegistry } from './DebianRegistry';
import type { RegistryVariant, VariantPlan } from './RegistryVariant';
import { mustRun } from './runProgram';
import { TokenServer } from './TokenServer';

const USER = { username: 'ci', password: 'a real secret' };
const OPEN = 'nobody has to sign in';

type Skopeo = RegistryVariant['skopeo'];
type ClientOptions = Parameters<typeof RegistryClient.create>[0];

interface Started {
  host: string;
  stop(): Promise<void>;
}

/** The same options of skopeo for each of its roles. */
function skopeoOptions(options: Record<string, string>): Skopeo {
  const withPrefix = (prefix: string) =>
    Object.entries(options).map(
      ([name, value]) => `--${prefix}${name}=${value}`,
    );
  return {
    source: withPrefix('src-'),
    destination: withPrefix('dest-'),
    inspect: withPrefix(''),
  };
}

const PLAIN = { 'tls-verify': 'false' };
const WITH_USER = { ...PLAIN, creds: `${USER.username}:${USER.password}` };

function variantOf(
  started: Started,
  skopeo: Record<string, string>,
  options: Omit<ClientOptions, 'host'> = { insecure: true },
): RegistryVariant {
  const { host } = started;
  const client = RegistryClient.create({ host, ...options });
  const stranger =
    options.auth &&
    RegistryClient.create({
      host,
      ...options,
      auth: { ...USER, password: 'wrong' },
    });
  return {
    client,
    writer: client,
    stranger,
    host,
    skopeo: skopeoOptions(skopeo),
    stop: async () => {
      await client.close();
      await stranger?.close();
      await started.stop();
    },
  };
}

async function startWithPasswords(folder: string): Promise<RegistryVariant> {
  const file = path.join(folder, 'htpasswd');
  const { username, password } = USER;
  await writeFile(
    file,
    await mustRun('htpasswd', ['-Bbn', username, password]),
  );
  const registry = await DebianRegistry.start(folder, {
    config: { auth: { htpasswd: { realm: 'basic', path: file } } },
  });
  return variantOf(registry, WITH_USER, { insecure: true, auth: USER });
}

async function startWithTokens(folder: string): Promise<RegistryVariant> {
  const certificates = await Certificates.create(folder);
  const tokens = await TokenServer.start({
    ...USER,
    key: await certificates.read('ca.key'),
    certificate: await certificates.read('ca.crt'),
  });
  const token = tokens.registryAuth(certificates.file('ca.crt'));
  const registry = await DebianRegistry.start(folder, {
    config: { auth: { token } },
  });
  const stop = async () => {
    await registry.stop();
    await tokens.stop();
  };
  return variantOf({ host: registry.host, stop }, WITH_USER, {
    insecure: true,
    auth: USER,
    allowedHosts: [new URL(token.realm).host],
  });
}

async function startWithTls(folder: string): Promise<RegistryVariant> {
  const certificates = await Certificates.create(folder);
  const registry = await DebianRegistry.start(folder, {
    tls: {
      certificate: certificates.file('server.crt'),
      key: certificates.file('server.key'),
      clientcas: [certificates.file('ca.crt')],
    },
  });
  return variantOf(
    registry,
    { 'cert-dir': await certificates.folderOfClient() },
    {
      tls: {
        ca: await certificates.read('ca.crt'),
        cert: await certificates.read('client.crt'),
        key: await certificates.read('client.key'),
      },
    },
  );
}

async function startCache(folder: string): Promise<RegistryVariant> {
  const upstream = variantOf(
    await DebianRegistry.start(path.join(folder, 'upstream')),
    PLAIN,
  );
  const cache = variantOf(
    await DebianRegistry.start(path.join(folder, 'cache'), {
      config: { proxy: { remoteurl: `http://${upstream.host}` } },
    }),
    PLAIN,
  );
  return {
    ...cache,
    writer: upstream.client,
    stop: async () => {
      await cache.stop();
      await upstream.stop();
    },
  };
}

const READ_ONLY = 'a pull-through cache takes nothing from its clients';

/** Every registry that the client is shown to work with. */
export const REGISTRY_VARIANTS: VariantPlan[] = [
  {
    name: 'test/registry',
    lacks: { 'sign-in': OPEN },
    start: async () => variantOf(await TestRegistry.start(), PLAIN),
  },
  {
    name: 'test/registry with tokens',
    lacks: {},
    start: async () =>
      variantOf(
        await TestRegistry.start({ auth: USER, tokenAuth: true }),
        WITH_USER,
        { insecure: true, auth: USER },
      ),
  },
  {
    name: 'docker-registry with htpasswd',
    lacks: {},
    start: startWithPasswords,
  },
  {
    name: 'docker-registry with a token server',
    lacks: {},
    start: startWithTokens,
  },
  {
    name: 'docker-registry with TLS and client certificates',
    lacks: { 'sign-in': 'the certificate is what signs in' },
    start: startWithTls,
  },
  {
    name: 'docker-registry as a pull-through cache',
    lacks: {
      write: READ_ONLY,
      delete: READ_ONLY,
      mount: READ_ONLY,
      'sign-in': OPEN,
      'unknown-digests':
        'as a cache it answers 500 for a digest that its upstream does not have',
    },
    start: startCache,
  },
];
