import { mockApis, renderTestApp } from '@backstage/frontend-test-utils';
import { entityRouteRef } from '@backstage/plugin-catalog-react';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { imglifeApiRef } from '../api/imglifeApiRef';
import type { FakeImglifeApi } from '../__fixtures__/FakeImglifeApi';
import { imglifePlugin } from '../plugin';

/** The portal with the plugin alone, opened at a path by one who may all. */
export function renderPage(api: FakeImglifeApi, path: string) {
  return renderTestApp({
    features: [imglifePlugin],
    initialRouteEntries: [path],
    mountedRoutes: { '/catalog/:namespace/:kind/:name': entityRouteRef },
    apis: [
      [imglifeApiRef, api as never],
      mockApis.permission({ authorize: AuthorizeResult.ALLOW }),
    ],
  });
}
