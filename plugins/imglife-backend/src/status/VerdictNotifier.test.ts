import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import type { NotificationSendOptions } from '@backstage/plugin-notifications-node';
import type { Knex } from 'knex';
import { connectDatabase } from '../database/connectDatabase';
import type { TransitionTable } from '../database/tables';
import { application, baseUse, verdict } from './__fixtures__/rows';
import { VerdictNotifier } from './VerdictNotifier';
import { VerdictThreads } from './VerdictThreads';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });
const NOW = '2026-05-10T12:00:00.000Z';
const A = 'group:default/a';
const B = 'group:default/b';

describe.each(databases.eachSupportedId())('VerdictNotifier on %s', id => {
  let knex: Knex;
  let sent: NotificationSendOptions[];
  let away: string[];
  let now: Date;
  let isOn: boolean;
  let notifier: VerdictNotifier;
  let ids: Record<string, number>;

  beforeAll(async () => {
    knex = await connectDatabase(
      mockServices.database({ knex: await databases.init(id) }),
    );
  });

  beforeEach(async () => {
    for (const table of ['transition', 'application', 'verdict', 'base_use']) {
      await knex(table).delete();
    }
    sent = [];
    away = [];
    now = new Date(NOW);
    isOn = true;
    notifier = VerdictNotifier.create({
      knex,
      threads: VerdictThreads.create({ knex }),
      definitions: {
        get notifications() {
          return { verdicts: isOn };
        },
      },
      notifications: {
        send: async notification => {
          const { recipients } = notification;
          if (recipients.type === 'entity') {
            if (away.includes(`${recipients.entityRef}`)) {
              throw new Error('the notifications are away');
            }
          }
          sent.push(notification);
        },
      },
      now: () => now,
      logger: mockServices.logger.mock(),
    });
    ids = {};
    await judge('3.21.3', { freshness: 'outdated', status: 'critical' });
    await judge('3.21.7', { freshness: 'current', status: 'ok' });
    await judge('3.24.1', {
      freshness: 'current',
      status: 'ok',
      cycle: '3.24',
    });
  });

  afterAll(() => knex.destroy());

  async function judge(version: string, judged: object) {
    const [use] = await knex('base_use')
      .insert(baseUse({ reference: `reg.test/bases/alpine:${version}` }))
      .returning('id');
    const rank = { critical: 0, warning: 1, unknown: 2, ok: 3 };
    const status = (judged as { status: keyof typeof rank }).status;
    const [row] = await knex('verdict')
      .insert(
        verdict({
          base_use_id: use.id,
          name: 'alpine',
          product: 'alpine-linux',
          cycle: '3.21',
          support: 'supported',
          status_rank: rank[status],
          ...judged,
        }),
      )
      .returning('id');
    ids[version] = row.id;
  }

  async function build(owner: string | null, version: string, count = 1) {
    await knex.batchInsert(
      'application',
      Array.from({ length: count }, (_, number) =>
        application({
          repository: `reg.test/apps/${owner}-${version}-${number}`,
          verdict_id: ids[version],
          owner,
        }),
      ),
      100,
    );
  }

  async function change(version: string, at = NOW) {
    await knex<TransitionTable>('transition').insert({
      verdict_id: ids[version],
      reference: `reg.test/bases/alpine:${version}`,
      from_status: 'ok',
      to_status: 'critical',
      from_freshness: 'current',
      to_freshness: 'outdated',
      cause: 'base published',
      at,
    });
  }

  const titles = () =>
    sent
      .map(({ recipients, payload }) => [
        (recipients as { entityRef: string }).entityRef,
        payload.title,
      ])
      .sort();
  const untold = async () =>
    (await knex('transition').whereNull('notified_at')).length;

  it('tells each owner once, how all of theirs on that cycle is now', async () => {
    await build(A, '3.21.3', 15);
    await build(A, '3.21.7', 2);
    await build(A, '3.24.1');
    await build(B, '3.21.3');
    await build(null, '3.21.3', 3);
    await change('3.21.3');
    await notifier.deliver();
    await notifier.deliver();
    expect(titles()).toEqual([
      [A, '15 images on alpine 3.21: outdated'],
      [B, '1 image on alpine 3.21: outdated'],
    ]);
    expect(
      sent.find(({ payload }) => payload.title.startsWith('15'))!.payload,
    ).toMatchObject({
      description: expect.stringContaining(' and 5 more.'),
      severity: 'critical',
    });
    expect(await untold()).toBe(0);
  });

  it('tells nobody whose images are on another cycle, or of another time', async () => {
    await build(A, '3.24.1');
    await build(B, '3.21.3');
    await knex('application').where({ owner: B }).update({ state: 'earlier' });
    await change('3.21.3');
    await notifier.deliver();
    expect(sent).toEqual([]);
    expect(await untold()).toBe(0);
  });

  it('does nothing while it is off, and tells of no more than a day afterwards', async () => {
    isOn = false;
    await build(A, '3.21.3');
    await change('3.21.3', '2026-05-09T11:00:00.000Z');
    await notifier.deliver();
    expect(await untold()).toBe(1);
    isOn = true;
    await notifier.deliver();
    expect(sent).toEqual([]);
    expect(await untold()).toBe(0);
    await change('3.21.3', '2026-05-09T13:00:00.000Z');
    await notifier.deliver();
    expect(sent).toHaveLength(1);
  });

  it('tries again later when nobody could be told', async () => {
    away = [A, B];
    await build(A, '3.21.3');
    await build(B, '3.21.3');
    await change('3.21.3');
    await notifier.deliver();
    expect(await untold()).toBe(1);
    away = [B];
    await notifier.deliver();
    expect(sent).toEqual([]);
    now = new Date('2026-05-10T12:05:00.000Z');
    await notifier.deliver();
    expect(titles()).toEqual([[A, '1 image on alpine 3.21: outdated']]);
    // one who cannot be told keeps nobody else waiting
    expect(await untold()).toBe(0);
  });

  it('takes many changes at once', async () => {
    await build(A, '3.21.3');
    await knex.batchInsert(
      'transition',
      Array.from({ length: 2_001 }, (_, number) => ({
        verdict_id: ids[number ? '3.24.1' : '3.21.3'],
        reference: '',
        ...{ from_status: 'ok', to_status: 'critical' },
        ...{ from_freshness: 'current', to_freshness: 'outdated' },
        cause: '',
        at: NOW,
      })),
      100,
    );
    await notifier.deliver();
    expect(sent).toHaveLength(1);
    expect(await untold()).toBe(0);
  });

  it('asks as many statements for a thousand images as for one', async () => {
    const statements: string[] = [];
    const count = async () => {
      await change('3.21.3');
      const listen = ({ sql }: { sql: string }) => statements.push(sql);
      statements.length = 0;
      knex.on('query', listen);
      await notifier.deliver();
      knex.removeListener('query', listen);
      return statements.length;
    };
    await build(A, '3.21.3');
    const few = await count();
    await build(B, '3.21.3', 1_000);
    expect(await count()).toBe(few);
  });
});
