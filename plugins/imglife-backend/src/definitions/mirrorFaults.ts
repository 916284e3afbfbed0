import { TAG_CHOICES } from './configSchema';
import type { Faults } from './Faults';
import { formatConfigPath } from './Faults';
import type { LooseValue } from './LooseValue';
import { isSameRepository, mirrorName, repositoryUnder } from './mirrorTarget';
import { readRepository } from './readNames';
import { namedRegistries } from './registryFaults';

/** The name of a mirror entry, as far as it can be read. */
function nameOf(entry: LooseValue): string | undefined {
  return mirrorName({
    source: entry.get('source').parsed(readRepository),
    target: entry.get('target').text,
  });
}

/** Names of all mirrors that can be read. */
export function mirrorNames(root: LooseValue): Set<string> {
  return new Set(
    root.get('mirrors', 'entries').items.flatMap(entry => nameOf(entry) ?? []),
  );
}

function targetFaults(root: LooseValue, faults: Faults): void {
  const seen = new Map<string, LooseValue>();
  for (const entry of root.get('mirrors', 'entries').items) {
    const name = nameOf(entry);
    const target = entry.get('target');
    if (name === undefined) {
      continue;
    }
    const first = seen.get(name);
    if (first) {
      const cure = target.isPresent ? 'choose another' : 'add a target';
      faults.add(
        target.path,
        `"${name}" is the target of ${formatConfigPath(
          first.path,
        )} too; ${cure}`,
      );
    } else {
      seen.set(name, entry);
    }
  }
}

function placeFaults(root: LooseValue, faults: Faults): void {
  const registries = namedRegistries(root);
  const tier = root.get('tiers', 'mirrors').parsed(readRepository);
  for (const entry of tier ? root.get('mirrors', 'entries').items : []) {
    const source = entry.get('source').parsed(readRepository);
    const name = nameOf(entry);
    if (!tier || name === undefined) {
      continue;
    }
    if (name.startsWith(`${tier.registry}/`)) {
      faults.add(
        entry.get('target').path,
        'is a path under imglife.tiers.mirrors; leave the host out',
      );
    }
    const target = repositoryUnder(tier, name, registries);
    if (source && isSameRepository(source, target, registries)) {
      faults.add(
        entry.get('source').path,
        'is the target itself; name the upstream repository',
      );
    }
  }
}

/** Duplicate targets, targets that are their source, and empty selections. */
export function mirrorFaults(root: LooseValue, faults: Faults): void {
  targetFaults(root, faults);
  placeFaults(root, faults);
  for (const entry of root.get('mirrors', 'entries').items) {
    const tags = entry.get('tags');
    if (tags.isBlock && !TAG_CHOICES.some(key => tags.get(key).isPresent)) {
      faults.add(
        tags.path,
        `would take every tag; give at least one of ${TAG_CHOICES.join(', ')}`,
      );
    }
  }
}
