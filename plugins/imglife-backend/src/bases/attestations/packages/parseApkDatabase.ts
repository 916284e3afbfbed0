import type { InstalledPackage } from './InstalledPackage';

/**
 * Packages of an `apk` database: paragraphs of lines `letter:value`
 * (apk-tools, "APKINDEX format"; `P` name, `V` version, `A` architecture, `L`
 * licence, `o` what it was built from).
 *
 * @param text - `lib/apk/db/installed`
 */
export function parseApkDatabase(text: string): InstalledPackage[] {
  return text.split(/\r?\n(?:\r?\n)+/).flatMap(paragraph => {
    const fields = new Map(
      paragraph
        .split(/\r?\n/)
        .filter(line => line[1] === ':')
        .map(line => [line[0], line.slice(2).trim()] as const),
    );
    const [name, version] = [fields.get('P'), fields.get('V')];
    const origin = fields.get('o');
    return name && version
      ? [
          {
            type: 'apk',
            name,
            version,
            architecture: fields.get('A') || undefined,
            licence: fields.get('L') || undefined,
            source: origin && origin !== name ? { name: origin } : undefined,
          },
        ]
      : [];
  });
}
