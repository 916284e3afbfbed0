import { createFrontendPlugin } from '@backstage/frontend-plugin-api';
import { imglifeApi } from './api/imglifeApi';

/** The imglife frontend plugin. @public */
export const imglifePlugin = createFrontendPlugin({
  pluginId: 'imglife',
  title: 'Images',
  info: { packageJson: () => import('../package.json') },
  extensions: [imglifeApi],
});
