import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import type { Registration } from '@imglife/backstage-plugin-imglife-common';
import { RegistryClient, resolveImage } from '@imglife/oci';
import {
  pushImage,
  TestRegistry,
  type PushedImage,
  type PushImageOptions,
} from '@imglife/test-registry';
import type { Knex } from 'knex';
import { connectDatabase } from '../database/connectDatabase';
import { recordImageDigests } from '../database/imageDigests';
import type {
  ApplicationTable,
  BaseUseTable,
  MirrorTagTable,
  RegistrationTable,
  VerdictTable,
} from '../database/tables';
import { DefaultRegistries } from '../registries/DefaultRegistries';
import { DatabaseApplicationStore } from './DatabaseApplicationStore';
import {
  DefaultApplicationService,
  type DefaultApplicationServiceOptions,
} from './DefaultApplicationService';
import type { ImageOwner } from './EntityMapper';
import { baseDigestKey, baseNameKey, inputHashLabel } from './imageFacts';

jest.setTimeout(60_000);

const PLATFORMS = ['linux/amd64', 'linux/arm64'];
const MIRROR_TAG = '3.21.3';
const BASE_SOURCE = {
  'org.opencontainers.image.source':
    'https://gitlab.test/platform/base-images.git',
  'org.opencontainers.image.revision': 'ba5e',
};
const BASE_TAG = '3.21.3-core1.0.0';
const BUILT = '2026-05-01T00:00:00Z';
const NOWHERE = `sha256:${'0'.repeat(64)}`;

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });

