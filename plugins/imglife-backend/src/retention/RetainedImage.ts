import type { Tier } from '@imglife/backstage-plugin-imglife-common';
import type {
  RepositoryName,
  RetentionRules,
} from '../definitions/Definitions';

/** One repository that tags may be deleted of. */
export interface RetainedImage {
  tier: Tier;
  /** of the mirror or base; of an application its repository */
  name: string;
  target: RepositoryName;
  /** `host/path` of the target */
  repository: string;
  rules: RetentionRules;
}
