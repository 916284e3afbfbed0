import type { Faults } from './Faults';
import { formatConfigPath } from './Faults';
import type { LooseValue } from './LooseValue';

/** Builders of our own that can run no command in what they build. */
const WITHOUT_SMOKE = ['embedded', 'buildkit', 'export'];
const DEFAULT_BUILDER = 'embedded';
const DEFAULT_ISOLATION = 'chroot';

/** Why a base cannot have a smoke command, and what to do. */
export function smokeFault(base: string, builder: string): string {
  return `base ${base} is of builder ${builder}, which cannot run a command in what it builds; let buildah or docker build it, or give the base smoke: []`;
}

function smokeFaults(bases: LooseValue, faults: Faults): void {
  for (const entry of bases.get('entries').items) {
    const own = entry.get('smoke');
    const smoke = own.isPresent ? own : bases.get('smoke');
    const builder =
      entry.get('builder').text ?? bases.get('builder').text ?? DEFAULT_BUILDER;
    if (smoke.items.length && WITHOUT_SMOKE.includes(builder)) {
      const name = entry.get('name').text ?? formatConfigPath(entry.path);
      faults.add(smoke.path, smokeFault(name, builder));
    }
  }
}

function buildahFaults(buildah: LooseValue, faults: Faults): void {
  const network = buildah.get('network');
  const isolation = buildah.get('isolation').text ?? DEFAULT_ISOLATION;
  if (network.text === 'none' && isolation === DEFAULT_ISOLATION) {
    faults.add(
      network.path,
      'cannot be none with isolation chroot, which buildah refuses: there RUN has the network of the machine; choose isolation oci or rootless, or leave network out',
    );
  }
}

/** What builders are asked for that they cannot do. */
export function builderFaults(root: LooseValue, faults: Faults): void {
  const bases = root.get('bases');
  smokeFaults(bases, faults);
  buildahFaults(bases.get('builders', 'buildah'), faults);
}
