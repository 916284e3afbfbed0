/** Whether a shell pattern (`*`, `?`, `\\` before what is meant as it stands) is all of a text. */
function matches(pattern: string, text: string): boolean {
  let [at, char] = [0, 0];
  // where the last * stood, and how much of the text it has taken
  let [star, taken] = [-1, 0];
  while (char < text.length) {
    const isEscaped = pattern[at] === '\\' && at + 1 < pattern.length;
    const wanted = isEscaped ? pattern[at + 1] : pattern[at];
    if (pattern[at] === '*') {
      [star, taken] = [at, char];
      at++;
    } else if (wanted === text[char] || (pattern[at] === '?' && !isEscaped)) {
      at += isEscaped ? 2 : 1;
      char++;
    } else if (star >= 0) {
      taken++;
      [at, char] = [star + 1, taken];
    } else {
      return false;
    }
  }
  return /^\**$/.test(pattern.slice(at));
}

function lengths(value: string, longest: boolean): number[] {
  const all = Array.from({ length: value.length + 1 }, (_, length) => length);
  return longest ? all.reverse() : all;
}

/**
 * `${x#pattern}` and `${x%pattern}`: a value without what the pattern matches
 * at its start or end, the shortest, or with `##` and `%%` the longest
 * (Dockerfile reference, "Environment replacement").
 */
export function cutByPattern(
  value: string,
  operator: '#' | '##' | '%' | '%%',
  pattern: string,
): string {
  const isStart = operator.startsWith('#');
  for (const length of lengths(value, operator.length > 1)) {
    const at = isStart ? length : value.length - length;
    const [start, end] = [value.slice(0, at), value.slice(at)];
    if (matches(pattern, isStart ? start : end)) {
      return isStart ? end : start;
    }
  }
  return value;
}

/**
 * `${x/pattern/text}`: a value with the first match of the pattern replaced, or
 * with `//` every one; of those that begin at one place the longest.
 */
export function replaceByPattern(
  value: string,
  operator: '/' | '//',
  pattern: string,
  text: string,
): string {
  let result = '';
  let at = 0;
  while (at < value.length) {
    const rest = value.slice(at);
    const found = lengths(rest, true).find(
      length => length > 0 && matches(pattern, rest.slice(0, length)),
    );
    if (found === undefined) {
      result += value[at++];
    } else {
      result += text;
      at += found;
      if (operator === '/') {
        break;
      }
    }
  }
  return result + value.slice(at);
}
