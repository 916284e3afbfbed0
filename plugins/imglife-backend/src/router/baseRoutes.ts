import {
  baseRowSchema,
  imglifeBaseWithdrawPermission,
  withdrawSchema,
} from '@imglife/backstage-plugin-imglife-common';
import type { BaseTagService } from '../bases/BaseTagService';
import type { StatusService } from '../status/StatusService';
import { parseInput } from './parseInput';
import type { Route } from './Route';

/** What is done with one published base. */
export function baseRoutes(options: {
  baseTags: BaseTagService;
  status: StatusService;
}): Route[] {
  const { baseTags, status } = options;
  const content = { 'application/json': baseRowSchema };
  return [
    {
      method: 'post',
      path: '/v1/bases/withdraw',
      operationId: 'withdrawBase',
      summary: 'Take a bad base back; what is built on it becomes critical',
      permission: imglifeBaseWithdrawPermission,
      body: withdrawSchema,
      responses: {
        200: { description: 'Withdrawn; the row of the base', content },
      },
      async handle(request, response, caller) {
        const reference = await baseTags.withdraw(
          parseInput(withdrawSchema, request.body),
          caller.actor,
        );
        response.json(await status.base(reference));
      },
    },
  ];
}
