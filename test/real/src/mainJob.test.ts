import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Buildah } from './Buildah';
import { DebianRegistry } from './DebianRegistry';
import { MainJobPortal } from './MainJobPortal';
import { PostgresDatabases } from './PostgresDatabases';
import { RealBackend } from './RealBackend';
import { Skopeo } from './Skopeo';

jest.setTimeout(180_000);

const PLATFORMS = ['linux/amd64', 'linux/arm64'];
const BUSYBOX = '/bin/busybox';
const TAG = '1.36.1';
const SETTLE_MS = 90_000;

interface Answer {
  reference: string;
  base: { reference: string; digest: string } | null;
  detection: { method: string; confidence: string; mismatch: boolean };
  freshness: string;
  status: string;
  platforms: string[];
}

interface Entity {
  metadata: { name: string; annotations: Record<string, string> };
  spec: { owner: string };
  relations: Array<{ type: string; targetRef: string }>;
}

const databases = PostgresDatabases.create();
const skopeo = Skopeo.create();
let folder: string;
let upstream: DebianRegistry;
let home: DebianRegistry;
let portal: MainJobPortal;
let buildah: Buildah;
let backend: RealBackend | undefined;
let source: string;
let mirror: string;
let base: string;

/** Starts the portal, in place of the one that runs. */
async function startBackend(
  coreVersion: string,
  policy: object = {},
): Promise<RealBackend> {
  await backend?.stop();
  return RealBackend.start({
    folder,
    databases,
    ...portal.configure({ coreVersion, policy }),
  });
}

/** Registers an application as its pipeline would, naming no base. */
async function register(image: string, ...options: string[]): Promise<Answer> {
  const { code, stdout, stderr } = await backend!.cli(
    ...['register', '--image', image, '--output', 'json'],
    ...options,
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

/** The last cells of an image's row: status and what follows it. */
async function reportRow(repository: string): Promise<string[]> {
  const { code, stdout } = await backend!.cli(
    ...['status', '--output', 'markdown'],
  );
  expect(code).toBe(0);
  const lines = stdout.split('\n').filter(line => line.includes(repository));
  expect(lines).toHaveLength(1);
  return lines[0].split('|').map(cell => cell.trim());
}

/** Waits for a base of that version that is published. */
async function baseOf(coreVersion: string): Promise<string> {
  const row = await backend!.waitFor(
    `the base of core version ${coreVersion}`,
    SETTLE_MS,
    async () => {
      const rows = await backend!.rows<{
        coreVersion: string;
        state: string;
        reference: string;
      }>('bases');
      return rows.find(
        found =>
          found.coreVersion === coreVersion && found.state === 'published',
      );
    },
  );
  return row.reference;
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'imglife-real-main-'));
  upstream = await DebianRegistry.start(path.join(folder, 'upstream'));
  home = await DebianRegistry.start(path.join(folder, 'home'));
  portal = await MainJobPortal.create({
    folder,
    upstream: upstream.host,
    home: home.host,
  });
  buildah = await Buildah.create(path.join(folder, 'buildah'));
  source = `${upstream.host}/library/busybox:${TAG}`;
  mirror = `${home.host}/mirrors/busybox:${TAG}`;
  base = `${home.host}/bases/busybox:${TAG}-core1.0.0`;
  await buildah.push({
    reference: source,
    platforms: PLATFORMS,
    dockerfile: 'FROM scratch\nCOPY busybox /bin/sh\nCMD ["/bin/sh"]\n',
    files: { busybox: await readFile(BUSYBOX) },
  });
  backend = await startBackend('1.0.0');
});

afterAll(async () => {
  await backend?.stop();
  await upstream?.stop();
  await home?.stop();
  await databases.drop();
  await rm(folder, { recursive: true, force: true });
});

it('copies an upstream image byte for byte', async () => {
  expect(await backend!.run('sync', 'busybox')).toMatchObject({
    state: 'succeeded',
    error: null,
  });
  expect(await skopeo.inspectRaw(mirror)).toBe(await skopeo.inspectRaw(source));
  expect(await backend!.rows('mirrors')).toMatchObject([
    {
      reference: mirror,
      upstream: { reference: source },
      platforms: expect.arrayContaining(PLATFORMS),
      state: 'current',
      cycle: '1.36',
      support: 'supported',
      status: 'ok',
    },
  ]);
});

it('builds a base on the mirror that others can read', async () => {
  expect(await backend!.run('build', 'busybox')).toMatchObject({
    state: 'succeeded',
    error: null,
  });
  expect(await baseOf('1.0.0')).toBe(base);
  for (const architecture of ['amd64', 'arm64']) {
    const below = await skopeo.inspectConfig(mirror, architecture);
    const built = await skopeo.inspectConfig(base, architecture);
    expect(built.architecture).toBe(architecture);
    expect(built.rootfs.diff_ids).toEqual([
      ...below.rootfs.diff_ids,
      expect.stringMatching(/^sha256:/),
      expect.stringMatching(/^sha256:/),
    ]);
    expect(built.config.Env).toContain('ORGANISATION_CORE_VERSION=1.0.0');
    expect(built.config.Labels).toMatchObject({
      'com.example.vendor': 'Real organisation',
      'org.opencontainers.image.version': `${TAG}-core1.0.0`,
      'org.opencontainers.image.base.name': mirror,
      'io.imglife.core-version': '1.0.0',
      'io.imglife.eol-date': '2099-01-01',
    });
  }
  await skopeo.read(base, path.join(folder, 'read'));
});

