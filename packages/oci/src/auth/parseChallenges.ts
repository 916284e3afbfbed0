/** One challenge of a `WWW-Authenticate` header. */
export interface Challenge {
  /** In lower case: `basic`, `bearer`. */
  scheme: string;
  /** Names in lower case. */
  parameters: Record<string, string>;
}

const TOKEN = /[A-Za-z0-9!#$%&'*+.^_`|~-]+/y;
// `Negotiate abc==`: a scheme with a credential and no parameters
const TOKEN68 = /\s+[^\s,=]+=*(?=\s*(?:,|$))/y;
const GAP = /[\s,]*/y;
const EQUALS = /\s*=\s*/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"?/y;
const UNQUOTED = /[^\s,]*/y;

/**
 * Reads every challenge of one or more `WWW-Authenticate` headers (RFC 9110,
 * section 11.6.1). Several challenges may share one header, and values in
 * quotes may hold commas and escapes. What cannot be read is left out.
 */
export function parseChallenges(
  header: string | string[] | undefined,
): Challenge[] {
  return [header ?? []].flat().flatMap(parseHeader);
}

function parseHeader(text: string): Challenge[] {
  const challenges: Challenge[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const match = pattern.exec(text) ?? undefined;
    at = match ? pattern.lastIndex : at;
    return match;
  };
  while (at < text.length) {
    take(GAP);
    const name = take(TOKEN)?.[0];
    if (name === undefined) {
      break;
    }
    const current = challenges.at(-1);
    if (current && take(EQUALS)) {
      const quoted = take(QUOTED);
      current.parameters[name.toLowerCase()] = quoted
        ? quoted[1].replace(/\\(.)/g, '$1')
        : take(UNQUOTED)?.[0] ?? '';
      continue;
    }
    challenges.push({ scheme: name.toLowerCase(), parameters: {} });
    take(TOKEN68);
  }
  return challenges;
}
