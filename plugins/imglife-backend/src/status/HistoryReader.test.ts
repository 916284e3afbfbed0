import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { connectDatabase } from '../database/connectDatabase';
import { HistoryReader } from './HistoryReader';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });
const repository = 'registry.example.com/x/alpine';
const at = (minute: number) =>
  `2026-01-01T00:${String(minute).padStart(2, '0')}:00.000Z`;

describe.each(databases.eachSupportedId())('HistoryReader on %s', id => {
  let knex: Knex;
  let reader: HistoryReader;

  beforeEach(async () => {
    knex = await connectDatabase(
      mockServices.database({ knex: await databases.init(id) }),
    );
    reader = HistoryReader.create({ knex });
    const pull = (minute: number, tag = '1', name = repository) => ({
      repository: name,
      tag,
      from_digest: minute ? 'sha256:old' : null,
      to_digest: `sha256:p${minute}`,
      bytes: 10,
      duration_ms: 5,
      run_id: `run-${minute}`,
      actor: 'imglife-due',
      at: at(minute),
      notes: '["upstream has no linux/s390x"]',
    });
    await knex('pull').insert([
      pull(0),
      pull(5),
      pull(5),
      pull(9, '2'),
      pull(8, '1', 'registry.example.com/x/other'),
    ]);
    await knex('build').insert({
      repository,
      tag: '1',
      input_hash: 'h',
      inputs: '{}',
      dockerfile: 'FROM x',
      mirror_digest: 'sha256:m',
      reasons: '["first-build"]',
      state: 'failed',
      digest: null,
      error: 'no such file',
      builder: 'embedded',
      run_id: 'run-b',
      actor: 'imglife-due',
      started_at: at(4),
      finished_at: at(5),
    });
    await knex('registration').insert({
      repository,
      tag: '1',
      facts: JSON.stringify({
        digest: 'sha256:r',
        base: { reference: 'registry.example.com/bases/a:1' },
        revision: 'abc',
      }),
      facts_hash: 'x',
      registered_at: at(5),
      registered_by: 'external:ci',
    });
    const removal = {
      tier: 'bases',
      name: 'alpine',
      repository,
      tag: '1',
      digest: 'sha256:gone',
      reason: 'is 100 days old',
      archive_reference: 'registry.example.com/archive/x/alpine:1',
      run_id: 'run-r',
      actor: 'user:default/ada',
      at: at(5),
    };
    await knex('removal').insert(removal);
    await knex('removal').insert({
      ...removal,
      archive_removed_at: at(4),
      at: at(3),
      restored_at: at(4),
      restored_by: 'user:default/bob',
    });
  });

  afterEach(() => knex.destroy());

  it('reads all kinds, newest first, with what each has', async () => {
    const page = await reader.read({ repository });
    expect(page).toMatchObject({ totalItems: 8, pageInfo: {} });
    expect(page.items.map(({ kind, at: when }) => [kind, when])).toEqual([
      ['pull', at(9)],
      ['removal', at(5)],
      ['registration', at(5)],
      ['pull', at(5)],
      ['pull', at(5)],
      ['build', at(5)],
      ['removal', at(3)],
      ['pull', at(0)],
    ]);
    expect(page.items[1]).toMatchObject({
      digest: null,
      previousDigest: 'sha256:gone',
      reasons: [
        'is 100 days old',
        'is kept as registry.example.com/archive/x/alpine:1',
      ],
      actor: 'user:default/ada',
      runId: 'run-r',
    });
    expect(page.items[6].reasons).toEqual([
      'is 100 days old',
      'was brought back on 2026-01-01 by user:default/bob',
    ]);
    expect(page.items[2]).toMatchObject({
      digest: 'sha256:r',
      base: 'registry.example.com/bases/a:1',
      revision: 'abc',
      actor: 'external:ci',
      runId: null,
    });
    expect(page.items[5]).toMatchObject({
      state: 'failed',
      reasons: ['first-build'],
      durationMs: 60_000,
      error: 'no such file',
    });
    expect(page.items[7]).toMatchObject({
      previousDigest: null,
      digest: 'sha256:p0',
      bytes: 10,
      reasons: ['upstream has no linux/s390x'],
    });
  });

  it('pages through instants that several share, each entry once', async () => {
    const whole = (await reader.read({ repository })).items;
    for (const limit of [1, 2, 3]) {
      const found = [];
      let cursor: string | undefined;
      do {
        const page = await reader.read({ repository, limit, cursor });
        expect(page.items.length).toBeLessThanOrEqual(limit);
        expect(page.totalItems).toBe(8);
        found.push(...page.items);
        cursor = page.pageInfo.nextCursor;
      } while (cursor);
      expect(found).toEqual(whole);
    }
  });

  it('filters by tag and kind, and refuses a cursor of its own making', async () => {
    const of = async (query: object) =>
      (await reader.read({ repository, ...query })).items.length;
    expect(await of({ tag: '2' })).toBe(1);
    expect(await of({ kind: 'pull' })).toBe(4);
    expect(await of({ kind: 'removal' })).toBe(2);
    expect(await of({ kind: 'build', tag: '2' })).toBe(0);
    expect(await reader.read({ repository: 'none' })).toEqual({
      items: [],
      totalItems: 0,
      pageInfo: {},
    });
    await expect(
      reader.read({ repository, cursor: 'bm9uc2Vuc2U' }),
    ).rejects.toThrow(/cursor: not one that this server gave/);
    // each an error of PostgreSQL, were it asked
    for (const parts of [
      ['2026', 'pull', 2 ** 31],
      ['2026', 'pull', 1.5],
      ['2026\u0000', 'pull', 1],
    ]) {
      const hostile = Buffer.from(JSON.stringify(parts)).toString('base64url');
      await expect(
        reader.read({ repository, cursor: hostile }),
      ).rejects.toThrow(/cursor: not one that this server gave/);
    }
  });
});
