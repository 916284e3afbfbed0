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

/** `list-outdated-applications`: what is to be rebuilt, and by whom. */
export function createListOutdatedApplicationsAction(
  options: ActionOptions,
): void {
  options.actionsRegistry.register({
    name: 'list-outdated-applications',
    title: 'List outdated applications',
    description: `
Lists applications whose base image is outdated: a newer build of that base is published. Each names the base it stands on and the one to use
(\`latestInCycle\` stays within the cycle, \`latest\` may be a newer cycle), with its owner and catalog entity.

Set \`reason\` to \`ended\` for applications whose base is past its end of life instead, or to \`ending\` for those that soon will be.
    `,
    attributes: { destructive: false, readOnly: true, idempotent: true },
    visibilityPermission: imglifeImageReadPermission,
    schema: {
      input: zod =>
        zod.object({
          reason: zod
            .enum(['outdated', 'rebuilt', 'unmanaged', 'ended', 'ending'])
            .optional()
            .describe('What is wrong with the base. Defaults to outdated.'),
          owner: zod
            .string()
            .optional()
            .describe('Entity reference, such as group:default/team-a'),
          entityRef: zod
            .string()
            .optional()
            .describe('Of the catalog component, component:default/shop'),
          ...pageInput(zod),
        }),
      output: applicationPageShape,
    },
    examples: [
      {
        title: 'What my team has to rebuild',
        input: { owner: 'group:default/team-a' },
      },
      {
        title: 'Everything past its end of life',
        input: { reason: 'ended' as const },
      },
    ],
    action: ({ input, credentials }) =>
      permitted(options, imglifeImageReadPermission, credentials, async () => {
        const { reason = 'outdated', limit = DEFAULT_LIMIT, ...rest } = input;
        const judged =
          reason === 'ended' || reason === 'ending'
            ? { support: reason }
            : { freshness: reason };
        const query = { ...judged, ...rest, limit };
        return shortPage(
          await options.status.listApplications(
            parseInput(tierQuerySchema, query),
          ),
        );
      }),
  });
}
