import { createApiRef } from '@backstage/frontend-plugin-api';
import type { ImglifeApi } from '@imglife/backstage-plugin-imglife-common';

/** The HTTP interface of the backend plugin, for components. @public */
export const imglifeApiRef = createApiRef<ImglifeApi>().with({
  id: 'plugin.imglife.client',
  pluginId: 'imglife',
});
