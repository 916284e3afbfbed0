import type {
  Adoption,
  BaseRow,
  ImglifeApi,
} from '@imglife/backstage-plugin-imglife-common';
import { useMemo } from 'react';
import { type BaseCycle, baseCycles } from '../rules/baseCycles';
import { timelineHorizon } from '../rules/eolTimeline';
import { useNow } from './useNow';
import { type Reading, useReading } from './useReading';

const REFRESH_MS = 60_000;
const PAGE_SIZE = 500;
const MOST_PAGES = 10;

/** Bases by their end of life, and whether there are more than were read. */
interface EndingBases {
  rows: BaseRow[];
  truncated: boolean;
}

/** Cycles of bases that have ended or do so within a year, first to end first. */
export function useBaseCycles(
  adoption: Reading<Adoption>,
): Reading<{ cycles: BaseCycle[]; truncated: boolean }> {
  const horizon = timelineHorizon(useNow());
  const bases = useReading(
    ['ending-bases', horizon],
    api => readEndingBases(api, horizon),
    REFRESH_MS,
  );
  const value = useMemo(
    () =>
      adoption.value &&
      bases.value && {
        cycles: baseCycles(adoption.value, bases.value.rows),
        truncated: bases.value.truncated,
      },
    [adoption.value, bases.value],
  );
  return {
    value,
    error: adoption.error ?? bases.error,
    retry: () => {
      adoption.retry();
      bases.retry();
    },
  };
}

/** Bases in the order they end, no further than the horizon. */
async function readEndingBases(
  api: ImglifeApi,
  horizon: string,
): Promise<EndingBases> {
  const rows: BaseRow[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const page = await api.listBases({
      orderBy: 'eolDate',
      order: 'asc',
      limit: PAGE_SIZE,
      cursor,
    });
    rows.push(...page.items);
    cursor = page.pageInfo.nextCursor;
    const last = rows.at(-1)?.eolDate ?? null;
    // what has no date comes last
    if (!cursor || last === null || last > horizon) {
      return { rows, truncated: false };
    }
  }
  return { rows, truncated: true };
}
