import type { Faults } from './Faults';
import type { LooseValue } from './LooseValue';

/** Names of bases that nobody owns. */
function unowned(bases: LooseValue): string[] {
  return bases.get('owner').isPresent
    ? []
    : bases
        .get('entries')
        .items.filter(entry => !entry.get('owner').isPresent)
        .flatMap(entry => entry.get('name').text ?? []);
}

/** Hooks that are neither or both, and notifications that nobody would get. */
export function hookFaults(root: LooseValue, faults: Faults): void {
  const bases = root.get('bases');
  for (const hook of bases.get('hooks', 'afterBuild').items) {
    const [webhook, notification] = ['webhook', 'notification'].map(key =>
      hook.get(key),
    );
    if (hook.isBlock && webhook.isPresent === notification.isPresent) {
      faults.add(hook.path, 'needs either webhook or notification');
    }
    const names = unowned(bases);
    if (
      notification.isBlock &&
      !notification.get('recipients').isPresent &&
      names.length
    ) {
      faults.add(
        notification.path,
        `would reach nobody for ${names.join(
          ', ',
        )}: give recipients here, or an owner there or under imglife.bases.owner`,
      );
    }
  }
}
