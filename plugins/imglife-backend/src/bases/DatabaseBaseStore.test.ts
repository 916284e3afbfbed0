import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import type { ResolvedImage } from '@imglife/oci';
import type { Knex } from 'knex';
import { connectDatabase } from '../database/connectDatabase';
import type { BuildTable } from '../database/tables';
import type { BaseTagIdentity, BuildAttempt } from './BaseStore';
import { DatabaseBaseStore } from './DatabaseBaseStore';

jest.setTimeout(60_000);

const AT = '2026-06-01T00:00:00.000Z';
const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });

function identityOf(name: string): BaseTagIdentity {
  return {
    name,
    kind: 'core',
    repository: `reg.test/bases/${name}`,
    tag: '3.21.3-core1.0.0',
    coreVersion: '1.0.0',
    mirror: {
      repository: 'reg.test/mirrors/alpine',
      tag: '3.21.3',
      family: '',
      versionKey: '',
      digest: 'sha256:mirror',
      platforms: ['linux/amd64'],
    },
  };
}

function attemptOf(inputHash: string): BuildAttempt {
  return {
    inputHash,
    dockerfile: '',
    reasons: ['first-build'],
    changes: [],
    builder: 'export',
    actor: 'external:ci',
    startedAt: AT,
    finishedAt: AT,
  };
}

function imageOf(digest: string): ResolvedImage {
  const descriptor = { digest, size: 1, mediaType: 'x' };
  const parts: Partial<ResolvedImage> = { descriptor, images: [] };
  return parts as ResolvedImage;
}

describe.each(databases.eachSupportedId())('DatabaseBaseStore on %s', id => {
  let knex: Knex;
  let store: DatabaseBaseStore;

  beforeAll(async () => {
    knex = await connectDatabase(
      mockServices.database({ knex: await databases.init(id) }),
    );
    store = DatabaseBaseStore.create({ knex });
  });

  afterAll(() => knex.destroy());

  const record = (name: string, digest: string, hash = 'a') =>
    store.recordPublished(identityOf(name), attemptOf(hash), imageOf(digest), {
      onceSince: '',
    });

  it('keeps what is told several times at once as one build', async () => {
    const told = Array.from({ length: 5 }, () => record('once', 'sha256:1'));
    const added = await Promise.all(told);
    expect(added.filter(Boolean)).toHaveLength(1);
    // there and back again is not the same fact twice
    expect(await record('once', 'sha256:2', 'b')).toBe(true);
    expect(await record('once', 'sha256:1')).toBe(true);
    const { repository } = identityOf('once');
    const builds = await knex<BuildTable>('build')
      .where({ repository })
      .orderBy('id');
    expect(builds.map(({ digest }) => digest)).toEqual([
      'sha256:1',
      'sha256:2',
      'sha256:1',
    ]);
  });

  it('keeps what two runs built at once as one build, and a later one', async () => {
    const built = (startedAt: string, finishedAt: string) =>
      store.recordPublished(
        identityOf('twice'),
        { ...attemptOf('a'), startedAt, finishedAt },
        imageOf('sha256:1'),
        { onceSince: startedAt },
      );
    const day = (time: string) => `2026-05-02T${time}:00.000Z`;
    expect(await built(day('10:00'), day('10:05'))).toBe(true);
    expect(await built(day('10:01'), day('10:06'))).toBe(false);
    expect(await built(day('11:00'), day('11:05'))).toBe(true);
  });

  it('reads the tags of many bases, each by its own', async () => {
    await record('one', 'sha256:1');
    await record('two', 'sha256:2');
    const names = [
      'one',
      'two',
      ...Array.from({ length: 600 }, (_, n) => `${n}`),
    ];
    const repositories = names.map(name => identityOf(name).repository);
    const found = await store.baseTags(repositories);
    expect([...found.keys()]).toEqual(repositories);
    expect(found.get(repositories[0])).toMatchObject([{ digest: 'sha256:1' }]);
    expect(found.get(repositories[1])).toMatchObject([{ digest: 'sha256:2' }]);
    expect(found.get(repositories[601])).toEqual([]);

    const floating = {
      tag: 'latest',
      baseTag: 'x',
      digest: 'sha256:2',
      at: AT,
    };
    await store.recordFloating(repositories[1], floating);
    const tags = await store.floatingTags(repositories);
    expect(tags.get(repositories[0])).toEqual(new Map());
    expect(tags.get(repositories[1])).toEqual(
      new Map([['latest', 'sha256:2']]),
    );
  });

  it('keeps a row of what waits to be built, and forgets what nobody follows', async () => {
    const known = identityOf('waits');
    const tagged = (tag: string) => ({ ...known, tag });
    const rows = async () =>
      (await store.baseTags([known.repository])).get(known.repository);
    await record('waits', 'sha256:1');
    await store.recordAwaited(known, 'mirror-moved: to be built outside');
    await store.recordAwaited(tagged('next'), 'first-build: to be built');
    await store.recordFailed(tagged('old'), attemptOf(''), 'no space left');
    await store.recordFailed(tagged('used'), attemptOf(''), 'no space left');
    await knex('base_tag').where({ tag: 'used' }).update({ used_by: 1 });
    expect(await rows()).toMatchObject([
      { tag: known.tag, state: 'blocked', digest: 'sha256:1' },
      { tag: 'next', state: 'blocked', error: 'first-build: to be built' },
      { tag: 'old', state: 'failed' },
      { tag: 'used', state: 'failed' },
    ]);

    const followed = new Map([[known.repository, new Set(['next'])]]);
    expect(await store.forgetUnpublished(new Map())).toBe(false);
    expect(await store.forgetUnpublished(followed)).toBe(true);
    expect(await store.forgetUnpublished(followed)).toBe(false);
    expect((await rows())?.map(({ tag }) => tag)).toEqual([
      known.tag,
      'next',
      'used',
    ]);
    expect(await knex<BuildTable>('build').where({ tag: 'old' })).toMatchObject(
      [{ error: 'no space left' }],
    );
  });

  it('brings owners up to the definitions, where they differ', async () => {
    await record('three', 'sha256:3');
    const { repository } = identityOf('three');
    const owner = 'group:default/platform';
    const is = { repository, kind: 'core' };
    expect(await store.describe([is])).toBe(false);
    expect(await store.describe([{ ...is, owner }])).toBe(true);
    expect(await store.describe([{ ...is, owner }])).toBe(false);
    expect(await knex('base_tag').where({ repository }).first()).toMatchObject({
      owner,
    });
    expect(await store.describe([{ repository, kind: 'special' }])).toBe(true);
    expect(await knex('base_tag').where({ repository }).first()).toMatchObject({
      owner: null,
      kind: 'special',
    });
  });
});
