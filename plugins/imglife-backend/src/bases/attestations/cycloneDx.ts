import { hexOf, TOOL, type ImageInventory } from './ImageInventory';
import { imagePurl } from './imagePurl';
import { uuidOf } from './uuidOf';

/** Media type of CycloneDX as JSON (IANA). */
export const CYCLONEDX_TYPE = 'application/vnd.cyclonedx+json';

function sha256(digest: string) {
  return [{ alg: 'SHA-256', content: hexOf(digest) }];
}

/**
 * The SBOM of one platform by CycloneDX 1.6 (ECMA-424): the image, the one it
 * is built on, and the files added. What it is built on is named and not taken
 * apart, and the document says so (`compositions`).
 */
export function cycloneDx(inventory: ImageInventory): object {
  const { repository, tag, digest, base, files, created } = inventory;
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
      { aggregate: files ? 'complete' : 'incomplete', assemblies: [image] },
    ],
  };
}
