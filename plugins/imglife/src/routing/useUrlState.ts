import { useCallback, useMemo } from 'react';
import { useLocation, useSearchParams } from 'react-router-dom';

/** Values of the query string; setting one to undefined removes it. */
export type UrlState = Readonly<Record<string, string | undefined>>;

/**
 * State that lives in the query string, so that a view can be shared and the
 * back button undoes it. Values of others stay as they are.
 *
 * @returns the values, and a function that changes some of them
 */
export function useUrlState(): [
  UrlState,
  (changes: UrlState, options?: { replace?: boolean }) => void,
] {
  const [params, setParams] = useSearchParams();
  const state = useMemo(() => Object.fromEntries(params), [params]);
  const change = useCallback(
    (changes: UrlState, options?: { replace?: boolean }) =>
      setParams(previous => changed(previous, changes), {
        replace: options?.replace ?? false,
      }),
    [setParams],
  );
  return [state, change];
}

/** Addresses of this page with some of its values changed, for links. */
export function useUrlWith(): (changes: UrlState) => string {
  const { pathname } = useLocation();
  const [params] = useSearchParams();
  return changes => `${pathname}?${changed(params, changes)}`;
}

function changed(params: URLSearchParams, changes: UrlState): URLSearchParams {
  const next = new URLSearchParams(params);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === '') {
      next.delete(name);
    } else {
      next.set(name, value);
    }
  }
  return next;
}
