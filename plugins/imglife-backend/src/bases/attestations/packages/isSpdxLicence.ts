import parse from 'spdx-expression-parse';

/**
 * Whether a package's licence is an expression of listed licences (SPDX 2.3,
 * annex D). One that refers to a text elsewhere (`LicenseRef-…`) is none: the
 * text is not here.
 */
export function isSpdxLicence(licence: string): boolean {
  try {
    parse(licence);
    return !/(?:LicenseRef|DocumentRef)-/.test(licence);
  } catch {
    // that is its answer
    return false;
  }
}
