import { version } from '../package.json';
import { CliHarness, TOKEN } from './testing/CliHarness';
import { verdictOf } from './testing/verdictOf';

const BASE = verdictOf().base;
const cli = CliHarness.create();
beforeEach(cli.start);
afterEach(cli.stop);

describe('ends with 2', () => {
  it.each([
    ['an unknown option', ['check', '--bass', 'x'], "unknown option '--bass'"],
    ['an unknown command', ['chekc'], "unknown command 'chekc'"],
    ['no command', [], 'Usage: imglife'],
    ['a missing image', ['register'], "required option '--image <ref>'"],
    ['a bad form', ['check', '--output', 'xml'], 'Allowed choices are text'],
    ['a bad tier', ['status', '--tier', 'x'], 'Allowed choices are mirrors'],
    [
      'a bad value of --fail-on',
      ['check', '--base', BASE, '--fail-on', 'old'],
      '--fail-on "old": known are none, withdrawn',
    ],
    [
      'a bad build argument',
      ['check', '--dockerfile', 'D', '--build-arg', '=x'],
      '--build-arg "=x": expected NAME=VALUE',
    ],
    [
      'a variable that is not set',
      ['check', '--dockerfile', 'D', '--build-arg', 'TAG'],
      '--build-arg "TAG": expected NAME=VALUE',
    ],
    [
      'no Dockerfile',
      ['check', '--dockerfile', 'absent'],
      'neither --base nor a readable Dockerfile: ENOENT',
    ],
    [
      'an unknown shell',
      ['completion', 'tcsh'],
      'Allowed choices are bash, zsh, fish.',
    ],
    ['no base', ['apps', 'using'], "missing required argument 'base'"],
    ['an unknown kind', ['archive'], "unknown command 'archive'"],
    ['an option of another kind', ['sync', '--force'], 'unknown option'],
    [
      'an ARG without a value',
      ['check', '--dockerfile', 'D'],
      'give it with --build-arg TAG=…',
    ],
  ])('for %s', async (_title, argv, message) => {
    await cli.write('D', 'ARG TAG\nFROM alpine:$TAG\n');
    const { code, stdout, stderr } = await cli.run(argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(cli.portal.requests).toEqual([]);
  });

  it.each([
    [undefined, 'IMGLIFE_URL is not set to the address of the portal'],
    ['portal.example.com', 'IMGLIFE_URL is not set'],
    ['https://a:hidden@portal.example.com', 'IMGLIFE_URL holds credentials'],
  ])('for the portal address %s', async (url, message) => {
    const { code, stderr } = await cli.run(
      ['check', '--base', BASE, '--offline-ok'],
      { IMGLIFE_URL: url },
    );
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('hidden');
  });

  it.each(['two words', 'line\nbreak', 'schlüssel'])(
    'for the token %j',
    async token => {
      const { code, stderr } = await cli.run(
        ['check', '--base', BASE, '--offline-ok'],
        { IMGLIFE_TOKEN: token },
      );
      expect(code).toBe(2);
      expect(stderr).toBe(
        'imglife: IMGLIFE_TOKEN holds a blank, a line break or a character that no token has\n',
      );
      expect(cli.portal.requests).toEqual([]);
    },
  );

  it('for a portal that is at another address', async () => {
    const headers = { location: 'https://portal.example.com/api/imglife' };
    cli.portal.answer = () => ({ status: 301, headers });
    const argv = ['register', '--image', BASE, '--offline-ok'];
    expect(await cli.run(argv)).toMatchObject({
      code: 2,
      stderr: `imglife: the portal redirects to ${headers.location}: give the address that answers in IMGLIFE_URL\n`,
    });
    expect(cli.portal.requests).toHaveLength(1);
  });

  it('for a page in place of an answer', async () => {
    cli.portal.answer = () => ({
      headers: { 'content-type': 'text/html' },
      body: '<html>Sign in</html>',
    });
    const { code, stderr } = await cli.run(['check', '--base', BASE]);
    expect(code).toBe(2);
    expect(stderr).toContain(
      'the portal answered 200: no JSON but text/html: is this the address of the backend',
    );
  });

  it.each([400, 401, 403, 404])('for a refusal with %i', async status => {
    const message = `refused, and ${TOKEN} is echoed`;
    cli.portal.answer = () => ({ status, body: { error: { message } } });
    const { code, stderr } = await cli.run([
      ...['check', '--base', BASE, '--offline-ok'],
    ]);
    expect(code).toBe(2);
    expect(stderr).toBe(
      `imglife: the portal answered ${status}: refused, and *** is echoed\n`,
    );
    expect(cli.portal.requests).toHaveLength(1);
  });
});

describe('a portal that does not answer', () => {
  it('is asked again', async () => {
    cli.portal.answer = () =>
      cli.portal.requests.length < 3
        ? { status: 503, headers: { 'retry-after': '0' } }
        : { body: verdictOf() };
    const { code, stderr } = await cli.run(['check', '--base', BASE]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(cli.portal.requests).toHaveLength(3);
  });

  it.each(['check', 'register'])('%s ends with 3, or as told', async name => {
    const argv = [name, name === 'check' ? '--base' : '--image', BASE];
    cli.portal.answer = () => ({
      status: 502,
      body: { error: { message: 'the registry is away' } },
    });
    expect(await cli.run(argv)).toMatchObject({
      code: 3,
      stderr: 'imglife: the portal answered 502: the registry is away\n',
    });
    await cli.portal.stop();
    const broken = await cli.run(argv);
    expect(broken.code).toBe(3);
    expect(broken.stderr).toContain('the portal cannot be reached');
    expect(broken.stderr).toContain('ECONNREFUSED');

    const offline = await cli.run([...argv, '--offline-ok']);
    expect(offline.code).toBe(0);
    expect(offline.stderr).toContain('imglife: warning: not checked: ');
  });
});

it('shows no token, whoever repeats it', async () => {
  cli.portal.answer = ({ body }) => ({
    body: { items: [{ body, TOKEN }], pageInfo: {} },
  });
  const { stdout } = await cli.run([
    ...['status', '--tier', 'mirrors', '--output', 'json'],
  ]);
  expect(stdout).toContain('***');
  const { stderr } = await cli.run(['check', `--${TOKEN}`]);
  expect(stderr).toContain("unknown option '--***'");
});

it.each([
  [['--help'], 'Usage: imglife'],
  [['check', '--help'], 'Usage: imglife check'],
  [['--version'], version],
])('%j ends with 0', async (argv, text) => {
  const { code, stdout, stderr } = await cli.run(argv);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain(text);
});

it('takes the line break off the end of a token', async () => {
  cli.portal.answer = () => ({ body: verdictOf() });
  await cli.run(['check', '--base', BASE], { IMGLIFE_TOKEN: `${TOKEN}\n` });
  expect(cli.portal.requests[0].headers.authorization).toBe(`Bearer ${TOKEN}`);
});
