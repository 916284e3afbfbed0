import { InputError } from '@backstage/errors';
import type { OrderField } from '@imglife/backstage-plugin-imglife-common';

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
  return Buffer.from(
    JSON.stringify([
      ...[orderBy, order, backward ? 1 : 0, value, repository, tag],
      ...(verdict === undefined ? [] : [verdict]),
    ]),
  ).toString('base64url');
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
  const parts = decode(text);
  const [orderBy, order, backward, value, repository, tag, verdict] =
    parts ?? [];
  const isValid =
    orderBy === expected.orderBy &&
    order === expected.order &&
    (backward === 0 || backward === 1) &&
    (value === null || ['string', 'number'].includes(typeof value)) &&
    typeof repository === 'string' &&
    typeof tag === 'string' &&
    (byVerdict ? Number.isInteger(verdict) : verdict === undefined);
  if (!isValid) {
    throw new InputError(
      'cursor: not one that this table gave for this order; leave it out to start at the first page',
    );
  }
  return {
    ...expected,
    backward: backward === 1,
    value: value as Cursor['value'],
    repository,
    tag,
    ...(byVerdict && { verdict: verdict as number }),
  };
}

function decode(text: string): unknown[] | undefined {
  try {
    const parsed = JSON.parse(Buffer.from(text, 'base64url').toString());
    return Array.isArray(parsed) && parsed.length >= 6 ? parsed : undefined;
  } catch {
    return undefined;
  }
}
