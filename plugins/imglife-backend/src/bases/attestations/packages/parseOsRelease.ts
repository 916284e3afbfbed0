import type { Distribution } from './InstalledPackage';

function unquoted(value: string): string {
  const [, quote, inner] = /^(["'])(.*)\1$/.exec(value) ?? [];
  if (quote === "'") {
    return inner;
  }
  return (inner ?? value).replace(/\\(["'$`\\])/g, '$1');
}

/**
 * What an image is a distribution of: lines `NAME=value`, quoted as in a shell
 * (os-release(5)).
 *
 * @returns undefined when the file has no `ID`
 */
export function parseOsRelease(text: string): Distribution | undefined {
  const values = new Map(
    text
      .split(/\r?\n/)
      .map(line => /^([A-Z0-9_]+)=(.*)$/.exec(line.trim()))
      .filter(match => match !== null)
      .map(([, name, value]) => [name, unquoted(value.trim())]),
  );
  const id = values.get('ID');
  return id
    ? {
        id,
        version: values.get('VERSION_ID') || undefined,
        name: values.get('PRETTY_NAME') || undefined,
      }
    : undefined;
}
