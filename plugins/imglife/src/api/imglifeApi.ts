import {
  ApiBlueprint,
  discoveryApiRef,
  fetchApiRef,
} from '@backstage/frontend-plugin-api';
import { ImglifeClient } from '@imglife/backstage-plugin-imglife-common';
import { imglifeApiRef } from './imglifeApiRef';

/** The client, with the signed-in user's credentials. */
export const imglifeApi = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: imglifeApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: ({ discoveryApi, fetchApi }) =>
        new ImglifeClient({
          baseUrl: () => discoveryApi.getBaseUrl('imglife'),
          fetch: fetchApi.fetch,
        }),
    }),
});
