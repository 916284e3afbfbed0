import {
  chmod,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Environment } from '../transport/Environment';
import {
  createCredentialSource,
  type RegistryAuth,
} from './createCredentialSource';
import { runCredentialHelper } from './runCredentialHelper';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const pair = (username: string, password: string) => ({ username, password });

describe('createCredentialSource', () => {
  let folder: string;
  let environment: Environment;
  let now = 0;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'imglife-credentials-'));
    environment = {
      home: folder,
      variables: { PATH: `${folder}:${process.env.PATH}`, HOME: folder },
    };
  });
  afterEach(() => rm(folder, { recursive: true }));

  const create = (host: string, auth: RegistryAuth) =>
    createCredentialSource({
      host,
      auth,
      environment,
      now: () => new Date(now),
    });

  async function write(file: string, content: unknown) {
    const path = join(folder, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(
      path,
      typeof content === 'string' ? content : JSON.stringify(content),
    );
  }

  /** An executable credential helper that notes what it was given. */
  async function writeHelper(name: string, script: string) {
    const file = `docker-credential-${name}`;
    await write(
      file,
      `#!/bin/sh\nread host\necho "$# $1 $host" >> "${folder}/asked"\n${script}\n`,
    );
    await chmod(join(folder, file), 0o755);
  }

  const asked = async () =>
    (await readFile(join(folder, 'asked'), 'utf8')).trim().split('\n');

  const HUB = 'https://index.docker.io/v1/';
  const auths = (key: string, entry: object) => ({ auths: { [key]: entry } });
  const auth = { auth: base64('u:p:q') };

  it.each<[string, string, object, unknown]>([
    ['a host', 'r.io', auths('r.io', auth), pair('u', 'p:q')],
    ['a URL', 'r.io', auths('https://r.io/v2/', auth), pair('u', 'p:q')],
    ['a port', 'r.io:5000', auths('r.io:5000', auth), pair('u', 'p:q')],
    ['Docker Hub', 'docker.io', auths(HUB, auth), pair('u', 'p:q')],
    ['Docker Hub', 'docker.io', auths('docker.io', auth), pair('u', 'p:q')],
    [
      'padding',
      'r.io',
      auths('r.io', { auth: base64('u:p\0\0') }),
      pair('u', 'p'),
    ],
    [
      'plain fields',
      'r.io',
      auths('r.io', { username: 'u', password: 'p' }),
      pair('u', 'p'),
    ],
    [
      'an identity token',
      'r.io',
      auths('r.io', { ...auth, identitytoken: 'i' }),
      { identityToken: 'i' },
    ],
    [
      'an identity token as password',
      'r.io',
      auths('r.io', { auth: base64('<token>:i') }),
      { identityToken: 'i' },
    ],
    [
      'a registry token',
      'r.io',
      auths('r.io', { registrytoken: 't' }),
      { token: 't' },
    ],
    ['another port', 'r.io', auths('r.io:5000', auth), undefined],
    ['a longer name', 'r.io', auths('x.r.io', auth), undefined],
    ['a path below', 'r.io', auths('r.io/team', auth), undefined],
    ['an empty entry', 'r.io', auths('r.io', {}), undefined],
    ['no colon', 'r.io', auths('r.io', { auth: base64('u') }), undefined],
    ['nothing', 'r.io', {}, undefined],
  ])(
    'reads a docker configuration with %s for %s',
    async (_, host, file, expected) => {
      await write('.docker/config.json', file);
      const source = create(host, { dockerConfig: true });
      expect(await source.get()).toEqual(expected);
    },
  );

  it('reads docker before podman, from where the environment says', async () => {
    const entry = (name: string) =>
      auths('r.io', { username: name, password: 'p' });
    const files: Array<[string, Record<string, string>]> = [
      ['.config/containers/auth.json', {}],
      ['run/containers/auth.json', { XDG_RUNTIME_DIR: join(folder, 'run') }],
      ['own.json', { REGISTRY_AUTH_FILE: join(folder, 'own.json') }],
      ['d/config.json', { DOCKER_CONFIG: join(folder, 'd') }],
    ];
    await write('.docker/config.json', auths('other.io', auth));
    for (const [file, variables] of files) {
      Object.assign(environment.variables, variables);
      await write(file, entry(file));
      const source = create('r.io', { dockerConfig: true });
      expect(await source.get()).toEqual(pair(file, 'p'));
    }
  });

  it('names a configuration that cannot be read, and not what it holds', async () => {
    await write('.docker/config.json', '{"auths": "hush"');
    await expect(
      create('r.io', { dockerConfig: true }).get(),
    ).rejects.toMatchObject({
      host: 'r.io',
      message: `r.io: its credentials cannot be read from ${folder}/.docker/config.json: it is no docker configuration in JSON`,
    });
  });

  it('asks helpers: that of the registry, else the store, else the file', async () => {
    await write('.docker/config.json', {
      auths: { 'file.io': auth, [HUB]: {} },
      credHelpers: { 'own.io': 'one' },
      credsStore: 'two',
    });
    await writeHelper('one', `echo '{"Username":"one","Secret":"s"}'`);
    await writeHelper(
      'two',
      `case $host in
        ${HUB}) echo '{"ServerURL":"x","Username":"<token>","Secret":"s"}';;
        *) echo "credentials not found in native keychain"; exit 1;;
      esac`,
    );
    const get = (host: string) => create(host, { dockerConfig: true }).get();
    expect(await get('own.io')).toEqual(pair('one', 's'));
    expect(await get('docker.io')).toEqual({ identityToken: 's' });
    expect(await get('file.io')).toEqual(pair('u', 'p:q'));
    expect(await get('none.io')).toBeUndefined();
    expect(await asked()).toEqual([
      '1 get own.io',
      `1 get ${HUB}`,
      '1 get file.io',
      '1 get none.io',
    ]);
  });

  it('keeps what a helper said for a while, and no longer than it holds', async () => {
    await writeHelper('ecr-login', `echo '{"Username":"AWS","Secret":"s"}'`);
    const source = create('r.io', { credentialHelper: 'ecr-login' });
    await Promise.all([source.get(), source.get()]);
    now += 14 * 60_000;
    expect(await source.get()).toEqual(pair('AWS', 's'));
    expect(await asked()).toHaveLength(1);
    now += 60_000;
    await source.get();
    expect(await asked()).toHaveLength(2);
    source.forget();
    await source.get();
    expect(await asked()).toHaveLength(3);
  });

  it.each([
    ['is missing', undefined, /^r\.io: docker-credential-x is not installed/],
    ['fails', 'echo hush; echo hush >&2; exit 3', /ended with exit code 3/],
    ['says nonsense', 'echo hush', /did not answer with Username and Secret/],
    ['has no secret', `echo '{"Username":"hush","Secret":""}'`, /did not/],
    ['knows nothing', 'echo credentials not found; exit 1', /has no cred/],
    ['says too much', 'yes hush', /said more than 65536 bytes/],
  ])('says so when a helper %s', async (_, script, problem) => {
    if (script) {
      await writeHelper('x', script);
    }
    const source = create('r.io', { credentialHelper: 'x' });
    const failure = await source.get().catch(error => error);
    expect(failure.message).toMatch(problem);
    expect(failure.message).not.toContain('hush');
    expect(failure.host).toBe('r.io');
  });

  it('gives a helper up after a time, with all that it started', async () => {
    await writeHelper(
      'slow',
      `(sleep 1; echo late >> "${folder}/asked") & sleep 60`,
    );
    const request = {
      helper: 'slow',
      host: 'r.io',
      serverAddress: 'r.io',
      environment,
      timeLimitMs: 300,
    };
    await expect(runCredentialHelper(request)).rejects.toMatchObject({
      message: 'r.io: docker-credential-slow get did not answer within 300 ms',
      retryable: true,
    });
    await new Promise(resolve => {
      setTimeout(resolve, 1_200);
    });
    expect(await asked()).toEqual(['1 get r.io']);
  });

  it('runs nothing by a name that leads elsewhere', async () => {
    await expect(
      create('r.io', { credentialHelper: '../x' }).get(),
    ).rejects.toThrow('may hold letters');
  });
});
