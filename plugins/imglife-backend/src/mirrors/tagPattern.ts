import { RE2JS } from 're2js';

/** Tests whole tags. */
export interface TagPattern {
  matches(tag: string): boolean;
}

/**
 * Compiles a pattern of the configuration (RE2 syntax). It matches whole tags,
 * and in linear time, whatever people write.
 *
 * @throws Error - the pattern cannot be read
 */
export function tagPattern(pattern: string): TagPattern {
  const compiled = RE2JS.compile(pattern);
  return { matches: tag => compiled.matches(tag) };
}
