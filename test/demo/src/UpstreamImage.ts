import { LayerFiles } from '@imglife/test-registry';

/** A small image of the demo's upstream registry. */
export interface UpstreamImage {
  /** Such as `library/alpine`. */
  repository: string;
  /** All tags of the same image; the first is its full version. */
  tags: string[];
  platforms: string[];
  /** Files of each layer on one platform, lowest first. */
  layers: (platform: string) => LayerFiles[];
  env: Record<string, string>;
  labels: Record<string, string>;
  /** ISO date. */
  created: string;
}

/** A program on an operating system, such as Node 24.19.0 on Alpine 3.24.1. */
export interface ProductRow {
  /** Repository below `library/`. */
  name: string;
  /** Version of the program. */
  version: string;
  /** Tags; a leading `-` is short for the version with this suffix. */
  tags: string[];
  /** `alpine 3.24.1` or `debian 13.6`. */
  os: string;
  /** Day of its making, `YYYY-MM-DD`. */
  date: string;
}

const THREE = ['linux/amd64', 'linux/arm64', 'linux/arm/v7'];
const TWO = ['linux/amd64', 'linux/arm64'];
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const CODENAMES: Record<string, string> = {
  '11': 'bullseye',
  '12': 'bookworm',
  '13': 'trixie',
};

/** What each of the real images calls its version in the environment. */
const VERSION_VARIABLES: Record<string, string> = {
  'eclipse-temurin': 'JAVA_VERSION',
  golang: 'GOLANG_VERSION',
  nginx: 'NGINX_VERSION',
  node: 'NODE_VERSION',
  postgres: 'PG_VERSION',
  python: 'PYTHON_VERSION',
  redis: 'REDIS_VERSION',
};

const ALPINE_ARCHITECTURES: Record<string, string> = {
  'linux/amd64': 'x86_64',
  'linux/arm64': 'aarch64',
  'linux/arm/v7': 'armv7',
};
const DEBIAN_ARCHITECTURES: Record<string, string> = {
  'linux/amd64': 'amd64',
  'linux/arm64': 'arm64',
  'linux/arm/v7': 'armhf',
};

/** What every image of the demo says of itself, as a file and as its description. */
export const STAND_IN =
  'A tiny stand-in made for the imglife demo. It is not the real image and has no program to run.';

function lines(values: Record<string, string>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${value}"\n`)
    .join('');
}

function alpineFiles(version: string, platform: string): LayerFiles {
  const cycle = version.split('.').slice(0, 2).join('.');
  return {
    'etc/alpine-release': `${version}\n`,
    'etc/apk/arch': `${ALPINE_ARCHITECTURES[platform]}\n`,
    'etc/imglife-demo': `${STAND_IN}\n`,
    'etc/os-release': lines({
      NAME: 'Alpine Linux',
      ID: 'alpine',
      VERSION_ID: version,
      PRETTY_NAME: `Alpine Linux v${cycle} (imglife demo stand-in)`,
    }),
  };
}

function debianFiles(version: string, platform: string): LayerFiles {
  const [major] = version.split('.');
  const codename = CODENAMES[major];
  return {
    'etc/debian_version': `${version}\n`,
    'etc/imglife-demo': `${STAND_IN}\n`,
    'etc/os-release': lines({
      NAME: 'Debian GNU/Linux',
      ID: 'debian',
      VERSION_ID: major,
      VERSION_CODENAME: codename,
      PRETTY_NAME: `Debian GNU/Linux ${major} (${codename}, imglife demo stand-in)`,
    }),
    'var/lib/dpkg/arch': `${DEBIAN_ARCHITECTURES[platform]}\n`,
  };
}

function osFiles(os: string, platform: string): LayerFiles {
  const [name, version] = os.split(' ');
  return name === 'alpine'
    ? alpineFiles(version, platform)
    : debianFiles(version, platform);
}

function labelsOf(name: string, version: string): Record<string, string> {
  return {
    'org.opencontainers.image.title': name,
    'org.opencontainers.image.version': version,
    'org.opencontainers.image.description': STAND_IN,
  };
}

/** An image that is an operating system and nothing more. */
export function osImage(
  os: string,
  tags: string[],
  date: string,
): UpstreamImage {
  const [name] = os.split(' ');
  return {
    repository: `library/${name}`,
    tags,
    platforms: THREE,
    layers: platform => [osFiles(os, platform)],
    env: { PATH },
    labels: labelsOf(name, tags[0]),
    created: `${date}T12:00:00Z`,
  };
}

/** An image with a program, on the layer of its operating system. */
export function productImage(row: ProductRow): UpstreamImage {
  const { name, version, os, date } = row;
  return {
    repository: `library/${name}`,
    tags: row.tags.map(tag => (tag.startsWith('-') ? version + tag : tag)),
    platforms: TWO,
    layers: platform => [
      osFiles(os, platform),
      {
        [`usr/local/share/${name}/VERSION`]: `${version}\n`,
        [`usr/local/share/${name}/PLATFORM`]: `${platform}\n`,
      },
    ],
    env: { PATH, [VERSION_VARIABLES[name]]: version },
    labels: labelsOf(name, version),
    created: `${date}T12:00:00Z`,
  };
}
