import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { eventsExtensionPoint } from '@backstage/plugin-events-node/alpha';
import { bearsSecret } from './bearsSecret';
import { parseNotification } from './parseNotification';
import { readSecrets } from './readSecrets';

/** Where the backend plugin listens for what registries say. */
const TOPIC = 'imglife.registry';

// https://distribution.github.io/distribution/about/notifications/#envelope
const NOTIFICATION = 'application/vnd.docker.distribution.events.v1+json';

/**
 * The ingress `imglife.registry` for webhooks of registries, with the media
 * type of docker-registry's notifications and a check of who sends them.
 *
 * @public
 */
export const eventsModuleImglife = createBackendModule({
  pluginId: 'events',
  moduleId: 'imglife',
  register(env) {
    env.registerInit({
      deps: {
        config: coreServices.rootConfig,
        events: eventsExtensionPoint,
        logger: coreServices.logger,
      },
      async init({ config, events, logger }) {
        const secrets = readSecrets(config);
        if (!secrets.length) {
          logger.warn(
            'imglife.webhooks.secrets: none, so that webhooks of registries are taken from everybody',
          );
        }
        events.addHttpPostBodyParser({
          contentType: NOTIFICATION,
          parser: parseNotification,
        });
        events.addHttpPostIngress({
          topic: TOPIC,
          validator: async ({ headers, raw }, context) => {
            if (secrets.length && !bearsSecret(headers, raw.body, secrets)) {
              context.reject({
                status: 403,
                payload: {
                  message:
                    'no secret of imglife.webhooks.secrets: send it as Authorization or X-Gitlab-Token, or sign the body (X-Hub-Signature-256)',
                },
              });
            }
          },
        });
      },
    });
  },
});
