import { hexOf, TOOL, type ImageInventory } from './ImageInventory';
import { imagePurl } from './imagePurl';
import type { Distribution } from './packages/InstalledPackage';
import { isSpdxLicence } from './packages/isSpdxLicence';
import { packagePurl } from './packages/packagePurl';
import { uuidOf } from './uuidOf';

/** Media type of CycloneDX as JSON (IANA). */
export const CYCLONEDX_TYPE = 'application/vnd.cyclonedx+json';

function sha256(digest: string) {
  return [{ alg: 'SHA-256', content: hexOf(digest) }];
}

function operatingSystem({ id, version, name }: Distribution) {
  return {
    type: 'operating-system',
    'bom-ref': `os:${id}`,
    name: id,
    ...(version && { version }),
    ...(name && { description: name }),
  };
}

function installed({ packages, distribution }: ImageInventory) {
  return packages.map(each => {
    const { name, version, licence } = each;
    const purl = packagePurl(each, distribution);
    return {
      type: 'library',
      'bom-ref': purl,
      name,
      version,
      ...(licence && {
        licenses: isSpdxLicence(licence)
          ? [{ expression: licence }]
          : [{ license: { name: licence } }],
      }),
      purl,
    };
  });
}

/**
 * The SBOM of one platform by CycloneDX 1.6 (ECMA-424): the image, the one it
 * is built on, the packages of its operating system, and the files added. What
 * else is in what it is built on is not listed, and the document says so
 * (`compositions`), as it does when a database of packages was not read.
 */
export function cycloneDx(inventory: ImageInventory): object {
  const { repository, tag, digest, base, files, created, unread } = inventory;
  const { distribution } = inventory;
  const isComplete = files !== undefined && unread.length === 0;
  const image = imagePurl(inventory);
  const below = imagePurl(base);
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(`${repository}@${digest}#cyclonedx`)}`,
    version: 1,
    metadata: {
      timestamp: created,
      tools: { components: [{ type: 'application', name: TOOL }] },
      component: {
        type: 'container',
        'bom-ref': image,
        name: repository,
        version: tag,
        purl: image,
        hashes: sha256(digest),
        ...(unread.length > 0 && {
          properties: unread.map(value => ({ name: 'imglife:unread', value })),
        }),
      },
    },
    components: [
      {
        type: 'container',
        'bom-ref': below,
        name: base.repository,
        version: base.tag,
        purl: below,
        hashes: sha256(base.digest),
      },
      ...(distribution ? [operatingSystem(distribution)] : []),
      ...installed(inventory),
      ...(files ?? []).map(file => ({
        type: 'file',
        'bom-ref': `file:${file.path}`,
        name: file.path,
        hashes: [
          { alg: 'SHA-1', content: file.sha1 },
          { alg: 'SHA-256', content: file.sha256 },
        ],
        properties: [{ name: 'imglife:layer', value: file.layer }],
      })),
    ],
    dependencies: [{ ref: image, dependsOn: [below] }, { ref: below }],
    compositions: [
      { aggregate: 'incomplete', assemblies: [below] },
      {
        aggregate: isComplete ? 'complete' : 'incomplete',
        assemblies: [image],
      },
    ],
  };
}
