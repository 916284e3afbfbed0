import { createHash } from 'node:crypto';
import { hexOf, TOOL, type ImageInventory } from './ImageInventory';
import { imagePurl } from './imagePurl';
import { uuidOf } from './uuidOf';

/** Media type of SPDX as JSON (IANA). */
export const SPDX_TYPE = 'application/spdx+json';

const NO_ASSERTION = 'NOASSERTION';
const IMAGE = 'SPDXRef-image';
const BASE = 'SPDXRef-base';
const ADDED = 'SPDXRef-added';

/** SPDX 2.3, 7.9: over the SHA-1 of every file of the package. */
function verificationCode(files: ReadonlyArray<{ sha1: string }>): string {
  const sums = files.map(({ sha1 }) => sha1).sort();
  return createHash('sha1').update(sums.join('')).digest('hex');
}

function container(
  id: string,
  image: Parameters<typeof imagePurl>[0],
): Record<string, unknown> {
  return {
    SPDXID: id,
    name: image.repository,
    versionInfo: image.tag,
    primaryPackagePurpose: 'CONTAINER',
    downloadLocation: NO_ASSERTION,
    filesAnalyzed: false,
    checksums: [{ algorithm: 'SHA256', checksumValue: hexOf(image.digest) }],
    externalRefs: [
      {
        referenceCategory: 'PACKAGE-MANAGER',
        referenceType: 'purl',
        referenceLocator: imagePurl(image),
      },
    ],
  };
}

function added({ name, tag, files }: ImageInventory) {
  return {
    SPDXID: ADDED,
    name: `layers that ${name} adds`,
    versionInfo: tag,
    downloadLocation: NO_ASSERTION,
    ...(files?.length
      ? {
          filesAnalyzed: true,
          licenseInfoFromFiles: [NO_ASSERTION],
          packageVerificationCode: {
            packageVerificationCodeValue: verificationCode(files),
          },
        }
      : {
          filesAnalyzed: false,
          ...(files
            ? {}
            : { comment: 'They hold more files than are listed one by one.' }),
        }),
  };
}

function relationship(from: string, type: string, to: string) {
  return {
    spdxElementId: from,
    relationshipType: type,
    relatedSpdxElement: to,
  };
}

/**
 * The SBOM of one platform by SPDX 2.3: the image, the one it descends from,
 * and the files added.
 */
export function spdx(inventory: ImageInventory): object {
  const { repository, tag, digest, base, created } = inventory;
  const files = (inventory.files ?? []).map((file, index) => ({
    SPDXID: `SPDXRef-file-${index + 1}`,
    fileName: `.${file.path}`,
    checksums: [
      { algorithm: 'SHA1', checksumValue: file.sha1 },
      { algorithm: 'SHA256', checksumValue: file.sha256 },
    ],
    licenseConcluded: NO_ASSERTION,
    licenseInfoInFiles: [NO_ASSERTION],
    copyrightText: NO_ASSERTION,
    comment: `layer ${file.layer}`,
  }));
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: `${repository}:${tag}`,
    documentNamespace: `urn:uuid:${uuidOf(`${repository}@${digest}#spdx`)}`,
    creationInfo: {
      // SPDX 2.3, 6.9: whole seconds
      created: created.replace(/\.\d+Z$/, 'Z'),
      creators: [`Tool: ${TOOL}`],
    },
    packages: [
      container(IMAGE, inventory),
      container(BASE, base),
      added(inventory),
    ],
    files,
    relationships: [
      relationship('SPDXRef-DOCUMENT', 'DESCRIBES', IMAGE),
      relationship(IMAGE, 'DESCENDANT_OF', BASE),
      relationship(IMAGE, 'CONTAINS', ADDED),
      ...files.map(({ SPDXID }) => relationship(ADDED, 'CONTAINS', SPDXID)),
    ],
  };
}
