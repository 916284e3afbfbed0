import {
  checkQuerySchema,
  imglifeImageReadPermission,
  verdictSchema,
} from '@imglife/backstage-plugin-imglife-common';
import type { StatusService } from '../status/StatusService';
import { parseInput } from './parseInput';
import type { Route } from './Route';

/** The question every pipeline asks. */
export function checkRoutes(options: { status: StatusService }): Route[] {
  return [
    {
      method: 'get',
      path: '/v1/check',
      operationId: 'check',
      summary: 'The verdict on a base image',
      permission: imglifeImageReadPermission,
      query: checkQuerySchema,
      responses: {
        200: {
          description: 'The verdict',
          content: { 'application/json': verdictSchema },
        },
      },
      async handle(request, response) {
        response.json(
          await options.status.check(
            parseInput(checkQuerySchema, request.query),
          ),
        );
      },
    },
  ];
}
