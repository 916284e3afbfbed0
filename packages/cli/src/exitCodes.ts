/**
 * What the process ends with. `violation` also stands for a run that was
 * waited for and did not succeed; `usage` for what the portal refused because
 * of what was asked or who asked; `unreachable` for a portal that did not
 * answer or failed, after retries; `interrupted` for Ctrl-C.
 *
 * @public
 */
export const exitCodes = {
  ok: 0,
  violation: 1,
  usage: 2,
  unreachable: 3,
  interrupted: 130,
} as const;
