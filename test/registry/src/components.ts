import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const MORE_FOLDERS = ['/usr/local/bin', '/usr/bin', '/usr/sbin', '/sbin'];

/** Path of a program on this machine; undefined when it is not installed. */
export function findComponent(name: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return [...folders.filter(Boolean), ...MORE_FOLDERS]
    .map(folder => join(folder, name))
    .find(path => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/**
 * Path of a program on this machine.
 *
 * @throws Error naming the program when it is not installed
 */
export function requireComponent(name: string): string {
  const path = findComponent(name);
  if (!path) {
    throw new Error(
      `${name} is not installed: install the package that has it`,
    );
  }
  return path;
}

// Reached through globalThis: this is no test file, and outside of a test run
// there is neither.
const jestGlobals = globalThis as unknown as {
  describe: jest.Describe;
  it: jest.It;
};

/**
 * A `describe` of tests that run real programs. Where one is missing they
 * are skipped; with `CI` set in the environment that is a failure instead.
 */
export function describeWithComponents(
  components: string[],
  title: string,
  tests: () => void,
): void {
  const missing = components.filter(name => !findComponent(name));
  if (missing.length === 0) {
    jestGlobals.describe(title, tests);
  } else if (process.env.CI) {
    jestGlobals.describe(title, () => {
      jestGlobals.it(`has ${components.join(', ')}`, () => {
        missing.forEach(requireComponent);
      });
    });
  } else {
    const skipped = `${title} (without ${missing.join(', ')})`;
    jestGlobals.describe.skip(skipped, tests);
  }
}
