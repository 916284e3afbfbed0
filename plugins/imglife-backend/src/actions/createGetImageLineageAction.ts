import {
  imglifeImageReadPermission,
  lineageQuerySchema,
} from '@imglife/backstage-plugin-imglife-common';
import { parseInput } from '../router/parseInput';
import type { ActionOptions } from './ActionOptions';
import { permitted } from './permitted';

const MAX_LISTED = 100;

/** `get-image-lineage`: what an image stands on, and what stands on it. */
export function createGetImageLineageAction(options: ActionOptions): void {
  options.actionsRegistry.register({
    name: 'get-image-lineage',
    title: 'Get the lineage of an image',
    description: `
Tells what an image is built on, nearest first, down to the public image it comes from, and which bases and applications are built on it.

Works for mirrors, bases and applications. At most ${MAX_LISTED} bases and ${MAX_LISTED} applications are listed; the totals count all of them.
    `,
    attributes: { destructive: false, readOnly: true, idempotent: true },
    visibilityPermission: imglifeImageReadPermission,
    schema: {
      input: zod =>
        zod.object({
          reference: zod
            .string()
            .describe(
              'Of the image, such as registry.example.com/apps/shop:1.2.0',
            ),
        }),
      output: zod => {
        const image = zod.object({
          reference: zod.string(),
          tier: zod
            .string()
            .describe('mirrors, bases, applications or upstream'),
          status: zod.string().nullable(),
          freshness: zod.string().nullable(),
          support: zod.string().nullable(),
          eolDate: zod.string().nullable(),
          owner: zod.string().nullable(),
        });
        return zod.object({
          image,
          builtOn: zod.array(image),
          bases: zod.array(image),
          totalBases: zod.number(),
          applications: zod.array(image),
          totalApplications: zod.number(),
        });
      },
    },
    examples: [
      {
        title: 'What a service comes from',
        input: { reference: 'registry.example.com/apps/shop:1.2.0' },
      },
    ],
    action: ({ input, credentials }) =>
      permitted(options, imglifeImageReadPermission, credentials, async () => {
        const query = { ...input, limit: MAX_LISTED };
        const { image, builtOn, bases, totalBases, applications } =
          await options.status.lineage(parseInput(lineageQuerySchema, query));
        return {
          image,
          builtOn,
          bases: bases.slice(0, MAX_LISTED),
          totalBases,
          applications: applications.items,
          totalApplications: applications.totalItems,
        };
      }),
  });
}
