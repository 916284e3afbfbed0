import { homedir } from 'node:os';

/** What the process was started with, as far as it bears on registries. */
export interface Environment {
  /** Of the environment: proxies, and where docker and podman keep credentials. */
  variables: Readonly<Record<string, string | undefined>>;
  /** Home folder; absent: none is looked into. */
  home?: string;
}

/** The environment of this process. */
export function systemEnvironment(): Environment {
  return { variables: process.env, home: homedir() };
}
