/** Config or file tree, by `config.NAME` or path. */
export type Facts = Record<string, unknown>;

/** One small Dockerfile of the table. */
export interface ConformanceCase {
  name: string;
  /** what follows `FROM` the mirror, or all of it when it has a FROM */
  dockerfile: string;
  args?: Record<string, string>;
  /**
   * Where the two builders give something else, and why: `[buildah, ours]`;
   * undefined where there is nothing.
   */
  differs?: { why: string; facts: Record<string, [unknown, unknown]> };
  /**
   * What is added to the mirror, written by hand: buildah 1.28 cannot build it.
   */
  expected?: { why: string; facts: Facts };
}

/** In its place stands the mirror's pinned reference. */
export const MIRROR = '@MIRROR@';
