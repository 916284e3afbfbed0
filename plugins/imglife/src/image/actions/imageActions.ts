import type { ImageRow } from '../imageRows';

/** What can be done with an image. */
export type ImageAction = 'sync' | 'accept' | 'build' | 'withdraw';

/** What may be done by whom. */
export interface ImageRights {
  mayRun: boolean;
  mayWithdraw: boolean;
}

/** What can be done with an image as it stands, by those rights. */
export function actionsOf(image: ImageRow, rights: ImageRights): ImageAction[] {
  const actions: ImageAction[] = [];
  switch (image.tier) {
    case 'mirrors':
      if (rights.mayRun && image.row.pendingDigest !== null) {
        actions.push('accept');
      }
      if (rights.mayRun) {
        actions.push('sync');
      }
      break;
    case 'bases':
      // what was never published cannot be taken back
      if (
        rights.mayWithdraw &&
        image.row.digest !== null &&
        image.row.withdrawal === null
      ) {
        actions.push('withdraw');
      }
      if (rights.mayRun) {
        actions.push('build');
      }
      break;
    default:
  }
  return actions;
}