it('finds what applications are built on', async () => {
  const apps = `${home.host}/apps`;
  const builds: Array<[string, string]> = [
    ['shop', `FROM ${base}\nCOPY app /app\n`],
    ['labelled', `FROM ${base}\nLABEL com.example.team=payments\n`],
    ['straight', `FROM ${mirror}\nCOPY app /app\n`],
    ['scratch', 'FROM scratch\nCOPY app /app\n'],
  ];
  for (const [name, dockerfile] of builds) {
    await buildah.push({
      reference: `${apps}/${name}:1.0`,
      platforms: PLATFORMS,
      dockerfile,
      files: { app: `the application ${name}\n` },
    });
  }
  const shop = await register(
    ...[`${apps}/shop:1.0`, '--entity', 'component:default/shop'],
  );
  expect(shop).toMatchObject({
    base: { reference: base },
    detection: { confidence: 'confirmed', mismatch: false },
    platforms: expect.arrayContaining(PLATFORMS),
    freshness: 'current',
    status: 'ok',
  });
  expect(await register(`${apps}/labelled:1.0`)).toMatchObject({
    base: { reference: base },
    detection: { confidence: 'confirmed' },
    freshness: 'current',
  });
  expect(await register(`${apps}/straight:1.0`)).toMatchObject({
    base: { reference: mirror },
    detection: { confidence: 'confirmed' },
    freshness: 'unmanaged',
    status: 'warning',
  });
  expect(await register(`${apps}/scratch:1.0`)).toMatchObject({
    base: null,
    detection: { confidence: 'confirmed' },
    freshness: 'none',
    status: 'ok',
  });
  const check = await backend!.cli('check', '--base', base, '--strict');
  expect(check.stdout).toMatch(/^freshness {2}current$/m);
  expect(check.code).toBe(0);
  expect((await reportRow('apps/shop'))[5]).toBe('✅ OK');
});

it('shows the application in the catalog, with what it stands on', async () => {
  const find = async (repository: string) => {
    const filter = `kind=resource,metadata.annotations.imglife.io/image=${repository}`;
    const entities = await backend!.get<Entity[]>(
      `/api/catalog/entities?filter=${encodeURIComponent(filter)}`,
    );
    return entities[0]?.relations?.length ? entities[0] : undefined;
  };
  const below = await backend!.waitFor("the base's resource", SETTLE_MS, () =>
    find(`${home.host}/bases/busybox`),
  );
  const { metadata } = await backend!.waitFor(
    "the application's resource with its owner",
    SETTLE_MS,
    async () => {
      const found = await find(`${home.host}/apps/shop`);
      return found?.spec.owner === 'group:default/payments' && found;
    },
  );
  const entity = await backend!.get<Entity>(
    `/api/catalog/entities/by-name/resource/imglife/${metadata.name}`,
  );
  expect(entity.spec.owner).toBe('group:default/payments');
  expect(entity.metadata.annotations).toMatchObject({
    'imglife.io/tier': 'applications',
    'imglife.io/status': 'ok',
  });
  expect(entity.relations).toEqual(
    expect.arrayContaining([
      {
        type: 'dependsOn',
        targetRef: `resource:imglife/${below.metadata.name}`,
      },
      { type: 'dependencyOf', targetRef: 'component:default/shop' },
      { type: 'ownedBy', targetRef: 'group:default/payments' },
    ]),
  );
  const component = await backend!.get<Entity>(
    '/api/catalog/entities/by-name/component/default/shop',
  );
  expect(component.relations).toContainEqual({
    type: 'dependsOn',
    targetRef: `resource:imglife/${metadata.name}`,
  });
});

it('judges applications anew when the base gets a new core version', async () => {
  backend = await startBackend('1.1.0');
  const newBase = await baseOf('1.1.0');
  expect(newBase).toBe(`${home.host}/bases/busybox:${TAG}-core1.1.0`);

  const check = await backend.cli('check', '--base', base);
  expect(check.stdout).toMatch(/^freshness {2}outdated since /m);
  expect(check.stdout).toContain(`Set BASE_IMAGE to ${newBase}`);
  expect(check.code).toBe(0);
  expect((await backend.cli('check', '--base', base, '--strict')).code).toBe(1);
  expect((await backend.cli('check', '--base', newBase, '--strict')).code).toBe(
    0,
  );
  expect((await reportRow('apps/shop'))[5]).toBe('❌ Outdated');
  expect((await reportRow('apps/straight'))[5]).toBe('⚠️ Unmanaged');
});

it('gives grace, and says until when', async () => {
  backend = await startBackend('1.1.0', { graceDays: 14 });

  const check = await backend.cli('check', '--base', base, '--strict');
  const { outdatedSince, graceUntil } = JSON.parse(
    (await backend.cli('check', '--base', base, '--output', 'json')).stdout,
  );
  expect(check.code).toBe(0);
  expect(Date.parse(graceUntil) - Date.parse(outdatedSince)).toBe(
    14 * 86_400_000,
  );
  expect(check.stdout).toContain(`grace until ${graceUntil}`);
  expect((await reportRow('apps/shop'))[5]).toBe('⚠️ Outdated');
});
