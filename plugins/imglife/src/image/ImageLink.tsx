import { useRouteRef } from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import type { Tier } from '@imglife/backstage-plugin-imglife-common';
import {
  applicationsRouteRef,
  basesRouteRef,
  mirrorsRouteRef,
} from '../routes';

/** A reference that leads to its image in the table of its tier. */
export function ImageLink(props: { tier: Tier; reference: string }) {
  const { tier, reference } = props;
  const path = useTierPath(tier);
  if (path === undefined) {
    return <>{reference}</>;
  }
  const query = new URLSearchParams({ image: reference });
  return (
    <Link href={`${path}?${query}`} variant="body-medium">
      {reference}
    </Link>
  );
}

/** Where a tier's table is; undefined where its page is turned off. */
export function useTierPath(tier: Tier): string | undefined {
  const paths = {
    mirrors: useRouteRef(mirrorsRouteRef),
    bases: useRouteRef(basesRouteRef),
    applications: useRouteRef(applicationsRouteRef),
  };
  return paths[tier]?.();
}
