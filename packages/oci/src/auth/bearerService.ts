import { RegistryError } from '../errors';
import type { Challenge } from './parseChallenges';

/** Where tokens are asked for, and for which service. */
export interface BearerService {
  realm: URL;
  service?: string;
}

/** What ghcr.io challenges with before it looks at the repository. */
const PLACEHOLDER = 'repository:user/image:pull';

/**
 * The token server of a Bearer challenge, or undefined where its realm is no
 * URL but a name, as Artifactory's may be. A path is one on the registry.
 * Throws RegistryError for a realm that credentials must not be sent to.
 */
export function bearerService(
  { parameters }: Challenge,
  { host, origin }: { host: string; origin: URL },
): BearerService | undefined {
  const text = parameters.realm ?? '';
  const base = text.startsWith('/') ? origin : undefined;
  if (!URL.canParse(text, base)) {
    return undefined;
  }
  const realm = new URL(text, base);
  const schemes =
    origin.protocol === 'http:' ? ['http:', 'https:'] : ['https:'];
  if (!schemes.includes(realm.protocol)) {
    throw new RegistryError(
      `it asks for a token of ${realm.protocol}//${realm.host}; credentials travel by https only, unless the registry is configured as insecure`,
      { host, status: 401 },
    );
  }
  return { realm, service: parameters.service };
}

/** The scopes a challenge wants, without those no repository has. */
export function wantedScopes({ parameters }: Challenge): string[] {
  const scopes = parameters.scope?.split(' ').filter(Boolean) ?? [];
  return scopes.filter(scope => scope !== PLACEHOLDER);
}

/** One text for the same set of scopes at the same server. */
export function tokenKey(service: BearerService, scopes: string[]): string {
  const { realm, service: name = '' } = service;
  return [realm.href, name, ...[...scopes].sort()].join(' ');
}
