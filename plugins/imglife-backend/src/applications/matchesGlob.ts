/**
 * Whether a text is what a pattern says; `*` stands for any characters, also
 * none. A pattern of an image matches its tags and digests too. Linear: parts
 * are looked for from left to right, without going back.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  const parts = pattern.split('*');
  if (parts.length === 1) {
    return text === pattern || isTagOf(pattern, text);
  }
  return matchesParts(parts, text);
}

/**
 * Whether a text is these parts in their order, with any characters between
 * them; one part is the whole text. Linear, as {@link matchesGlob}.
 */
export function matchesParts(parts: readonly string[], text: string): boolean {
  if (parts.length === 1) {
    return text === parts[0];
  }
  const [first, ...rest] = parts;
  const last = rest.pop()!;
  if (!text.startsWith(first)) {
    return false;
  }
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found === -1) {
      return false;
    }
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

function isTagOf(image: string, text: string): boolean {
  return (
    text.startsWith(image) &&
    (text[image.length] === ':' || text[image.length] === '@')
  );
}
