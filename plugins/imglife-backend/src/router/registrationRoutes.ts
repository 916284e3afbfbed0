import {
  imglifeRegistrationCreatePermission,
  registrationAnswerSchema,
  registrationSchema,
} from '@imglife/backstage-plugin-imglife-common';
import type { ApplicationService } from '../applications/ApplicationService';
import type { StatusService } from '../status/StatusService';
import { parseInput } from './parseInput';
import type { Route } from './Route';

/** What pipelines post. */
export function registrationRoutes(options: {
  applications: ApplicationService;
  status: StatusService;
}): Route[] {
  const content = { 'application/json': registrationAnswerSchema };
  return [
    {
      method: 'post',
      path: '/v1/registrations',
      operationId: 'register',
      summary: 'Record an application build',
      permission: imglifeRegistrationCreatePermission,
      body: registrationSchema,
      responses: {
        200: { description: 'These facts were known already', content },
        201: { description: 'Recorded', content },
      },
      async handle(request, response, caller) {
        const { created, reference } = await options.applications.register(
          parseInput(registrationSchema, request.body),
          caller.actor,
        );
        response
          .status(created ? 201 : 200)
          .json(await options.status.registrationAnswer(reference));
      },
    },
  ];
}
