import {
  imglifeImageReadPermission,
  tierQuerySchema,
} from '@imglife/backstage-plugin-imglife-common';
import { parseInput } from '../router/parseInput';
import type { ActionOptions } from './ActionOptions';
import {
  applicationPageShape,
  DEFAULT_LIMIT,
  pageInput,
  shortPage,
} from './applicationShape';
import { permitted } from './permitted';

/** `find-applications-using-base`: who stands on this? */
export function createFindApplicationsUsingBaseAction(
  options: ActionOptions,
): void {
  options.actionsRegistry.register({
    name: 'find-applications-using-base',
    title: 'Find applications using a base',
    description: `
Finds the applications that are built on a base image, a mirror, or anything of a product.

\`base\` is a name (\`alpine\`), a name with a cycle or version (\`alpine:3.19\`), or a reference
(\`registry.example.com/bases/alpine:3.21.3-core1.0.0\`). A name also finds what stands on that product through another base, such as Java on Alpine.
    `,
    attributes: { destructive: false, readOnly: true, idempotent: true },
    visibilityPermission: imglifeImageReadPermission,
    schema: {
      input: zod =>
        zod.object({
          base: zod.string().describe('Which base, as above'),
          ...pageInput(zod),
        }),
      output: applicationPageShape,
    },
    examples: [
      { title: 'Who is still on Alpine 3.19', input: { base: 'alpine:3.19' } },
    ],
    action: ({ input, credentials }) =>
      permitted(options, imglifeImageReadPermission, credentials, async () =>
        shortPage(
          await options.status.listApplications(
            parseInput(tierQuerySchema, { limit: DEFAULT_LIMIT, ...input }),
          ),
        ),
      ),
  });
}
