import { setTimeout as sleep } from 'node:timers/promises';
import { mockServices } from '@backstage/backend-test-utils';
import { DefaultEventsService } from '@backstage/plugin-events-node';
import type { Definitions } from '../definitions/Definitions';
import { RegistryWebhooks } from './RegistryWebhooks';

function push(host: string | undefined, repository: string, tag: unknown) {
  return { action: 'push', target: { repository, tag }, request: { host } };
}

describe('RegistryWebhooks', () => {
  const logger = mockServices.logger.mock();
  const events = DefaultEventsService.create({ logger });
  const scanImage = jest.fn(async (_image: { repository: string }) => {});
  const look = jest.fn(async ({ repository }: { repository: string }) =>
    repository.startsWith('reg.test/mirrors/'),
  );
  const start = jest.fn(async () => ({ id: '1' }));
  const webhooks = RegistryWebhooks.create({
    events: events.forPlugin('imglife'),
    registries: {
      allows: host => ['reg.test', 'alias.test'].includes(host),
      canonical: name => ({ ...name, registry: 'reg.test' }),
    },
    definitions: {
      mirrors: {
        entries: [
          {
            name: 'alpine',
            source: { registry: 'reg.test', repository: 'library/alpine' },
          },
        ],
      },
    } as unknown as Definitions,
    scanner: { scanImage },
    tiers: { look },
    runs: { start },
    logger,
  });

  beforeAll(() => webhooks.start());
  afterAll(() => webhooks.stop());
  beforeEach(() => jest.clearAllMocks());

  const publish = async (eventPayload: unknown, topic = 'imglife.registry') => {
    await events.publish({ topic, eventPayload });
    await sleep(20);
  };
  const scanned = () => scanImage.mock.calls.map(([image]) => image);

  it('looks at what was pushed, once each, whatever fails', async () => {
    scanImage.mockRejectedValueOnce(new Error('registry is away'));
    await publish({
      events: [
        push('reg.test', 'apps/shop', '1'),
        push('alias.test', 'apps/shop', '1'),
        push('reg.test', 'apps/cart', '2'),
      ],
    });
    expect(scanned()).toEqual([
      { repository: 'reg.test/apps/shop', tag: '1' },
      { repository: 'reg.test/apps/cart', tag: '2' },
    ]);
    expect(logger.warn).toHaveBeenCalledTimes(1);
    await publish({ events: [push('reg.test', 'apps/late', '3')] });
    expect(scanned()).toHaveLength(3);
    expect(start).not.toHaveBeenCalled();
  });

  it('syncs the mirrors of an upstream that moved', async () => {
    await publish({ events: [push('reg.test', 'library/alpine', '3.21.3')] });
    expect(start.mock.calls).toEqual([
      [
        { kind: 'sync', target: 'alpine' },
        { trigger: 'event', actor: 'imglife-webhook' },
      ],
    ]);
  });

  it('leaves paths of mirrors and bases to their tiers', async () => {
    await publish({ events: [push('reg.test', 'mirrors/alpine', '3.21.3')] });
    expect(look.mock.calls.map(([image]) => image)).toEqual([
      { repository: 'reg.test/mirrors/alpine', tag: '3.21.3' },
    ]);
    expect(scanImage).not.toHaveBeenCalled();
  });

  it('takes GitHub events as its module publishes them', async () => {
    await publish(
      {
        action: 'published',
        package: {
          package_type: 'container',
          package_version: { package_url: 'reg.test/org/shop:1' },
        },
      },
      'github.package',
    );
    expect(scanned()).toEqual([{ repository: 'reg.test/org/shop', tag: '1' }]);
  });

  it.each([
    ['an unlisted host', { events: [push('169.254.169.254', 'a', '1')] }],
    ['no host', { events: [push(undefined, 'apps/shop', '1')] }],
    ['a bad name', { events: [push('reg.test', '../../etc', '1')] }],
    ['a bad tag', { events: [push('reg.test', 'apps/shop', '../1')] }],
    ['a tag that is none', { events: [push('reg.test', 'apps/shop', 7)] }],
    ['something else', { hello: 'world' }],
    ['nothing', null],
    ['text', '<html>'],
  ])('leaves %s alone', async (_name, payload) => {
    await publish(payload);
    expect(scanImage).not.toHaveBeenCalled();
    expect(start).not.toHaveBeenCalled();
    expect(logger.warn).not.toHaveBeenCalled();
  });
});
