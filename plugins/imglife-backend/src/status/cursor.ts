import type { OrderField } from '@imglife/backstage-plugin-imglife-common';
import { z } from 'zod';
import {
  cursorInteger,
  cursorText,
  readCursor,
  writeCursor,
} from '../database/readCursor';

/** Where a page begins: beside the row that these values are of. */
export interface Cursor {
  orderBy: OrderField;
  order: 'asc' | 'desc';
  /** whether the page lies before that row */
  backward: boolean;
  /** value of the sort column; null sorts last in both directions */
  value: string | number | null;
  repository: string;
  tag: string;
  /** in an order that goes verdict by verdict: that of the row */
  verdict?: number;
}

/** Opaque text for a URL. */
export function formatCursor(cursor: Cursor): string {
  const { orderBy, order, backward, value, repository, tag, verdict } = cursor;
  return writeCursor([
    ...[orderBy, order, backward ? 1 : 0, value, repository, tag],
    ...(verdict === undefined ? [] : [verdict]),
  ]);
}

/**
 * @param byVerdict - whether the order goes verdict by verdict
 * @throws InputError - not one that this table gave for this order
 */
export function parseCursor(
  text: string,
  expected: Pick<Cursor, 'orderBy' | 'order'>,
  byVerdict: boolean = false,
): Cursor {
  const place = [
    z.literal(expected.orderBy),
    z.literal(expected.order),
    z.literal([0, 1]),
    // the only one of the columns that is a number
    (expected.orderBy === 'status' ? cursorInteger : cursorText).nullable(),
    cursorText,
    cursorText,
  ] as const;
  const [, , backward, value, repository, tag, verdict] = byVerdict
    ? readCursor(text, z.tuple([...place, cursorInteger]))
    : readCursor(text, z.tuple([...place]));
  return {
    ...expected,
    backward: backward === 1,
    value,
    repository,
    tag,
    ...(verdict !== undefined && { verdict }),
  };
}
