import { useRouteRef } from '@backstage/frontend-plugin-api';
import { applicationsRouteRef, basesRouteRef } from '../../routes';
import { applicationsQuery } from '../../rules/adoptionBars';
import type { BaseCycle } from '../../rules/baseCycles';
import { withQuery } from '../../rules/withQuery';

/**
 * Where a cycle leads to: the applications on it, and where there are none, its
 * bases.
 */
export function useCycleHref(): (cycle: BaseCycle) => string | undefined {
  const applications = useRouteRef(applicationsRouteRef)?.();
  const bases = useRouteRef(basesRouteRef)?.();
  return cycle =>
    withQuery(
      cycle.applications > 0 ? applications : bases,
      applicationsQuery(cycle),
    );
}
