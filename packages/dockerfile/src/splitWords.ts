/**
 * Cuts an instruction's arguments at blanks that are neither quoted nor
 * escaped. Quotes and escapes stay in the words.
 *
 * @param escape - the Dockerfile's escape character
 * @public
 */
export function splitWords(text: string, escape: string): string[] {
  const words: string[] = [];
  let word = '';
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === escape && quote !== "'" && at + 1 < text.length) {
      word += char + text[++at];
    } else if (quote === '' && /\s/.test(char)) {
      words.push(word);
      word = '';
    } else {
      if (quote === char) {
        quote = '';
      } else if (quote === '' && (char === '"' || char === "'")) {
        quote = char;
      }
      word += char;
    }
  }
  return [...words, word].filter(each => each !== '');
}
