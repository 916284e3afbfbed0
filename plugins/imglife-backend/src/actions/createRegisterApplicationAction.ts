import {
  imglifeRegistrationCreatePermission,
  registrationSchema,
} from '@imglife/backstage-plugin-imglife-common';
import { parseInput } from '../router/parseInput';
import type { ActionOptions } from './ActionOptions';
import { permitted } from './permitted';
import { shortVerdict, verdictShape } from './verdictShape';

const MAX_TEXT = 512;

/** `register-application`: what pipelines post. */
export function createRegisterApplicationAction(options: ActionOptions): void {
  const { applications, auditor, status, writeLimit } = options;
  options.actionsRegistry.register({
    name: 'register-application',
    title: 'Register an application',
    description: `
Records that an application image was built, so that it is judged, shown on its component's page and found by whoever asks what stands on a base.

Only \`image\` is needed: its digest, platforms, creation time, revision, project and base are read from the registry. Registering the same facts
again changes nothing.
    `,
    attributes: { destructive: false, readOnly: false, idempotent: true },
    visibilityPermission: imglifeRegistrationCreatePermission,
    schema: {
      input: zod =>
        zod.object({
          image: zod
            .string()
            .describe(
              'Reference, such as registry.example.com/apps/shop:1.2.0',
            ),
          digest: zod.string().optional(),
          base: zod.string().optional().describe('What it is built on'),
          baseDigest: zod.string().optional(),
          revision: zod
            .string()
            .optional()
            .describe('Commit it was built from'),
          project: zod.string().optional().describe('Such as myteam/shop'),
          platforms: zod.array(zod.string()).optional(),
          builtAt: zod.string().optional().describe('ISO 8601'),
          entityRef: zod
            .string()
            .optional()
            .describe('Of its catalog component, component:default/shop'),
          fields: zod.record(zod.string()).optional(),
        }),
      output: zod =>
        zod.object({
          reference: zod.string(),
          created: zod
            .boolean()
            .describe('Whether these facts were not known before'),
          verdict: verdictShape(zod),
        }),
    },
    examples: [
      {
        title: 'Register what was just pushed',
        input: { image: 'registry.example.com/apps/shop:1.2.0' },
      },
    ],
    action: async ({ input, credentials }) => {
      const permission = imglifeRegistrationCreatePermission;
      const event = await auditor.createEvent({
        eventId: 'register',
        severityLevel: 'low',
        meta: {
          permission: permission.name,
          image: input.image.slice(0, MAX_TEXT),
        },
      });
      try {
        const done = await permitted(
          options,
          permission,
          credentials,
          async ({ actor }) => {
            await writeLimit?.count(actor);
            const { reference, created } = await applications.register(
              parseInput(registrationSchema, input),
              actor,
            );
            const { verdict } = await status.registrationAnswer(reference);
            return { reference, created, verdict: shortVerdict(verdict) };
          },
        );
        await event.success();
        return done;
      } catch (error) {
        await event.fail({ error: error as Error });
        throw error;
      }
    },
  });
}
