import { canonicalRepository, type NamedRegistry } from './canonicalRepository';
import type { RepositoryName } from './Definitions';
import type { Faults } from './Faults';
import { readAlias, readHost, readRepository } from './readNames';
import type { LooseValue } from './LooseValue';
import { isSameRepository } from './mirrorTarget';

/** The registries as far as their names can be read. */
export function namedRegistries(root: LooseValue): NamedRegistry[] {
  return root.get('registries').items.flatMap(entry => {
    const host = entry.get('host').parsed(readHost);
    const aliases = entry
      .get('aliases')
      .items.flatMap(alias => alias.parsed(readAlias) ?? []);
    return host === undefined ? [] : [{ host, aliases }];
  });
}

function nameFaults(root: LooseValue, faults: Faults): void {
  const seen = new Map<string, LooseValue>();
  const addOnce = (name: string | undefined, value: LooseValue) => {
    if (name !== undefined && seen.has(name)) {
      faults.add(value.path, `${name} is already listed; name it once`);
    } else if (name !== undefined) {
      seen.set(name, value);
    }
  };
  const entries = root.get('registries').items;
  for (const entry of entries) {
    addOnce(entry.get('host').parsed(readHost), entry.get('host'));
  }
  for (const alias of entries.flatMap(entry => entry.get('aliases').items)) {
    addOnce(alias.parsed(readAlias), alias);
  }
}

const AUTH_WAYS = [
  ['username', 'password'],
  ['token'],
  ['dockerConfig'],
  ['credentialHelper'],
];

function authFault(auth: LooseValue): string | undefined {
  if (!auth.isBlock) {
    return undefined;
  }
  const has = (key: string) => auth.get(key).isPresent;
  const given = AUTH_WAYS.filter(keys => keys.some(has));
  if (given.length > 1) {
    return `has ${given
      .map(keys => keys.filter(has).join(' and '))
      .join(' beside ')}; give one of the ways to sign in`;
  }
  return given[0]?.every(has)
    ? undefined
    : 'needs username and password, or token, dockerConfig: true, or credentialHelper; a variable that is not set leaves its key out';
}

function tlsFault(entry: LooseValue): string | undefined {
  const tls = entry.get('tls');
  if (!tls.isBlock) {
    return undefined;
  }
  if (entry.get('insecure').isTrue) {
    return 'has no meaning with insecure: true, which is plain HTTP';
  }
  return tls.get('certFile').isPresent === tls.get('keyFile').isPresent
    ? undefined
    : 'needs certFile and keyFile together';
}

/** Names listed twice, and half given credentials. */
export function registryFaults(root: LooseValue, faults: Faults): void {
  nameFaults(root, faults);
  for (const entry of root.get('registries').items) {
    const auth = authFault(entry.get('auth'));
    if (auth) {
      faults.add(entry.get('auth').path, auth);
    }
    const tls = tlsFault(entry);
    if (tls) {
      faults.add(entry.get('tls').path, tls);
    }
  }
}

/** Tiers on hosts that are not listed, and tiers that are one. */
export function tierFaults(root: LooseValue, faults: Faults): void {
  const registries = namedRegistries(root);
  const tiers = root.get('tiers');
  const isListed = (name: RepositoryName) => {
    const { registry } = canonicalRepository(name, registries);
    return registries.some(({ host }) => host === registry);
  };
  const mirrors = tiers.get('mirrors').parsed(readRepository);
  const bases = tiers.get('bases').parsed(readRepository);
  const named: Array<[LooseValue, RepositoryName | undefined]> = [
    [tiers.get('mirrors'), mirrors],
    [tiers.get('bases'), bases],
    ...tiers
      .get('applications')
      .items.map((entry): [LooseValue, RepositoryName | undefined] => {
        const registry = entry.parsed(text => readHost(text.split('/', 1)[0]));
        const repository = entry.text?.split('/').slice(1).join('/') ?? '';
        return [entry, registry ? { registry, repository } : undefined];
      }),
  ];
  for (const [value, name] of named) {
    if (name && !isListed(name)) {
      faults.add(
        value.path,
        `the host ${name.registry} is not listed under imglife.registries; add it there`,
      );
    }
  }
  if (mirrors && bases && isSameRepository(mirrors, bases, registries)) {
    faults.add(
      tiers.get('bases').path,
      'is the same as imglife.tiers.mirrors; give each tier its own path',
    );
  }
}
