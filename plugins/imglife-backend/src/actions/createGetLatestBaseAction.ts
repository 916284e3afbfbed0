import {
  imglifeImageReadPermission,
  tierQuerySchema,
} from '@imglife/backstage-plugin-imglife-common';
import { parseInput } from '../router/parseInput';
import type { ActionOptions } from './ActionOptions';
import { permitted } from './permitted';

const NEWEST = ['current', 'superseded'] as const;
const LIMIT = 100;

/** `get-latest-base`: what to build on. */
export function createGetLatestBaseAction(options: ActionOptions): void {
  options.actionsRegistry.register({
    name: 'get-latest-base',
    title: 'Get the latest base',
    description: `
Tells which image to build on: of each supported cycle of a base the newest published build, the newest cycle first.

Use \`bases[0]\` unless the service has to stay on a cycle; then give \`cycle\`.
    `,
    attributes: { destructive: false, readOnly: true, idempotent: true },
    visibilityPermission: imglifeImageReadPermission,
    schema: {
      input: zod =>
        zod.object({
          name: zod.string().describe('Name of the base, such as alpine'),
          cycle: zod
            .string()
            .optional()
            .describe('Such as 3.21; without it, of every cycle'),
        }),
      output: zod =>
        zod.object({
          bases: zod.array(
            zod.object({
              reference: zod.string(),
              digest: zod.string().nullable(),
              cycle: zod.string().nullable(),
              freshness: zod
                .string()
                .describe('current, or superseded by a newer cycle'),
              support: zod.string(),
              eolDate: zod.string().nullable(),
              platforms: zod.array(zod.string()),
              builtAt: zod.string().nullable(),
            }),
          ),
        }),
    },
    examples: [{ title: 'What to write into FROM', input: { name: 'alpine' } }],
    action: ({ input, credentials }) =>
      permitted(options, imglifeImageReadPermission, credentials, async () => {
        const { name, cycle } = input;
        const pages = await Promise.all(
          NEWEST.map(freshness =>
            options.status.listBases(
              parseInput(tierQuerySchema, {
                base: cycle ? `${name}:${cycle}` : name,
                freshness,
                orderBy: 'version',
                order: 'desc',
                limit: LIMIT,
              }),
            ),
          ),
        );
        const rows = pages.flatMap(({ items }) => items);
        return {
          bases: rows
            .filter(row => row.digest !== null && row.state !== 'withdrawn')
            .map(row => ({
              reference: row.reference,
              digest: row.digest,
              cycle: row.cycle,
              freshness: row.freshness,
              support: row.support,
              eolDate: row.eolDate,
              platforms: row.platforms,
              builtAt: row.builtAt,
            })),
        };
      }),
  });
}
