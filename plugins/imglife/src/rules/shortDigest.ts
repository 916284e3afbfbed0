const LONG = /^(?:sha\d+:)?([0-9a-f]{12})[0-9a-f]{20,}$/;

/** The beginning of a digest or hash, enough to tell two apart; other text as it is. */
export function shortDigest(text: string): string {
  return LONG.exec(text)?.[1] ?? text;
}
