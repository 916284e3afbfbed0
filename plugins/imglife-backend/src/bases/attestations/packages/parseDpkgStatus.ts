import type { InstalledPackage } from './InstalledPackage';

/** States in which nothing of a package but its configuration is there (dpkg(1)). */
const ABSENT = new Set(['not-installed', 'config-files']);
const SOURCE = /^(\S+)(?:\s+\((\S+)\))?$/;

function parseStanza(stanza: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of stanza.split(/\r?\n/)) {
    // a line that goes on begins with a blank: its name is none that is asked for
    const at = line.indexOf(':');
    if (at > 0) {
      fields.set(line.slice(0, at).toLowerCase(), line.slice(at + 1).trim());
    }
  }
  return fields;
}

function sourceOf(
  field: string | undefined,
  name: string,
  version: string,
): InstalledPackage['source'] {
  const [, source, sourceVersion] = SOURCE.exec(field ?? '') ?? [];
  const isOther =
    source !== undefined &&
    (source !== name || (sourceVersion ?? version) !== version);
  return isOther ? { name: source, version: sourceVersion } : undefined;
}

/**
 * Packages of a `dpkg` database (deb-control(5), dpkg-query(1)). What was
 * removed and left its configuration is not among them; a stanza without
 * `Status`, as in images without dpkg, is of a package that is there.
 *
 * @param text - `var/lib/dpkg/status`, or a file of `var/lib/dpkg/status.d`
 */
export function parseDpkgStatus(text: string): InstalledPackage[] {
  return text.split(/\r?\n(?:[ \t]*\r?\n)+/).flatMap(stanza => {
    const fields = parseStanza(stanza);
    const [name, version] = [fields.get('package'), fields.get('version')];
    const state = fields.get('status')?.split(/\s+/)[2];
    return name && version && !ABSENT.has(state ?? '')
      ? [
          {
            type: 'deb',
            name,
            version,
            architecture: fields.get('architecture') || undefined,
            source: sourceOf(fields.get('source'), name, version),
          },
        ]
      : [];
  });
}
