import {
  type RunQuery,
  runQuerySchema,
  type TransitionQuery,
  transitionQuerySchema,
} from '@imglife/backstage-plugin-imglife-common';
import type { UrlState } from '../routing/useUrlState';
import { booleanOf, DEFAULT_PAGE_SIZE } from './tierQuery';

/** The query of runs that a URL stands for; what is wrong in it is left out. */
export function runQueryOf(state: UrlState): RunQuery {
  return valid(runQuerySchema.shape, {
    kind: state.kind,
    state: state.state,
    target: state.target,
    failing: booleanOf(state.failing),
    cursor: state.cursor,
    limit: limitOf(state),
  });
}

/** The query of changes that a URL stands for; what is wrong in it is left out. */
export function transitionQueryOf(state: UrlState): TransitionQuery {
  return valid(transitionQuerySchema.shape, {
    base: state.base,
    cursor: state.cursor,
    limit: limitOf(state),
  });
}

function limitOf(state: UrlState): number {
  const limit = Number(state.limit);
  return runQuerySchema.shape.limit.safeParse(limit).success
    ? limit
    : DEFAULT_PAGE_SIZE;
}

/** The values that their schemas take. */
function valid(
  shape: Record<string, { safeParse(value: unknown): { success: boolean } }>,
  values: Record<string, unknown>,
): object {
  return Object.fromEntries(
    Object.entries(values).filter(
      ([name, value]) =>
        value !== undefined && shape[name].safeParse(value).success,
    ),
  );
}
