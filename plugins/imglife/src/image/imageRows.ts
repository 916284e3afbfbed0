import type {
  ApplicationRow,
  BaseRow,
  ImglifeApi,
  MirrorRow,
  StatusFacts,
  Tier,
} from '@imglife/backstage-plugin-imglife-common';
import { applicationFacts } from '../rules/applicationFacts';

/** A row of whichever tier, told apart by `tier`. */
export type ImageRow =
  | { tier: 'mirrors'; row: MirrorRow }
  | { tier: 'bases'; row: BaseRow }
  | { tier: 'applications'; row: ApplicationRow };

/** One image of a tier, whatever its state; undefined where there is none. */
export async function readImageRow(
  api: ImglifeApi,
  tier: Tier,
  reference: string,
): Promise<ImageRow | undefined> {
  const query = { reference, all: true, limit: 1 };
  switch (tier) {
    case 'mirrors': {
      const [row] = (await api.listMirrors(query)).items;
      return row && { tier, row };
    }
    case 'bases': {
      const [row] = (await api.listBases(query)).items;
      return row && { tier, row };
    }
    default: {
      const [row] = (await api.listApplications(query)).items;
      return row && { tier, row };
    }
  }
}

/** What the status of an image is told from. */
export function factsOf(image: ImageRow): StatusFacts {
  return image.tier === 'applications'
    ? applicationFacts(image.row)
    : image.row;
}
