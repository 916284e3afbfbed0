import {
  describeWithComponents,
  findComponent,
  requireComponent,
} from './components';

const MISSING = 'imglife-has-no-such-program';

afterEach(() => {
  jest.restoreAllMocks();
});

const suites = globalThis as unknown as Record<
  'describe' | 'it',
  (title: string, run: () => void) => void
>;

/** What `describeWithComponents` gives to `describe`, without running it. */
function recordSuites(components: string[], ci: string | undefined) {
  const described = jest.spyOn(suites, 'describe').mockImplementation();
  const skip = jest.fn();
  Object.assign(suites.describe, { skip });
  jest.replaceProperty(process, 'env', { ...process.env, CI: ci });
  const tests = () => undefined;
  describeWithComponents(components, 'title', tests);
  return { described, skip, tests };
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
  const { described, skip, tests } = recordSuites(['sh', MISSING], undefined);
  expect(described).not.toHaveBeenCalled();
  expect(skip).toHaveBeenCalledWith(`title (without ${MISSING})`, tests);
});

it('fails in CI where one is missing', () => {
  const { described, skip } = recordSuites(['sh', MISSING], 'true');
  expect(skip).not.toHaveBeenCalled();
  const added = jest.spyOn(suites, 'it').mockImplementation();
  described.mock.calls[0][1]();
  expect(added.mock.calls[0][1]).toThrow(`${MISSING} is not installed`);
});
