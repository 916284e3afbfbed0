/** Value of a variable in a config's `Env`. */
export function readEnvironment(
  env: ReadonlyArray<string>,
  name: string,
): string | undefined {
  return env.find(each => each.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** Sets a variable, in its place when it is there already. */
export function writeEnvironment(
  env: ReadonlyArray<string>,
  name: string,
  value: string,
): string[] {
  const entry = `${name}=${value}`;
  const at = env.findIndex(each => each.startsWith(`${name}=`));
  return at < 0 ? [...env, entry] : env.with(at, entry);
}
