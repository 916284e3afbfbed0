import { InputError } from '@backstage/errors';
import { splitWords } from '@imglife/dockerfile';

/** Words of the JSON form; undefined for the shell form. */
export function parseJsonForm(text: string): string[] | undefined {
  if (!text.startsWith('[')) {
    return undefined;
  }
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every(each => typeof each === 'string')
      ? value
      : undefined;
  } catch {
    // as Docker does: what is no JSON is a command for the shell
    return undefined;
  }
}

/**
 * Arguments of CMD and ENTRYPOINT, in JSON or in shell form. Variables are
 * left to the shell.
 *
 * @param shell - what runs the shell form, such as `/bin/sh -c`
 */
export function parseCommand(text: string, shell: string[]): string[] {
  return parseJsonForm(text) ?? [...shell, text];
}

/**
 * Pairs of ENV and LABEL: `name=value …`, or the old `name value`.
 *
 * @returns quotes and variables as they stand
 * @throws InputError - a word has no `=`
 */
export function parsePairs(
  text: string,
  escape: string,
): Array<[string, string]> {
  const words = splitWords(text, escape);
  if (!words[0].includes('=')) {
    const value = text.slice(words[0].length).trim();
    if (value === '') {
      throw new InputError(`${words[0]} has no value`);
    }
    return [[words[0], value]];
  }
  return words.map(word => {
    const at = word.indexOf('=');
    if (at < 1) {
      throw new InputError(`${word} is not of the form name=value`);
    }
    return [word.slice(0, at), word.slice(at + 1)];
  });
}

const PORTS = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/i;
const MAX_PORT = 65535;

/**
 * Ports of EXPOSE, `80`, `80/udp` or `8000-8010`, as the image's config lists
 * them (OCI image-spec config.md, ExposedPorts).
 *
 * @throws InputError - one is no port
 */
export function parseExpose(words: string[]): Record<string, object> {
  const ports: Record<string, object> = {};
  for (const word of words) {
    const [, first, last = first, protocol = 'tcp'] = PORTS.exec(word) ?? [];
    if (!first || Number(last) > MAX_PORT || Number(last) < Number(first)) {
      throw new InputError(
        `${word} is no port such as 80, 80/udp or 8000-8010`,
      );
    }
    for (let port = Number(first); port <= Number(last); port++) {
      ports[`${port}/${protocol.toLowerCase()}`] = {};
    }
  }
  return ports;
}
