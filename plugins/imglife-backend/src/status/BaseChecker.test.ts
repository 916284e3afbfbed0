import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { connectDatabase } from '../database/connectDatabase';
import { definitions } from './__fixtures__/definitions';
import {
  application,
  baseTag,
  baseUse,
  mirrorTag,
  verdict,
} from './__fixtures__/rows';
import { StubLifecycle } from './__fixtures__/StubLifecycle';
import { BaseChecker } from './BaseChecker';
import { toApplicationRow } from './rowMappers';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });
const BASE = 'reg.test/bases/alpine:3.21.3-core1.0.0';
const NEWER = 'reg.test/bases/alpine:3.21.7-core1.0.0';
const NEWEST = 'reg.test/bases/alpine:3.24.1-core1.0.0';

describe.each(databases.eachSupportedId())('BaseChecker on %s', id => {
  let knex: Knex;
  const lifecycle = new StubLifecycle();
  lifecycle.eolDates.set('3.21', '2026-05-01');
  lifecycle.eolDates.set('3.24', '2028-06-01');

  beforeAll(async () => {
    knex = await connectDatabase(
      mockServices.database({ knex: await databases.init(id) }),
    );
    await knex('mirror_tag').insert(mirrorTag());
    await knex('base_tag').insert([
      baseTag(),
      baseTag({
        tag: '3.21.7-core1.0.0',
        published_at: '2026-05-02T00:00:00.000Z',
      }),
      baseTag({
        tag: '3.24.1-core1.0.0',
        cycle: '3.24',
        eol_date: '2028-06-01',
      }),
      baseTag({
        name: 'aaa',
        kind: 'special',
        repository: 'reg.test/bases/aaa',
        tag: '3.24.1-core1.0.0',
        cycle: '3.24',
      }),
    ]);
    await knex('image_digest').insert({
      tier: 'bases',
      name: 'alpine',
      repository: 'reg.test/bases/alpine',
      tag: '3.24.1-core1.0.0',
      root_digest: 'sha256:3.24.1-core1.0.0',
      digest: 'sha256:child',
      platform: 'linux/amd64',
      layers: 2,
      published_at: '2026-02-01T00:00:00.000Z',
    });
  });

  afterAll(() => knex.destroy());

  const checker = (policy = {}) =>
    BaseChecker.create({
      knex,
      lifecycle,
      definitions: definitions(policy),
      now: () => new Date('2026-05-10T12:00:00.000Z'),
    });

  it('fails nothing for a development base, and judges it all the same', async () => {
    await knex('base_tag').insert(
      ['3.21.3-core1.0.0', '3.21.7-core1.0.0'].map(tag =>
        baseTag({
          tag,
          name: 'dev',
          kind: 'development',
          repository: 'reg.test/bases/dev',
        }),
      ),
    );
    expect(
      await checker().check({
        reference: 'reg.test/bases/dev:3.21.3-core1.0.0',
      }),
    ).toMatchObject({
      kind: 'development',
      freshness: 'outdated',
      status: 'critical',
      violations: [],
    });
  });

  it('takes the tag that got a digest last, where several have it', async () => {
    const shared = (tag: string, published_at: string) => ({
      tier: 'bases',
      name: 'alpine',
      repository: 'reg.test/bases/alpine',
      tag,
      root_digest: 'sha256:shared',
      digest: 'sha256:shared',
      platform: 'linux/amd64',
      layers: 2,
      published_at,
    });
    await knex('image_digest').insert([
      shared('3.21.3-core1.0.0', '2026-02-01T00:00:00.000Z'),
      shared('3.21.7-core1.0.0', '2026-05-02T00:00:00.000Z'),
    ]);
    expect(
      await checker().check({
        reference: 'reg.test/bases/alpine',
        digest: 'sha256:shared',
      }),
    ).toMatchObject({ base: NEWER });
  });

  it('gives the verdict of the contract', async () => {
    expect(await checker().check({ reference: BASE })).toEqual({
      base: BASE,
      name: 'alpine',
      kind: 'core',
      state: 'published',
      cycle: '3.21',
      freshness: 'outdated',
      latest: NEWEST,
      latestInCycle: NEWER,
      outdatedSince: '2026-05-02',
      graceUntil: null,
      upToDate: false,
      support: 'ended',
      eolDate: '2026-05-01',
      eol: [
        {
          product: 'alpine-linux',
          cycle: '3.21',
          eolDate: '2026-05-01',
          dataAgeDays: 1,
        },
      ],
      status: 'critical',
      violations: ['outdated', 'ended'],
      exemption: null,
      advice: `Set BASE_IMAGE to ${NEWER} (same cycle) or …:3.24.1-core1.0.0 (supported until 2028-06-01).`,
      warnings: [
        'base image is outdated: latest is 3.21.7-core1.0.0',
        'alpine-linux 3.21 reached end of life on 2026-05-01',
      ],
      notes: [],
    });
  });

  it('says that it assumes the present digest, and only then', async () => {
    const assumed = [
      'no digest was given: the present one of the tag is assumed',
    ];
    const digest = 'sha256:child';
    for (const [input, notes] of [
      [{ reference: NEWEST }, assumed],
      [{ reference: NEWEST, digest }, []],
      [{ reference: NEWEST, digest: 'sha256:before' }, []],
      [{ reference: 'docker.io/library/alpine:3.24.1' }, []],
    ] as const) {
      expect(await checker().check(input)).toMatchObject({ notes });
    }
  });

  it('finds nothing to judge in scratch', async () => {
    expect(await checker().check({ reference: 'scratch' })).toMatchObject({
      base: 'scratch',
      kind: null,
      freshness: 'none',
      upToDate: true,
      status: 'ok',
      violations: [],
      advice: null,
      warnings: [],
      notes: [],
    });
  });

  it.each([
    ['the newest', { reference: NEWEST }, 'current', []],
    [
      'the newest, by the digest of a child',
      { reference: NEWEST, digest: 'sha256:child' },
      'current',
      [],
    ],
    [
      'the newest with a digest it no longer has',
      { reference: NEWEST, digest: 'sha256:before' },
      'rebuilt',
      ['rebuilt'],
    ],
    [
      'a name without a tag, by its digest',
      { reference: 'reg.test/bases/alpine', digest: 'sha256:child' },
      'current',
      [],
    ],
    [
      'a name without a tag and a digest nobody knows',
      { reference: 'reg.test/bases/alpine', digest: 'sha256:other' },
      'unknown',
      [],
    ],
    [
      'a mirror',
      { reference: 'reg.test/mirrors/alpine:3.21.3' },
      'unmanaged',
      ['ended'],
    ],
    [
      'upstream',
      { reference: 'docker.io/library/alpine:3.24.1' },
      'unmanaged',
      [],
    ],
    [
      'a base that was never published',
      { reference: 'reg.test/bases/alpine:9.9.9-core1.0.0' },
      'unknown',
      [],
    ],
  ])('judges %s', async (_name, input, freshness, violations) => {
    expect(await checker().check(input)).toMatchObject({
      freshness,
      violations,
      upToDate: freshness === 'current',
    });
  });

  it.each<[string, string, object]>([
    [
      'a mirror',
      'reg.test/mirrors/alpine:3.21.3',
      {
        state: 'current',
        latestInCycle: NEWER,
        latest: NEWEST,
        advice: `Set BASE_IMAGE to ${NEWER} (same cycle) or …:3.24.1-core1.0.0 (supported until 2028-06-01).`,
      },
    ],
    [
      'the upstream of a mirror',
      'docker.io/library/alpine:3.24.0',
      {
        state: null,
        latestInCycle: NEWEST,
        latest: NEWEST,
        advice: `Set BASE_IMAGE to ${NEWEST}.`,
      },
    ],
    [
      'a cycle that no base is of',
      'docker.io/library/alpine:3.12.1',
      {
        latestInCycle: null,
        latest: NEWEST,
        advice: `Set BASE_IMAGE to ${NEWEST} (supported until 2028-06-01).`,
      },
    ],
    [
      'another family',
      'docker.io/library/alpine:3.24.0-slim',
      { latestInCycle: null, latest: null },
    ],
    [
      'an image that is not mirrored',
      'docker.io/library/busybox:1.36.1',
      {
        latestInCycle: null,
        latest: null,
        advice:
          'Build on one of the published bases instead of a mirror or an upstream image.',
      },
    ],
  ])('names the base to build on instead of %s', async (_, reference, more) => {
    // a special one on the same mirror does not come first
    expect(await checker().check({ reference })).toMatchObject({
      freshness: 'unmanaged',
      ...more,
    });
  });

  it('counts states of mirrors where the policy says so', async () => {
    await knex('mirror_tag').insert(
      mirrorTag({ tag: '3.24.9', cycle: '3.24', state: 'moved' }),
    );
    const reference = 'reg.test/mirrors/alpine:3.24.9';
    expect(
      await checker({ failOn: ['moved', 'ended'] }).check({ reference }),
    ).toMatchObject({
      state: 'moved',
      violations: ['moved'],
      warnings: expect.arrayContaining([
        'upstream has moved this tag, which is immutable in the mirror',
      ]),
    });
    expect(await checker().check({ reference })).toMatchObject({
      violations: [],
    });
  });

  it('does not call supported what has ended too', async () => {
    const later = BaseChecker.create({
      knex,
      lifecycle,
      definitions: definitions(),
      now: () => new Date('2028-06-01T00:00:00.000Z'),
    });
    expect(await later.check({ reference: BASE })).toMatchObject({
      advice: `Set BASE_IMAGE to ${NEWER} (same cycle) or …:3.24.1-core1.0.0.`,
    });
  });

  it('tells until when grace lasts', async () => {
    expect(
      await checker({ graceDays: 14 }).check({ reference: BASE }),
    ).toMatchObject({
      graceUntil: '2026-05-16',
      violations: ['ended'],
    });
  });

  it('knows the exemption of an application', async () => {
    const exempting = checker({
      exemptions: [
        { image: 'reg.test/apps/*', until: '2026-06-01', reason: 'vendor' },
      ],
    });
    expect(
      await exempting.check({ reference: BASE, image: 'reg.test/apps/shop:1' }),
    ).toMatchObject({
      violations: [],
      exemption: { until: '2026-06-01', reason: 'vendor' },
    });
    expect(
      await exempting.check({ reference: BASE, image: 'reg.test/other:1' }),
    ).toMatchObject({ violations: ['outdated', 'ended'], exemption: null });
  });

  it('judges a registered application by the use that was recorded', async () => {
    await knex('base_use').insert(
      baseUse({ reference: '', digest: '', tier: 'none' }),
    );
    const use = await knex('base_use').orderBy('id', 'desc').first('id');
    const judged = verdict({ base_use_id: use.id });
    await knex('verdict').insert(judged);
    const row = await knex('verdict').orderBy('id', 'desc').first('id');
    const stored = application({ verdict_id: row.id, base_reference: null });
    await knex('application').insert(stored);
    expect(
      await checker().verdictOf(
        toApplicationRow({ ...stored, ...judged, id: 1 }),
      ),
    ).toMatchObject({
      base: 'scratch',
      freshness: 'none',
      upToDate: true,
      violations: [],
    });
  });
});
