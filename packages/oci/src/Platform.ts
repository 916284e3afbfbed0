/** Platform of an image (OCI image-spec, image-index.md "platform"). */
export interface Platform {
  os: string;
  architecture: string;
  variant?: string;
  'os.version'?: string;
}

const ARCHITECTURES: Record<string, [string, string?]> = {
  x86_64: ['amd64'],
  'x86-64': ['amd64'],
  i386: ['386'],
  i686: ['386'],
  aarch64: ['arm64'],
  armhf: ['arm', 'v7'],
  armel: ['arm', 'v6'],
};
const DEFAULT_VARIANTS: Record<string, string> = { arm64: 'v8', amd64: 'v1' };
const PART = /^[A-Za-z0-9_.-]+$/;

/**
 * One spelling per platform, so that two registries' can be compared:
 * arm64/v8 = arm64, arm = arm/v7, amd64/v1 = amd64, x86_64 = amd64, and so on.
 */
export function normalizePlatform(platform: Platform): Platform {
  const os = platform.os.toLowerCase();
  const given = platform.architecture.toLowerCase();
  const [architecture, implied] = Object.hasOwn(ARCHITECTURES, given)
    ? ARCHITECTURES[given]
    : [given];
  let variant = platform.variant?.toLowerCase() || implied;
  if (variant && /^\d/.test(variant)) {
    variant = `v${variant}`;
  }
  if (architecture === 'arm') {
    variant = variant ?? 'v7';
  } else if (variant && DEFAULT_VARIANTS[architecture] === variant) {
    variant = undefined;
  }
  return {
    os: os === 'macos' ? 'darwin' : os,
    architecture,
    ...(variant && { variant }),
    ...(platform['os.version'] && { 'os.version': platform['os.version'] }),
  };
}

/** `os/architecture[/variant]`, normalised: `linux/arm64`, `linux/arm/v7`. */
export function formatPlatform(platform: Platform): string {
  const { os, architecture, variant } = normalizePlatform(platform);
  return [os, architecture, ...(variant ? [variant] : [])].join('/');
}

/**
 * Reads `os/architecture[/variant]` and normalises it. Throws an Error that
 * names the bad part.
 */
export function parsePlatform(text: string): Platform {
  const parts = text.split('/');
  if (parts.length < 2 || parts.length > 3) {
    throw new Error(
      `Invalid platform '${text}': write os/architecture or os/architecture/variant, as in linux/arm/v7`,
    );
  }
  const names = ['os', 'architecture', 'variant'];
  parts.forEach((part, i) => {
    if (!PART.test(part)) {
      throw new Error(`Invalid platform '${text}': bad ${names[i]} '${part}'`);
    }
  });
  const [os, architecture, variant] = parts;
  return normalizePlatform({ os, architecture, variant });
}
