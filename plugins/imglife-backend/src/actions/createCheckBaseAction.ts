import {
  checkQuerySchema,
  imglifeImageReadPermission,
} from '@imglife/backstage-plugin-imglife-common';
import { parseInput } from '../router/parseInput';
import type { ActionOptions } from './ActionOptions';
import { permitted } from './permitted';
import { shortVerdict, verdictShape } from './verdictShape';

/** `check-base`: the question every pipeline asks. */
export function createCheckBaseAction(options: ActionOptions): void {
  options.actionsRegistry.register({
    name: 'check-base',
    title: 'Check a base image',
    description: `
Judges the image that a service is built on: whether it is current, which image to use instead, and until when it is supported.

Give the reference as it stands in the last FROM of the Dockerfile, such as \`registry.example.com/bases/alpine:3.21.3-core1.0.0\`
or \`python:3.12\`. An image that is none of the organisation's bases is answered as \`unmanaged\`, with the base to use instead where there is one.
    `,
    attributes: { destructive: false, readOnly: true, idempotent: true },
    visibilityPermission: imglifeImageReadPermission,
    schema: {
      input: zod =>
        zod.object({
          base: zod.string().describe('Reference of the base image'),
          digest: zod
            .string()
            .optional()
            .describe('Its digest as it was pulled, such as sha256:…'),
          application: zod
            .string()
            .optional()
            .describe(
              'Reference of the application built on it, for its exemptions',
            ),
        }),
      output: verdictShape,
    },
    examples: [
      {
        title: 'Check what a Dockerfile is built on',
        input: {
          base: 'registry.example.com/bases/alpine:3.21.3-core1.0.0',
        },
      },
    ],
    action: ({ input, credentials }) =>
      permitted(options, imglifeImageReadPermission, credentials, async () =>
        shortVerdict(
          await options.status.check(parseInput(checkQuerySchema, input)),
        ),
      ),
  });
}
