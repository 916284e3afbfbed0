import { createHash } from 'node:crypto';
import { hexOf, TOOL, type ImageInventory } from './ImageInventory';
import { imagePurl } from './imagePurl';
import type { Distribution } from './packages/InstalledPackage';
import { isSpdxLicence } from './packages/isSpdxLicence';
import { packagePurl } from './packages/packagePurl';
import { uuidOf } from './uuidOf';

/** Media type of SPDX as JSON (IANA). */
export const SPDX_TYPE = 'application/spdx+json';

const NO_ASSERTION = 'NOASSERTION';
const IMAGE = 'SPDXRef-image';
const BASE = 'SPDXRef-base';
const ADDED = 'SPDXRef-added';
const SYSTEM = 'SPDXRef-os';

/** SPDX 2.3, 7.9: over the SHA-1 of every file of the package. */
function verificationCode(files: ReadonlyArray<{ sha1: string }>): string {
  const sums = files.map(({ sha1 }) => sha1).sort();
  return createHash('sha1').update(sums.join('')).digest('hex');
}

function purlRef(referenceLocator: string) {
  return {
    referenceCategory: 'PACKAGE-MANAGER',
    referenceType: 'purl',
    referenceLocator,
  };
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
    externalRefs: [purlRef(imagePurl(image))],
  };
}

function operatingSystem({ id, version, name }: Distribution) {
  return {
    SPDXID: SYSTEM,
    name: id,
    ...(version && { versionInfo: version }),
    ...(name && { summary: name }),
    primaryPackagePurpose: 'OPERATING-SYSTEM',
    downloadLocation: NO_ASSERTION,
    filesAnalyzed: false,
  };
}

function installed({ packages, distribution }: ImageInventory) {
  return packages.map((each, index) => {
    const { name, version, licence } = each;
    const isListed = licence !== undefined && isSpdxLicence(licence);
    return {
      SPDXID: `SPDXRef-package-${index + 1}`,
      name,
      versionInfo: version,
      downloadLocation: NO_ASSERTION,
      filesAnalyzed: false,
      licenseConcluded: NO_ASSERTION,
      licenseDeclared: isListed ? licence : NO_ASSERTION,
      ...(licence &&
        !isListed && { licenseComments: `The package says: ${licence}` }),
      copyrightText: NO_ASSERTION,
      externalRefs: [purlRef(packagePurl(each, distribution))],
    };
  });
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
 * the packages of its operating system, and the files added.
 */
export function spdx(inventory: ImageInventory): object {
  const { repository, tag, digest, base, created, unread } = inventory;
  const { distribution } = inventory;
  const system = distribution ? [operatingSystem(distribution)] : [];
  const packages = installed(inventory);
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
      {
        ...container(IMAGE, inventory),
        ...(unread.length > 0 && { comment: `Not read: ${unread.join('; ')}` }),
      },
      container(BASE, base),
      added(inventory),
      ...system,
      ...packages,
    ],
    files,
    relationships: [
      relationship('SPDXRef-DOCUMENT', 'DESCRIBES', IMAGE),
      relationship(IMAGE, 'DESCENDANT_OF', BASE),
      relationship(IMAGE, 'CONTAINS', ADDED),
      ...[...system, ...packages].map(({ SPDXID }) =>
        relationship(IMAGE, 'CONTAINS', SPDXID),
      ),
      ...files.map(({ SPDXID }) => relationship(ADDED, 'CONTAINS', SPDXID)),
    ],
  };
}
