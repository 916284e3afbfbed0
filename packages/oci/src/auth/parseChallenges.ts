/** One challenge of a `WWW-Authenticate` header. */
export interface Challenge {
  /** lower case, such as `bearer` */
  scheme: string;
  /** keys in lower case */
  parameters: Record<string, string>;
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+/;

/**
 * Reads a `WWW-Authenticate` header: several challenges, quoted values with
 * escapes (RFC 9110, section 11.6.1). What cannot be read ends the list.
 */
export function parseChallenges(header: string): Challenge[] {
  const challenges: Challenge[] = [];
  let rest = header.trim();
  while (rest) {
    const word = TOKEN.exec(rest)?.[0];
    if (!word) {
      break;
    }
    const after = rest.slice(word.length).trimStart();
    if (after.startsWith('=') && challenges.length) {
      const [value, remaining] = readValue(after.slice(1).trimStart());
      challenges.at(-1)!.parameters[word.toLowerCase()] = value;
      rest = remaining;
    } else {
      challenges.push({ scheme: word.toLowerCase(), parameters: {} });
      rest = after;
    }
    rest = rest.replace(/^[\s,]+/, '');
  }
  return challenges;
}

function readValue(text: string): [value: string, rest: string] {
  if (!text.startsWith('"')) {
    const end = text.search(/[\s,]/);
    return end === -1 ? [text, ''] : [text.slice(0, end), text.slice(end)];
  }
  let value = '';
  for (let at = 1; at < text.length; at++) {
    if (text[at] === '"') {
      return [value, text.slice(at + 1)];
    }
    if (text[at] === '\\') {
      at++;
    }
    value += text[at] ?? '';
  }
  return [value, ''];
}
