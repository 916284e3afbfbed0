import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { pushImage, RegistryHttp } from '@imglife/test-registry';
import { applications as all, DemoApplication } from './applications';
import { chooseBase, ImageRow } from './chooseBase';
import { forEachAtOnce } from './forEachAtOnce';

const AT_ONCE = 3;
const ANNOTATION = 'org.opencontainers.image';
/** Where a pipeline that names its base keeps that name, for later registrations. */
const DECLARED_BASE = 'com.example.ci.base';

/** Where the demo's CI works, and as whom. */
export interface DemoCiOptions {
  /** The private registry, such as `127.0.0.1:5402`. */
  privateHost: string;
  /** The portal, such as `http://localhost:7007`. */
  portalUrl: string;
  /** Token of the CI: may read images and register. */
  token: string;
  /** How the command line is started: a program and its first arguments. */
  cli: string[];
  /** Default: the demo's dozen. */
  applications?: DemoApplication[];
  /** The clock; default the machine's. */
  now?: () => Date;
}

/** What became of one application. */
export interface DemoBuild {
  image: string;
  /** Reference of the image it is built on; undefined when it is FROM scratch, or was built by an earlier run. */
  base?: string;
  state: 'built' | 'kept' | 'skipped' | 'failed';
  /** What the command line printed, or why there is no image. */
  output: string;
}

type Rows = Record<'bases' | 'mirrors', ImageRow[]>;

async function readRows(
  { portalUrl, token }: DemoCiOptions,
  tier: 'bases' | 'mirrors',
): Promise<ImageRow[]> {
  const url = new URL(`/api/imglife/v1/${tier}?limit=500&all=true`, portalUrl);
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${token}` },
  });
  if (!response.ok) {
    throw new Error(`GET ${url}: ${response.status} ${await response.text()}`);
  }
  const { items } = (await response.json()) as { items: ImageRow[] };
  return items;
}

/** A commit that stays the same, for an application that has no repository. */
function revisionOf({ name, version }: DemoApplication): string {
  return createHash('sha1').update(`${name} ${version}`).digest('hex');
}

function labelsOf(
  application: DemoApplication,
  base: ImageRow | undefined,
): Record<string, string> {
  const { name, team, version, declared } = application;
  return {
    [`${ANNOTATION}.title`]: name,
    [`${ANNOTATION}.version`]: version,
    [`${ANNOTATION}.revision`]: revisionOf(application),
    [`${ANNOTATION}.source`]: `https://git.example.com/${team}/${name}`,
    ...(declared && base && { [DECLARED_BASE]: base.reference }),
  };
}

/** Buildah writes both annotations for every image, and empty ones FROM scratch. */
function annotationsOf(
  { annotated }: DemoApplication,
  base: ImageRow | undefined,
): Record<string, string> | undefined {
  return annotated
    ? {
        [`${ANNOTATION}.base.name`]: base?.reference ?? '',
        [`${ANNOTATION}.base.digest`]: base?.digest ?? '',
      }
    : undefined;
}

/** Where in the private registry a base is; by digest, so that a move between two reads does no harm. */
function locate({ reference, digest, tag }: ImageRow) {
  const path = reference.slice(reference.indexOf('/') + 1);
  const repository = path.slice(0, path.lastIndexOf(':'));
  return { repository, reference: digest ?? tag };
}

async function buildImage(
  { privateHost, now = () => new Date() }: DemoCiOptions,
  application: DemoApplication,
  base: ImageRow | undefined,
): Promise<void> {
  const { name, version } = application;
  const from = base && locate(base);
  const below =
    from &&
    (await RegistryHttp.create(privateHost).readBase(
      from.repository,
      from.reference,
    ));
  await pushImage(privateHost, {
    repository: `apps/${name}`,
    tag: version,
    platforms: below?.map(({ platform }) => platform) ?? ['linux/amd64'],
    from,
    layers: platform => [
      {
        [`opt/${name}/README`]: `${name} ${version} of the imglife demo\n`,
        [`opt/${name}/platform`]: `${platform}\n`,
      },
    ],
    labels: labelsOf(application, base),
    annotations: annotationsOf(application, base),
    created: now().toISOString(),
  });
}

/** The base that the pipeline of an image names, as it was when the image was built. */
async function readDeclaredBase(
  { privateHost }: DemoCiOptions,
  { name, version }: DemoApplication,
): Promise<string | undefined> {
  const http = RegistryHttp.create(privateHost);
  const [{ config }] = await http.readBase(`apps/${name}`, version);
  return config.config.Labels?.[DECLARED_BASE];
}

/** Runs the real command line, as the application's pipeline would. */
async function register(
  options: DemoCiOptions,
  application: DemoApplication,
  image: string,
): Promise<Pick<DemoBuild, 'output'> & { ok: boolean }> {
  const { cli, portalUrl, token } = options;
  const { name, team } = application;
  const base = await readDeclaredBase(options, application);
  const project = `${team}/${name}`;
  const job = `https://git.example.com/${project}/-/jobs/1`;
  const [program, ...first] = cli;
  const args = [
    ...[...first, 'register', '--image', image],
    ...['--revision', revisionOf(application), '--project', project],
    ...['--entity', `component:default/${name}`],
    ...['--field', `ci_job_url=${job}`],
    ...(base ? ['--base', base] : []),
  ];
  try {
    const { stdout } = await promisify(execFile)(program, args, {
      env: { ...process.env, IMGLIFE_URL: portalUrl, IMGLIFE_TOKEN: token },
    });
    return { ok: true, output: stdout.trim() };
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    return { ok: false, output: stderr?.trim() || message };
  }
}

async function playPipeline(
  options: DemoCiOptions,
  application: DemoApplication,
  rows: Rows,
): Promise<DemoBuild> {
  const { name, version, on } = application;
  const image = `${options.privateHost}/apps/${name}:${version}`;
  const http = RegistryHttp.create(options.privateHost);
  const kept = await http.headManifest(`apps/${name}`, version);
  const base = on && chooseBase(on, rows[on.tier]);
  if (!kept && on && !base) {
    const wanted = [on.name, on.cycle].filter(Boolean).join(' ');
    const output = `no ${wanted} among the ${on.tier}`;
    return { image, state: 'skipped', output };
  }
  if (!kept) {
    await buildImage(options, application, base);
  }
  const { ok, output } = await register(options, application, image);
  const built = kept ? 'kept' : 'built';
  return {
    image,
    base: kept ? undefined : base?.reference,
    state: ok ? built : 'failed',
    output,
  };
}

/**
 * Plays the CI of the demo's applications: chooses a base among those the
 * portal shows, pushes an image on top of it, and registers it with the real
 * command line. An image that is there is kept and registered again, which
 * changes nothing.
 *
 * @returns one result for each application, in their order
 * @throws Error when the portal or the registry cannot be used
 */
export async function runDemoCi(options: DemoCiOptions): Promise<DemoBuild[]> {
  const applications = options.applications ?? all;
  const rows: Rows = {
    bases: await readRows(options, 'bases'),
    mirrors: await readRows(options, 'mirrors'),
  };
  const builds = new Map<DemoApplication, DemoBuild>();
  await forEachAtOnce(AT_ONCE, applications, async application => {
    builds.set(application, await playPipeline(options, application, rows));
  });
  return applications.flatMap(application => builds.get(application) ?? []);
}
