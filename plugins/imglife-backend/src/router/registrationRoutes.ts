import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  forgetQuerySchema,
  imglifeRegistrationCreatePermission,
  imglifeRegistrationDeletePermission,
  registrationAnswerSchema,
  registrationBatchAnswerSchema,
  registrationBatchSchema,
  registrationSchema,
} from '@imglife/backstage-plugin-imglife-common';
import type { ApplicationService } from '../applications/ApplicationService';
import type { StatusService } from '../status/StatusService';
import { parseInput } from './parseInput';
import { registerAll } from './registerAll';
import type { Caller, Route } from './Route';

/** What pipelines post. */
export function registrationRoutes(options: {
  applications: ApplicationService;
  status: StatusService;
  logger: LoggerService;
}): Route[] {
  const { applications, status, logger } = options;
  const content = { 'application/json': registrationAnswerSchema };

  async function record(item: unknown, caller: Caller) {
    const { created, reference } = await applications.register(
      parseInput(registrationSchema, item),
      caller.actor,
    );
    return {
      created,
      registration: await status.registrationAnswer(reference),
    };
  }

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
        const { created, registration } = await record(request.body, caller);
        response.status(created ? 201 : 200).json(registration);
      },
    },
    {
      method: 'post',
      path: '/v1/registrations/batch',
      operationId: 'registerBatch',
      summary: 'Record up to 200 application builds, each answered on its own',
      permission: imglifeRegistrationCreatePermission,
      body: registrationBatchSchema,
      responses: {
        200: {
          description: 'What became of each item, in their order',
          content: { 'application/json': registrationBatchAnswerSchema },
        },
      },
      async handle(request, response, caller) {
        const { items } = parseInput(registrationBatchSchema, request.body);
        const results = await registerAll(
          items,
          item => record(item, caller),
          logger,
        );
        response.json({ results });
      },
    },
    {
      method: 'delete',
      path: '/v1/registrations',
      operationId: 'forget',
      summary: 'Forget a registered image; its history stays',
      permission: imglifeRegistrationDeletePermission,
      query: forgetQuerySchema,
      responses: { 204: { description: 'Forgotten' } },
      async handle(request, response, caller) {
        const { image } = parseInput(forgetQuerySchema, request.query);
        await applications.forget(image, caller.actor);
        response.status(204).end();
      },
    },
  ];
}