describe.each(databases.eachSupportedId())(
  'DefaultApplicationService on %s',
  id => {
    let knex: Knex;
    let registry: TestRegistry;
    let registries: DefaultRegistries;
    let fault: 'denied' | 'hanging' | undefined;
    let clock: Date;
    let owners: ImageOwner[] | Error;
    let policy: DefaultApplicationServiceOptions['definitions']['policy'];
    let recompute: jest.Mock;
    let logger: ReturnType<typeof mockServices.logger.mock>;
    let mirror: PushedImage;
    let base: PushedImage;
    let baseReference: string;
    let service: DefaultApplicationService;

    beforeEach(async () => {
      knex = await connectDatabase(
        mockServices.database({ knex: await databases.init(id) }),
      );
      fault = undefined;
      registry = await TestRegistry.start({
        intercept: (_, response) => {
          if (fault === 'denied') {
            response.writeHead(403).end();
          }
          return fault !== undefined;
        },
      });
      clock = new Date('2026-06-01T00:00:00.000Z');
      owners = [];
      policy = {
        freshness: 'cycle',
        warnDays: 30,
        graceDays: 0,
        failOn: [],
        exemptions: [],
      };
      recompute = jest.fn(async () => {});
      logger = mockServices.logger.mock();
      service = createService();
      mirror = await publishMirror();
      base = await publishBase(BASE_TAG);
      baseReference = `${registry.host}/bases/alpine:${BASE_TAG}`;
    });

    afterEach(async () => {
      await registries.close();
      await registry.stop();
      await knex.destroy();
    });

    function createService() {
      const { host } = registry;
      const definitions = {
        registries: [
          { host, aliases: ['cache.test'], insecure: true, concurrency: 4 },
        ],
        tiers: {
          mirrors: { registry: host, repository: 'mirrors' },
          bases: { registry: host, repository: 'bases' },
          applications: [`${host}/apps`],
        },
        applications: {
          current: { per: 'repository' as const, maxAgeDays: 180 },
          mapping: { frequencyMs: 1, timeoutMs: 1 },
          subjects: [],
          scan: {
            schedule: { frequencyMs: 1, timeoutMs: 1 },
            tagsPerRepository: 10,
          },
        },
        policy,
      };
      registries = DefaultRegistries.create({
        definitions: {
          ...definitions,
          mirrors: {
            entries: [
              {
                name: 'alpine',
                configPath: '',
                source: { registry: 'docker.io', repository: 'library/alpine' },
                target: { registry: host, repository: 'mirrors/alpine' },
                tags: { names: [], cycles: 'all' as const },
                lifecycle: { extendedSupport: false },
                hash: '1',
              },
            ],
          },
        },
      });
      return DefaultApplicationService.create({
        definitions,
        registries,
        store: DatabaseApplicationStore.create({ knex }),
        entities: {
          owners: async () => {
            if (owners instanceof Error) {
              throw owners;
            }
            return owners;
          },
        },
        recomputer: { recompute },
        now: () => clock,
        logger,
        readTimeoutMs: 1000,
      });
    }

    /** Records an image as sync and build do. */
    async function record(
      tier: 'mirrors' | 'bases',
      options: { repository: string; tag: string; publishedAt: string },
      inputHash?: string,
    ) {
      const { repository, tag, publishedAt } = options;
      const client = RegistryClient.create({
        host: registry.host,
        insecure: true,
      });
      const image = await resolveImage({ client, repository, reference: tag });
      await client.close();
      await recordImageDigests(knex, {
        tier,
        name: 'alpine',
        repository: `${registry.host}/${repository}`,
        tag,
        image,
        inputHash,
        publishedAt,
      });
    }

    async function publishMirror() {
      const repository = 'mirrors/alpine';
      const pushed = await pushImage(registry.host, {
        repository,
        tag: MIRROR_TAG,
        platforms: PLATFORMS,
      });
      await record('mirrors', {
        repository,
        tag: MIRROR_TAG,
        publishedAt: '2026-02-01T00:00:00.000Z',
      });
      await knex<MirrorTagTable>('mirror_tag').insert({
        mirror: 'alpine',
        repository: `${registry.host}/${repository}`,
        tag: MIRROR_TAG,
        upstream_repository: 'docker.io/library/alpine',
        upstream_tag: MIRROR_TAG,
        state: 'current',
      });
      return pushed;
    }

    async function publishBase(tag: string) {
      const repository = 'bases/alpine';
      const pushed = await pushImage(registry.host, {
        repository,
        tag,
        platforms: PLATFORMS,
        from: { repository: 'mirrors/alpine', reference: MIRROR_TAG },
        layers: [{ 'usr/share/imglife/base.json': tag }],
        labels: {
          [inputHashLabel]: `hash of ${tag}`,
          [baseNameKey]: `${registry.host}/mirrors/alpine:${MIRROR_TAG}`,
          [baseDigestKey]: mirror.digest,
          ...BASE_SOURCE,
        },
      });
      await record(
        'bases',
        { repository, tag, publishedAt: '2026-03-01T00:00:00.000Z' },
        `hash of ${tag}`,
      );
      return pushed;
    }

    const onBase = { repository: 'bases/alpine', reference: BASE_TAG };
    const onMirror = { repository: 'mirrors/alpine', reference: MIRROR_TAG };

    function push(options: Partial<PushImageOptions> = {}) {
      return pushImage(registry.host, {
        repository: 'apps/shop',
        tag: '1.0.0',
        platforms: PLATFORMS,
        layers: platform => [{ 'srv/shop': `shop for ${platform}` }],
        from: onBase,
        created: BUILT,
        ...options,
      });
    }

    const image = () => `${registry.host}/apps/shop:1.0.0`;

    function register(registration: Partial<Registration> = {}) {
      return service.register(
        { image: image(), ...registration },
        'external:ci',
      );
    }

    /** The row of the image, and what it is judged by. */
    async function stored() {
      const row = await knex<ApplicationTable>('application')
        .where({ repository: `${registry.host}/apps/shop`, tag: '1.0.0' })
        .first();
      const verdict = await knex<VerdictTable>('verdict')
        .where({ id: row!.verdict_id! })
        .first();
      const use = await knex<BaseUseTable>('base_use')
        .where({ id: verdict!.base_use_id })
        .first();
      return {
        row: row!,
        exemption: verdict!.exemption,
        use: [use!.reference, use!.digest, use!.tier],
        detection: JSON.parse(row!.detection),
        platforms: JSON.parse(row!.platforms),
        base: row!.base_reference && [
          row!.base_reference,
          row!.base_digest,
          row!.base_name,
          row!.base_version,
        ],
      };
    }

    const history = () => knex<RegistrationTable>('registration').orderBy('id');

    async function refused(registration: Partial<Registration>) {
      const error = await register(registration).then(
        () => undefined,
        reason => reason,
      );
      expect(await history()).toEqual([]);
      expect(await knex('application')).toEqual([]);
      expect(await knex('base_use')).toEqual([]);
      expect(recompute).not.toHaveBeenCalled();
      return `${error?.name} ${error?.message}`;
    }

    const confirmed = (method: string) => ({
      method,
      confidence: 'confirmed',
      mismatch: false,
      candidates: [],
    });

    describe('finds the base', () => {
      const theBase = () => [baseReference, base.digest, 'alpine', BASE_TAG];
      const aliasOfBase = () => `cache.test/bases/alpine:${BASE_TAG}`;

      it.each<[string, string, Partial<PushImageOptions>]>([
        ['an index', 'chain', {}],
        ['one platform', 'chain', { platforms: ['linux/arm64'] }],
        ['LABEL-only', 'chain', { layers: [], labels: { team: 'shop' } }],
      ])('by its layers: %s', async (_, method, options) => {
        await push(options);
        expect(await register()).toEqual({ reference: image(), created: true });
        expect(await stored()).toMatchObject({
          base: theBase(),
          use: [baseReference, base.digest, 'bases'],
          detection: confirmed(method),
        });
      });

      it('by an inherited input hash, among bases of the same layers', async () => {
        await push({ layers: [] });
        const other = { repository: 'bases/twin', tag: '1' };
        await push({ ...other, layers: [], labels: { [inputHashLabel]: 'x' } });
        await record(
          'bases',
          { ...other, publishedAt: '2026-04-01T00:00:00.000Z' },
          'x',
        );
        await register();
        expect(await stored()).toMatchObject({
          base: theBase(),
          detection: confirmed('label'),
        });
      });

      it.each<[string, () => Record<string, string>]>([
        ['name', () => ({ [baseNameKey]: baseReference })],
        ['name of an alias', () => ({ [baseNameKey]: aliasOfBase() })],
        ['index digest', () => ({ [baseDigestKey]: base.digest })],
        [
          "child's digest",
          () => ({ [baseDigestKey]: base.children[0].digest }),
        ],
        [
          'name without a tag, and digest',
          () => ({
            [baseNameKey]: `${registry.host}/bases/alpine`,
            [baseDigestKey]: base.children[1].digest,
          }),
        ],
      ])('by annotation of its %s', async (_, annotations) => {
        await push({ annotations: annotations() });
        await register();
        expect(await stored()).toMatchObject({
          base: theBase(),
          use: [baseReference, base.digest, 'bases'],
          detection: confirmed('annotation'),
        });
      });

      it('by annotation alone when the layers are squashed, and says so', async () => {
        await push({
          from: undefined,
          annotations: { [baseDigestKey]: base.children[0].digest },
        });
        await register();
        expect(await stored()).toMatchObject({
          base: theBase(),
          detection: { method: 'annotation', confidence: 'unconfirmed' },
        });
      });

      it.each<[string, () => Partial<Registration>]>([
        ['name', () => ({ base: baseReference })],
        ['name of an alias', () => ({ base: aliasOfBase() })],
        [
          'name without a tag',
          () => ({ base: `${registry.host}/bases/alpine` }),
        ],
        [
          'name and digest',
          () => ({ base: baseReference, baseDigest: base.digest }),
        ],
        [
          "name with a child's digest",
          () => ({ base: `${baseReference}@${base.children[1].digest}` }),
        ],
        ['digest alone', () => ({ baseDigest: base.children[0].digest })],
      ])('as declared, by its %s', async (_, declared) => {
        await push();
        await register(declared());
        expect(await stored()).toMatchObject({
          base: theBase(),
          use: [baseReference, base.digest, 'bases'],
          detection: confirmed('declared'),
        });
      });

      it('that was there when the image was built', async () => {
        await push({ layers: [] });
        const later = { repository: 'bases/alpine', tag: '3.21.3-core9' };
        await push({ ...later, layers: [] });
        await record('bases', {
          ...later,
          publishedAt: '2026-05-01T00:00:00.001Z',
        });
        const labels = { [inputHashLabel]: '' };
        await push({ layers: [], labels });
        await register();
        expect((await stored()).base).toEqual(theBase());
        await register({ builtAt: '2026-05-02T00:00:00Z' });
        expect((await stored()).row.base_version).toBe('3.21.3-core9');
      });
    });

    describe('tells what stands on no base of ours', () => {
      const theMirror = () => `${registry.host}/mirrors/alpine:${MIRROR_TAG}`;

      it.each<[string, () => Partial<Registration>, string]>([
        ['found', () => ({}), 'chain'],
        ['declared', () => ({ base: theMirror() }), 'declared'],
      ])('straight on a mirror, %s', async (_, declared, method) => {
        await push({ from: onMirror });
        await register(declared());
        expect(await stored()).toMatchObject({
          base: [theMirror(), mirror.digest, 'alpine', MIRROR_TAG],
          use: [theMirror(), mirror.digest, 'mirrors'],
          detection: confirmed(method),
        });
      });

      it('on the upstream of a mirror', async () => {
        const upstream = `docker.io/library/alpine:${MIRROR_TAG}`;
        await push({
          from: onMirror,
          annotations: { [baseNameKey]: upstream },
        });
        await register();
        expect(await stored()).toMatchObject({
          use: [upstream, mirror.digest, 'other'],
          detection: confirmed('annotation'),
        });
      });

      it('on an image that nobody mirrors', async () => {
        await push({ from: undefined });
        await register({ base: 'node:22' });
        expect(await stored()).toMatchObject({
          base: ['docker.io/library/node:22', null, null, '22'],
          use: ['docker.io/library/node:22', '', 'other'],
          detection: { method: 'declared', confidence: 'unconfirmed' },
        });
      });

      it('from scratch, as buildah says', async () => {
        await push({
          from: undefined,
          annotations: { [baseNameKey]: '', [baseDigestKey]: '' },
        });
        await register();
        expect(await stored()).toMatchObject({
          base: null,
          use: ['', '', 'none'],
          detection: confirmed('annotation'),
        });
      });

      it('from scratch, as declared', async () => {
        await push({ from: undefined });
        await register({ base: 'scratch' });
        expect(await stored()).toMatchObject({
          base: null,
          use: ['', '', 'none'],
          detection: { method: 'declared', confidence: 'unconfirmed' },
        });
      });

      it('on who knows what', async () => {
        await push({ from: undefined });
        await register();
        expect(await stored()).toMatchObject({
          base: null,
          use: ['?', '', 'bases'],
          detection: { method: 'none', confidence: 'none' },
        });
      });

      it('below the tier of bases, and not published: not unmanaged', async () => {
        await push({ from: undefined });
        const reference = `${registry.host}/bases/alpine:3.99`;
        await register({ base: reference });
        expect((await stored()).use).toEqual([reference, '', 'bases']);
      });
    });

    it('keeps a declaration that the layers contradict, and flags it', async () => {
      await push({ from: onMirror });
      await register({ base: baseReference });
      expect(await stored()).toMatchObject({
        base: [baseReference, null, 'alpine', BASE_TAG],
        use: [baseReference, '', 'bases'],
        detection: {
          method: 'declared',
          confidence: 'low',
          mismatch: true,
          candidates: [`${registry.host}/mirrors/alpine:${MIRROR_TAG}`],
        },
      });
    });

    describe('fills in what is missing', () => {
      const labels = {
        'org.opencontainers.image.revision': 'a3f8b1c',
        'org.opencontainers.image.source': 'https://gitlab.test/team/shop.git',
      };

      it('from labels, config and manifest', async () => {
        const pushed = await push({ labels });
        await register();
        const { row, platforms } = await stored();
        expect(row).toMatchObject({
          digest: pushed.digest,
          revision: 'a3f8b1c',
          project: 'team/shop',
          built_at: '2026-05-01T00:00:00.000Z',
          fields: '{}',
          state: 'current',
          registered_at: '2026-06-01T00:00:00.000Z',
          registered_by: 'external:ci',
        });
        expect(platforms).toEqual(PLATFORMS);
      });

      it('but not over what was posted', async () => {
        const pushed = await push({ labels });
        await register({
          image: `${registry.host}/apps/shop:1.0.0@${pushed.digest}`,
          revision: 'b',
          project: 'other/shop',
          builtAt: '2026-05-03T02:00:00+02:00',
          platforms: ['linux/arm64/v8', 'linux/amd64', 'linux/arm64'],
          entityRef: 'Shop',
          fields: { job: '1' },
        });
        const { row, platforms } = await stored();
        expect(row).toMatchObject({
          revision: 'b',
          project: 'other/shop',
          built_at: '2026-05-03T00:00:00.000Z',
          declared_entity_ref: 'component:default/shop',
          fields: '{"job":"1"}',
        });
        expect(platforms).toEqual(PLATFORMS);
      });

      it('and leaves open what the image does not tell', async () => {
        await push({ created: '1970-01-01T00:00:00Z' });
        await register();
        expect((await stored()).row).toMatchObject({
          revision: null,
          project: null,
          built_at: null,
        });
      });

      it('and takes nothing for its own that it inherits', async () => {
        await push();
        await register();
        const { row, detection } = await stored();
        expect(detection.confidence).toBe('confirmed');
        expect(row).toMatchObject({ revision: null, project: null });
        // whoever builds on something unknown is believed
        await push({ from: undefined, labels: BASE_SOURCE });
        await register();
        expect((await stored()).row).toMatchObject({
          revision: 'ba5e',
          project: 'platform/base-images',
        });
      });

      it('of the digest that was posted, not of the tag', async () => {
        const first = await push({ labels });
        await push({ labels: { 'org.opencontainers.image.revision': 'b' } });
        await register({ digest: first.digest });
        expect((await stored()).row).toMatchObject({
          digest: first.digest,
          revision: 'a3f8b1c',
        });
        await register({ image: `${image()}@${first.digest}` });
        expect(await history()).toHaveLength(1);
        await register();
        expect((await stored()).row.revision).toBe('b');
      });
    });

    describe('registers', () => {
      it('equal facts once, and new ones beside the old', async () => {
        await push();
        expect((await register()).created).toBe(true);
        expect(recompute).toHaveBeenCalledTimes(1);
        clock = new Date('2026-06-02T00:00:00.000Z');
        expect((await register()).created).toBe(false);
        expect(recompute).toHaveBeenCalledTimes(1);
        expect((await register({ revision: 'b' })).created).toBe(true);
        expect(recompute).toHaveBeenCalledTimes(1);
        expect(await history()).toHaveLength(2);
      });

      it('under the own name of a registry', async () => {
        await push();
        const { reference } = await register({
          image: 'cache.test/apps/shop:1.0.0',
        });
        expect(reference).toBe(image());
        expect((await register()).created).toBe(false);
      });

      it('with the exemption in force', async () => {
        const exemption = { until: '2026-12-31', reason: 'frozen' };
        await push();
        await register({ project: 'team/shop' });
        expect((await stored()).exemption).toBe('');
        policy.exemptions = [
          { base: '*/bases/debian:*', until: '2026-12-31', reason: 'no' },
          { project: 'team/*', ...exemption },
        ];
        recompute.mockClear();
        expect((await register({ project: 'team/shop' })).created).toBe(false);
        expect(JSON.parse((await stored()).exemption)).toEqual(exemption);
        expect(recompute).toHaveBeenCalledTimes(1);
      });
    });

    describe('when the registry cannot be read', () => {
      it.each(['denied', 'hanging'] as const)(
        '(%s) stores what was posted with digest and base',
        async how => {
          const { digest } = await push();
          fault = how;
          const posted = { digest, base: baseReference };
          expect((await register(posted)).created).toBe(true);
          expect(await stored()).toMatchObject({
            base: [baseReference, null, 'alpine', BASE_TAG],
            use: [baseReference, '', 'bases'],
            detection: { method: 'declared', confidence: 'unconfirmed' },
            platforms: [],
            row: { digest, state: 'current', built_at: null },
          });
          expect(logger.warn).toHaveBeenCalledWith(
            expect.stringContaining('is registered as posted'),
          );
        },
      );

      it('forgets nothing that was read of the same digest', async () => {
        const labels = { 'org.opencontainers.image.revision': 'a3f8b1c' };
        const { digest } = await push({ labels });
        const posted = { digest, base: baseReference };
        await register(posted);
        const before = await stored();
        fault = 'denied';
        expect((await register(posted)).created).toBe(false);
        expect(await stored()).toEqual(before);
        const other = `${registry.host}/bases/alpine:3.22`;
        expect((await register({ digest, base: other })).created).toBe(true);
        expect(await stored()).toMatchObject({
          base: [other, null, null, '3.22'],
          detection: { confidence: 'unconfirmed' },
          platforms: PLATFORMS,
          row: { revision: 'a3f8b1c' },
        });
        expect((await register({ digest: NOWHERE, base: other })).created).toBe(
          true,
        );
        expect(await stored()).toMatchObject({
          platforms: [],
          row: { revision: null },
        });
      });

      it.each<[string, 'denied' | 'hanging', Partial<Registration>]>([
        ['nothing', 'denied', {}],
        ['only a digest', 'denied', { digest: NOWHERE }],
        ['only a base', 'hanging', { base: 'reg.test/bases/alpine:1' }],
        [
          'a digest and no name',
          'denied',
          { digest: NOWHERE, baseDigest: NOWHERE },
        ],
      ])('says which, with %s given', async (_, how, registration) => {
        fault = how;
        const message = await refused(registration);
        expect(message).toMatch(/^ServiceUnavailableError /);
        expect(message).toContain(
          `the registry ${registry.host} cannot be read just now`,
        );
        expect(message).toContain('give digest and base');
      });

      it('answers when it is gone', async () => {
        await registry.stop();
        expect(await refused({})).toMatch(/^ServiceUnavailableError /);
      });
    });

    it.each<[string, Partial<Registration>, string]>([
      [
        'an image that does not exist',
        {},
        '/apps/shop:1.0.0 does not exist at its registry',
      ],
      [
        'a digest that does not exist, whatever else is given',
        { digest: NOWHERE, base: 'reg.test/bases/alpine:1' },
        `/apps/shop:1.0.0@${NOWHERE} does not exist at its registry`,
      ],
      [
        'a host that is not listed',
        { image: 'elsewhere.test/apps/shop:1' },
        'image: the host elsewhere.test is not listed under imglife.registries',
      ],
      [
        'the host of a mirror source',
        { image: 'docker.io/team/shop:1' },
        'image: the host docker.io is not listed under imglife.registries',
      ],
      [
        'a date ahead',
        { builtAt: '2026-06-01T00:10:00.001Z' },
        'builtAt: 2026-06-01T00:10:00.001Z is more than 10 minutes ahead',
      ],
    ])('refuses %s', async (_, registration, message) => {
      const answer = await refused(registration);
      expect(answer).toMatch(/^InputError /);
      expect(answer).toContain(message);
    });

    it('contacts no registry for what it refuses', async () => {
      registry.clearRequests();
      await refused({ base: 'reg.test/UPPER' });
      await refused({ builtAt: '2027-01-01T00:00:00Z' });
      expect(registry.requests).toEqual([]);
    });

    describe('maps images to entities', () => {
      const owner = (name: string, change: Partial<ImageOwner> = {}) => ({
        entityRef: `component:default/${name}`,
        owner: `group:default/${name}`,
        images: [],
        projects: [],
        ...change,
      });

      it('as it registers them, aliases known', async () => {
        owners = [
          owner('glob', { images: ['cache.test/apps/*'] }),
          owner('shop', { images: ['cache.test/apps/shop:latest'] }),
        ];
        await push();
        await register();
        expect((await stored()).row).toMatchObject({
          entity_ref: 'component:default/shop',
          owner: 'group:default/shop',
        });
      });

      it('later, when the catalog was away or has changed', async () => {
        owners = new Error('no catalog');
        await push();
        await register({ project: 'team/shop' });
        expect((await stored()).row).toMatchObject({
          entity_ref: null,
          owner: null,
        });
        await expect(service.remapEntities()).rejects.toThrow('no catalog');
        owners = [
          owner('team', { projects: ['team/shop'] }),
          owner('any', { images: ['cache.test/other/*'] }),
        ];
        await service.remapEntities();
        expect((await stored()).row).toMatchObject({
          entity_ref: 'component:default/team',
          owner: 'group:default/team',
        });
        expect(logger.info).toHaveBeenCalledTimes(1);
        await service.remapEntities();
        expect(logger.info).toHaveBeenCalledTimes(1);
      });
    });

    it('retires what has become too old', async () => {
      await push();
      await register();
      clock = new Date(Date.parse(BUILT) + 180 * 86_400_000);
      await service.retireAged();
      expect((await stored()).row.state).toBe('current');
      clock = new Date(clock.getTime() + 1);
      await service.retireAged();
      expect((await stored()).row.state).toBe('earlier');
    });
  },
);
