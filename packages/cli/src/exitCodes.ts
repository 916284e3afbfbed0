/**
 * What the process ends with. `usage` also stands for what the portal refused
 * because of what was asked or who asked; `unreachable` for a portal that did
 * not answer or failed, after retries.
 *
 * @public
 */
export const exitCodes = {
  ok: 0,
  violation: 1,
  usage: 2,
  unreachable: 3,
} as const;
