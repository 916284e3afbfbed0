import { PackageURL } from 'packageurl-js';
import type { Distribution, InstalledPackage } from './InstalledPackage';

// whose packages they are when the image does not say
const VENDORS = { apk: 'alpine', deb: 'debian' };

/**
 * Package URL of an installed package (purl-spec, types `apk` and `deb`), with
 * the distribution it belongs to, and as `upstream` what it was built from:
 * advisories of Debian and Alpine name that.
 */
export function packagePurl(
  each: InstalledPackage,
  distribution: Distribution | undefined,
): string {
  const { type, name, version, architecture, source } = each;
  const { id, version: release } = distribution ?? {};
  const qualifiers = Object.entries({
    arch: architecture,
    distro: id && [id, release].filter(Boolean).join('-'),
    upstream: source && [source.name, source.version].filter(Boolean).join('@'),
  }).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const purl = new PackageURL(
    type,
    id ?? VENDORS[type],
    name,
    version,
    Object.fromEntries(qualifiers),
    undefined,
  );
  // packageurl-js leaves the + of a version, as in 12.2.0-14+deb12u1
  return purl.toString().replaceAll('+', '%2B');
}
