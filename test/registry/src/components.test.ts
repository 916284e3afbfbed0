import {
  describeWithComponents,
  findComponent,
  requireComponent,
} from './components';

const MISSING = 'imglife-has-no-such-program';

afterEach(() => {
  jest.restoreAllMocks();
});

/** What `describeWithComponents` gives to `describe`, without running it. */
function recordSuites(components: string[], ci: string | undefined) {
  const described = Object.assign(jest.fn(), { skip: jest.fn() });
  jest.replaceProperty(
    globalThis as unknown as { describe: unknown },
    'describe',
    described,
  );
  jest.replaceProperty(process, 'env', { ...process.env, CI: ci });
  const tests = () => undefined;
  describeWithComponents(components, 'title', tests);
  return { described, tests };
}

it('finds programs', () => {
  expect(findComponent('sh')).toMatch(/^\/.*\/sh$/);
  expect(requireComponent('sh')).toBe(findComponent('sh'));
  expect(findComponent(MISSING)).toBeUndefined();
  expect(() => requireComponent(MISSING)).toThrow(
    `${MISSING} is not installed`,
  );
});

it('runs the tests where every program is', () => {
  const { described, tests } = recordSuites(['sh'], 'true');
  expect(described).toHaveBeenCalledWith('title', tests);
});

it('skips them where one is missing', () => {
  const { described, tests } = recordSuites(['sh', MISSING], undefined);
  expect(described).not.toHaveBeenCalled();
  expect(described.skip).toHaveBeenCalledWith(
    `title (without ${MISSING})`,
    tests,
  );
});

it('fails in CI where one is missing', () => {
  const { described } = recordSuites(['sh', MISSING], 'true');
  expect(described.skip).not.toHaveBeenCalled();
  const added = jest.fn();
  jest.replaceProperty(globalThis as unknown as { it: unknown }, 'it', added);
  described.mock.calls[0][1]();
  expect(added.mock.calls[0][1]).toThrow(`${MISSING} is not installed`);
});
