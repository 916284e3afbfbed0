import { createHash } from 'node:crypto';
import type { ApplicationFacts } from './ApplicationStore';

/** Equal facts give equal hashes, whatever the order of keys. */
export function factsHash(facts: ApplicationFacts): string {
  return createHash('sha256').update(canonicalJson(facts)).digest('hex');
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part) =>
    part && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(
          Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)),
        )
      : part,
  );
}
