import { createHash } from 'node:crypto';
import type { DeclaredDefinition } from './DefinitionStore';
import type { Definitions } from './Definitions';
import { retainedTiers } from './retainedTiers';

/** Name of the one scan entry. */
export const SCAN_ENTRY = 'all';

/** Name of the one retention entry. */
export const RETENTION_ENTRY = 'all';

/** Name of the one lifecycle entry. */
export const LIFECYCLE_ENTRY = 'all';

/**
 * The entries whose work is due by time or change: one per mirror, one per
 * base, one for end-of-life data, which is asked again when the set of mirrored
 * products changes, and one for retention where anything may be deleted.
 */
export function declaredEntries(
  definitions: Definitions,
): DeclaredDefinition[] {
  const { lifecycle, mirrors, bases, tiers, retention } = definitions;
  const products = mirrors.entries.map(entry => [
    entry.source,
    entry.lifecycle.product ?? null,
  ]);
  const lifecycleHash = createHash('sha256')
    .update(
      JSON.stringify([
        lifecycle.url ?? null,
        lifecycle.overridesFile ?? null,
        products,
      ]),
    )
    .digest('hex');
  return [
    ...mirrors.entries.map(entry => ({
      kind: 'mirror' as const,
      name: entry.name,
      hash: entry.hash,
      source: entry.configPath,
    })),
    ...mirrors.entries.map(entry => ({
      kind: 'verify' as const,
      name: entry.name,
      // a changed entry is synced; it is verified when its time has come
      hash: entry.name,
      source: entry.configPath,
    })),
    ...bases.entries.map(entry => ({
      kind: 'base' as const,
      name: entry.name,
      hash: entry.hash,
      source: entry.configPath,
    })),
    {
      kind: 'lifecycle',
      name: LIFECYCLE_ENTRY,
      hash: lifecycleHash,
      source: 'imglife.lifecycle',
    },
    {
      kind: 'scan',
      name: SCAN_ENTRY,
      hash: createHash('sha256').update(JSON.stringify(tiers)).digest('hex'),
      source: 'imglife.applications.scan',
    },
    ...(retainedTiers(retention).length
      ? [
          {
            kind: 'retention' as const,
            name: RETENTION_ENTRY,
            // changed rules count when the time has come, so that there is one
            // for a dry run
            hash: RETENTION_ENTRY,
            source: 'imglife.retention',
          },
        ]
      : []),
  ];
}
