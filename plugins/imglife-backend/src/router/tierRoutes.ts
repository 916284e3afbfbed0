import {
  applicationRowSchema,
  baseRowSchema,
  imglifeImageReadPermission,
  mirrorRowSchema,
  Page,
  pageSchema,
  summarySchema,
  TierQuery,
  tierQuerySchema,
} from '@imglife/backstage-plugin-imglife-common';
import type { z } from 'zod';
import type { StatusService } from '../status/StatusService';
import { parseInput } from './parseInput';
import type { Route } from './Route';

function tierRoute(
  tier: string,
  operationId: string,
  row: z.ZodType,
  list: (query: TierQuery) => Promise<Page<unknown>>,
): Route {
  return {
    method: 'get',
    path: `/v1/${tier}`,
    operationId,
    summary: `Rows of the ${tier} table`,
    permission: imglifeImageReadPermission,
    query: tierQuerySchema,
    responses: {
      200: {
        description: 'One page',
        content: { 'application/json': pageSchema(row) },
      },
    },
    async handle(request, response) {
      response.json(await list(parseInput(tierQuerySchema, request.query)));
    },
  };
}

/** The summary and the three tier tables. */
export function tierRoutes(options: { status: StatusService }): Route[] {
  const { status } = options;
  return [
    {
      method: 'get',
      path: '/v1/summary',
      operationId: 'getSummary',
      summary: 'Counts per tier and status, and the age of the data',
      permission: imglifeImageReadPermission,
      responses: {
        200: {
          description: 'The summary',
          content: { 'application/json': summarySchema },
        },
      },
      async handle(_request, response) {
        response.json(await status.summary());
      },
    },
    tierRoute('mirrors', 'listMirrors', mirrorRowSchema, query =>
      status.listMirrors(query),
    ),
    tierRoute('bases', 'listBases', baseRowSchema, query =>
      status.listBases(query),
    ),
    tierRoute('applications', 'listApplications', applicationRowSchema, query =>
      status.listApplications(query),
    ),
  ];
}
