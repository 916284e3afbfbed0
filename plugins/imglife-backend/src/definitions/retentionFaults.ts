import { formatRepository } from '@imglife/oci';
import { isApplicationPath, ownTierOf } from '../applications/scanScope';
import { canonicalRepository } from './canonicalRepository';
import type { Definitions } from './Definitions';
import type { Faults } from './Faults';
import { formatConfigPath } from './Faults';
import type { LooseValue } from './LooseValue';
import { mirrorNames } from './mirrorFaults';
import { readRepository } from './readNames';
import { namedRegistries } from './registryFaults';

/** Tiers as far as they can be read. */
function tiersOf(root: LooseValue): Definitions['tiers'] | undefined {
  const registries = namedRegistries(root);
  const [mirrors, bases] = ['mirrors', 'bases'].map(tier => {
    const name = root.get('tiers', tier).parsed(readRepository);
    return name && canonicalRepository(name, registries);
  });
  const applications = root
    .get('tiers', 'applications')
    .items.flatMap(entry => entry.text ?? []);
  return mirrors && bases && { mirrors, bases, applications };
}

/** An archive is at a listed host, and on no path that is looked at. */
function archiveFaults(
  archive: LooseValue,
  root: LooseValue,
  faults: Faults,
): void {
  const to = archive.get('to');
  const name = to.parsed(readRepository);
  if (!name) {
    return;
  }
  const registries = namedRegistries(root);
  const place = canonicalRepository(name, registries);
  if (!registries.some(({ host }) => host === place.registry)) {
    faults.add(
      to.path,
      `the host ${place.registry} is not listed under imglife.registries; add it there`,
    );
  }
  const tiers = tiersOf(root);
  const below = `${formatRepository(place)}/of/an-image`;
  const tier =
    tiers &&
    (ownTierOf(below, tiers) ??
      (isApplicationPath(below, tiers) ? 'applications' : undefined));
  if (tier) {
    faults.add(
      to.path,
      `lies on imglife.tiers.${tier}, where its copies would be taken for ${tier}; give it a path of its own`,
    );
  }
}

function overrideFaults(
  tier: LooseValue,
  known: Set<string> | undefined,
  faults: Faults,
): void {
  const seen = new Map<string, LooseValue>();
  for (const override of tier.get('overrides').items) {
    const image = override.get('image');
    const { text } = image;
    if (text === undefined) {
      continue;
    }
    const first = seen.get(text);
    if (first) {
      faults.add(
        image.path,
        `"${text}" is overridden by ${formatConfigPath(
          first.path,
        )} already, which counts`,
      );
    }
    seen.set(text, override);
    if (known && !text.includes('*') && !known.has(text)) {
      const names = [...known].sort().join(', ') || 'none';
      faults.add(image.path, `there is no "${text}"; known: ${names}`);
    }
  }
}

/** Archives at wrong places, and overrides of what is not there or told twice. */
export function retentionFaults(root: LooseValue, faults: Faults): void {
  const names = {
    mirrors: mirrorNames(root),
    bases: new Set(
      root
        .get('bases', 'entries')
        .items.flatMap(entry => entry.get('name').text ?? []),
    ),
    applications: undefined,
  };
  for (const [name, known] of Object.entries(names)) {
    const tier = root.get('retention', name);
    overrideFaults(tier, known, faults);
    for (const each of [tier, ...tier.get('overrides').items]) {
      archiveFaults(each.get('archive'), root, faults);
    }
  }
}
