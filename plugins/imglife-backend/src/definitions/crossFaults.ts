import { baseFaults } from './baseFaults';
import { builderFaults } from './builderFaults';
import type { Faults } from './Faults';
import { hookFaults } from './hookFaults';
import { LooseValue } from './LooseValue';
import { mirrorFaults } from './mirrorFaults';
import { registryFaults, tierFaults } from './registryFaults';
import { retentionFaults } from './retentionFaults';

function exemptionFaults(root: LooseValue, faults: Faults): void {
  for (const entry of root.get('policy', 'exemptions').items) {
    const patterns = ['image', 'project', 'base'];
    if (entry.isBlock && !patterns.some(key => entry.get(key).isPresent)) {
      faults.add(
        entry.path,
        'would exempt everything; give a pattern for image, project or base',
      );
    }
  }
}

function fileFaults(root: LooseValue, faults: Faults): void {
  const seen = new Set<string>();
  for (const entry of root.get('definitions').items) {
    const url = entry.get('url');
    if (url.text !== undefined && seen.has(url.text)) {
      faults.add(url.path, 'is listed twice; name each file once');
    }
    seen.add(url.text ?? '');
  }
}

/**
 * Finds what is wrong between values, on whatever can be read of them, so
 * that a wrong shape in one place hides no fault in another.
 *
 * @param value - the `imglife` block as configured
 * @param cwd - absolute folder that relative file names start from
 */
export function crossFaults(value: unknown, faults: Faults, cwd: string): void {
  const root = LooseValue.create(value);
  registryFaults(root, faults);
  fileFaults(root, faults);
  tierFaults(root, faults);
  mirrorFaults(root, faults);
  baseFaults(root, faults, cwd);
  builderFaults(root, faults);
  hookFaults(root, faults);
  exemptionFaults(root, faults);
  retentionFaults(root, faults);
}
