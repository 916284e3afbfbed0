/** What an image runs on (OCI image-spec image-index.md, `platform`). @public */
export interface Platform {
  os: string;
  architecture: string;
  variant?: string;
  'os.version'?: string;
  'os.features'?: string[];
}

const PART = /^[a-z0-9_.-]+$/;

// The default variants, which builders write or leave out as they like
// (containerd platforms, Normalize).
const DEFAULT_VARIANT: Record<string, string> = { arm64: 'v8', amd64: 'v1' };
const ARCHITECTURE_ALIASES: Record<
  string,
  { architecture: string; variant?: string }
> = {
  x86_64: { architecture: 'amd64' },
  'x86-64': { architecture: 'amd64' },
  aarch64: { architecture: 'arm64' },
  armhf: { architecture: 'arm', variant: 'v7' },
  armel: { architecture: 'arm', variant: 'v6' },
};

/**
 * `linux/arm64`, `linux/arm/v7`; normalised, so that equal platforms give equal
 * text: arm64/v8 is arm64, arm is arm/v7, amd64/v1 is amd64.
 *
 * @public
 */
export function formatPlatform(platform: Platform): string {
  const alias = ARCHITECTURE_ALIASES[platform.architecture];
  const architecture = alias?.architecture ?? platform.architecture;
  let variant = alias?.variant ?? platform.variant;
  if (variant === DEFAULT_VARIANT[architecture]) {
    variant = undefined;
  }
  if (architecture === 'arm' && !variant) {
    variant = 'v7';
  }
  return [platform.os, architecture, variant].filter(Boolean).join('/');
}

/**
 * Reads `os/architecture[/variant]`.
 *
 * @throws Error - naming the bad part
 * @public
 */
export function parsePlatform(text: string): Platform {
  const parts = text.split('/');
  const bad = parts.find(part => !PART.test(part));
  if (parts.length < 2 || parts.length > 3 || bad !== undefined) {
    throw new Error(
      `invalid platform ${JSON.stringify(text)}: ${
        bad === undefined
          ? 'it is os/architecture[/variant]'
          : `part ${JSON.stringify(bad)}`
      }`,
    );
  }
  const [os, architecture, variant] = parts;
  return { os, architecture, ...(variant && { variant }) };
}
