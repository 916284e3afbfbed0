import { canonicalRepository } from './canonicalRepository';
import type { ImglifeConfig } from './configSchema';
import { definitionHash } from './definitionHash';
import type {
  BaseDefinition,
  BaseSource,
  Definitions,
  MirrorDefinition,
  RegistryDefinition,
  TagSelection,
} from './Definitions';
import { formatConfigPath } from './Faults';
import { mirrorName, repositoryUnder } from './mirrorTarget';
import { resolveRetention } from './resolveRetention';

function resolveAuth(
  auth: ImglifeConfig['registries'][number]['auth'],
): RegistryDefinition['auth'] {
  if (auth?.token !== undefined) {
    return { token: auth.token };
  }
  if (auth?.username !== undefined && auth.password !== undefined) {
    return { username: auth.username, password: auth.password };
  }
  if (auth?.credentialHelper !== undefined) {
    return { credentialHelper: auth.credentialHelper };
  }
  return auth?.dockerConfig && { dockerConfig: true };
}

/** Says where a config path comes from; the path itself by default. */
type Locate = (path: string) => string;

function resolveTags(
  tags: ImglifeConfig['mirrors']['entries'][number]['tags'],
): TagSelection {
  const { minAge, ...rest } = tags;
  return { ...rest, minAgeMs: minAge };
}

function resolveMirrors(
  config: ImglifeConfig,
  locate: Locate,
): MirrorDefinition[] {
  const { registries, tiers, mirrors } = config;
  return mirrors.entries.map((entry, index) => {
    const name = mirrorName(entry) ?? '';
    const resolved = {
      name,
      source: canonicalRepository(entry.source, registries),
      target: repositoryUnder(tiers.mirrors, name, registries),
      tags: resolveTags(entry.tags),
      lifecycle: entry.lifecycle,
      platforms: entry.platforms,
      referrers: entry.referrers ?? mirrors.defaults.referrers,
      immutable: entry.immutable,
      webhooks: [
        ...mirrors.hooks.afterSync,
        ...(entry.hooks?.afterSync ?? []),
      ].map(hook => hook.webhook),
    };
    return {
      ...resolved,
      configPath: locate(formatConfigPath(['mirrors', 'entries', index])),
      hash: definitionHash(resolved),
    };
  });
}

function resolveSource(
  from: ImglifeConfig['bases']['entries'][number]['from'],
): BaseSource {
  const { mirror, base, tag, track = 'latest-per-cycle', cycles } = from;
  // faults: exactly one of mirror and base
  const below = base === undefined ? { mirror: mirror ?? '' } : { base };
  return tag === undefined ? { ...below, track, cycles } : { ...below, tag };
}

/** Members that are set. */
function given<T extends object>(block: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(block).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
}

/** What is off is left out, so that it is in no hash of a definition. */
function resolveSeal({
  sbom,
  provenance,
  sign,
}: Pick<ImglifeConfig['bases'], 'sbom' | 'provenance' | 'sign'>): Pick<
  BaseDefinition,
  'sbom' | 'provenance' | 'sign'
> {
  return {
    ...(sbom === 'none' ? {} : { sbom }),
    ...(provenance ? { provenance } : {}),
    ...(sign.length ? { sign } : {}),
  };
}

/** Left out where there is none, as above. */
function resolveSmoke(
  command: string[],
  timeoutMs: number,
): Pick<BaseDefinition, 'smoke'> {
  return command.length ? { smoke: { command, timeoutMs } } : {};
}

/** The settings of signers, times in milliseconds. */
function resolveSigners({
  cosign: { timeout, ...cosign },
}: ImglifeConfig['bases']['signers']): Definitions['bases']['signers'] {
  return { cosign: { ...cosign, timeoutMs: timeout } };
}

function resolveBases(config: ImglifeConfig, locate: Locate): BaseDefinition[] {
  const { registries, tiers, bases } = config;
  return bases.entries.map((entry, index) => {
    const compression = entry.compression ?? bases.compression;
    const resolved = {
      name: entry.name,
      kind: entry.kind,
      coreVersion: entry.coreVersion ?? bases.coreVersion,
      tagFormat: entry.tagFormat ?? bases.tagFormat,
      floatingTags: entry.floatingTags ?? bases.floatingTags,
      builder: entry.builder ?? bases.builder,
      from: resolveSource(entry.from),
      target: repositoryUnder(tiers.bases, entry.name, registries),
      context: entry.context,
      template: entry.template,
      args: entry.args,
      ...(compression === 'gzip' ? {} : { compression }),
      owner: entry.owner ?? bases.owner,
      ...resolveSeal({ ...bases, ...given(entry) }),
      ...resolveSmoke(entry.smoke ?? bases.smoke, bases.smokeTimeout),
    };
    return {
      ...resolved,
      configPath: locate(formatConfigPath(['bases', 'entries', index])),
      hash: definitionHash(resolved),
    };
  });
}

/**
 * Turns a parsed configuration without faults into definitions: defaults and
 * aliases applied, names completed, hashes added.
 */
export function resolveDefinitions(
  config: ImglifeConfig,
  locate: Locate = path => path,
): Definitions {
  const { registries, tiers, applications } = config;
  return {
    registries: registries.map(entry => ({
      ...entry,
      auth: resolveAuth(entry.auth),
    })),
    tiers: {
      mirrors: canonicalRepository(tiers.mirrors, registries),
      bases: canonicalRepository(tiers.bases, registries),
      applications: tiers.applications,
    },
    mirrors: {
      schedule: config.mirrors.schedule,
      verify: config.mirrors.verify,
      entries: resolveMirrors(config, locate),
    },
    bases: {
      schedule: config.bases.schedule,
      concurrency: config.bases.concurrency,
      builders: config.bases.builders,
      secrets: config.bases.secrets,
      signers: resolveSigners(config.bases.signers),
      hooks: config.bases.hooks,
      entries: resolveBases(config, locate),
    },
    applications: {
      current: applications.current,
      scan: applications.scan,
      mapping: applications.mapping.schedule,
      subjects: applications.subjects.map(({ match }) => match),
      rateLimit: applications.rateLimit,
    },
    lifecycle: config.lifecycle,
    policy: config.policy,
    notifications: config.notifications,
    retention: resolveRetention(config),
    workers: config.workers,
    files: config.definitions,
  };
}
