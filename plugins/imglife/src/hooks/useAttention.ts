import type {
  ImglifeApi,
  Page,
} from '@imglife/backstage-plugin-imglife-common';
import { type Reading, useReading } from './useReading';

/** What someone should look at. */
export const attentions = ['moved', 'failing', 'unused', 'unowned'] as const;

/** What someone should look at. */
export type Attention = (typeof attentions)[number];

/** The query of the table that shows it. */
export const attentionQuery = {
  moved: { state: 'moved' },
  failing: { failing: true },
  unused: { used: false, state: 'published' },
  unowned: { owned: false },
} as const satisfies Record<Attention, object>;

/** How many there are; `isLowerBound`: more than that. */
export interface AttentionCount {
  count: number;
  isLowerBound: boolean;
}

const lists: Record<
  Attention,
  (api: ImglifeApi) => Promise<Pick<Page<unknown>, 'totalItems'>>
> = {
  moved: api => api.listMirrors({ ...attentionQuery.moved, limit: 1 }),
  failing: api => api.listRuns({ ...attentionQuery.failing, limit: 1 }),
  unused: api => api.listBases({ ...attentionQuery.unused, limit: 1 }),
  unowned: api => api.listApplications({ ...attentionQuery.unowned, limit: 1 }),
};

/** How many of each need attention. */
export function useAttention(): Reading<Record<Attention, AttentionCount>> {
  return useReading(['attention'], async api => {
    const counts = await Promise.all(
      attentions.map(async name => {
        const page: Pick<
          Page<unknown>,
          'totalItems' | 'totalIsLowerBound'
        > = await lists[name](api);
        return [
          name,
          {
            count: page.totalItems,
            isLowerBound: page.totalIsLowerBound ?? false,
          },
        ] as const;
      }),
    );
    return Object.fromEntries(counts) as Record<Attention, AttentionCount>;
  });
}
