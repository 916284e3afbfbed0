import {
  adoptionQuerySchema,
  adoptionSchema,
  historyEntrySchema,
  historyQuerySchema,
  imglifeImageReadPermission,
  lineageQuerySchema,
  lineageSchema,
  pageSchema,
  transitionQuerySchema,
  transitionSchema,
} from '@imglife/backstage-plugin-imglife-common';
import type { z } from 'zod';
import type { StatusService } from '../status/StatusService';
import { parseInput } from './parseInput';
import type { Route } from './Route';

function queryRoute<Query extends z.ZodObject>(
  route: Pick<Route, 'path' | 'operationId' | 'summary'> & {
    query: Query;
    answer: z.ZodType;
  },
  read: (query: z.infer<Query>) => Promise<unknown>,
): Route {
  const { answer, ...rest } = route;
  return {
    ...rest,
    method: 'get',
    permission: imglifeImageReadPermission,
    responses: {
      200: {
        description: 'What is known',
        content: { 'application/json': answer },
      },
    },
    async handle(request, response) {
      response.json(await read(parseInput(route.query, request.query)));
    },
  };
}

/** What stands on what, how many stand there, and what changed. */
export function lineageRoutes(options: { status: StatusService }): Route[] {
  const { status } = options;
  return [
    queryRoute(
      {
        path: '/v1/images/lineage',
        operationId: 'getLineage',
        summary: 'What an image is built on, and what is built on it',
        query: lineageQuerySchema,
        answer: lineageSchema,
      },
      query => status.lineage(query),
    ),
    queryRoute(
      {
        path: '/v1/images/history',
        operationId: 'getHistory',
        summary:
          'Pulls, builds and registrations of a repository, newest first',
        query: historyQuerySchema,
        answer: pageSchema(historyEntrySchema),
      },
      query => status.history(query),
    ),
    queryRoute(
      {
        path: '/v1/adoption',
        operationId: 'getAdoption',
        summary: 'Current applications per base and cycle, now and over time',
        query: adoptionQuerySchema,
        answer: adoptionSchema,
      },
      query => status.adoption(query),
    ),
    queryRoute(
      {
        path: '/v1/transitions',
        operationId: 'listTransitions',
        summary: 'Changes of verdicts, newest first',
        query: transitionQuerySchema,
        answer: pageSchema(transitionSchema),
      },
      query => status.transitions(query),
    ),
  ];
}
