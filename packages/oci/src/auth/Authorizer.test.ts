import type { IncomingMessage } from 'node:http';
import { startHandler, type HandlerServer } from '../testing/startHandler';
import { Connections } from '../transport/Connections';
import { Authorizer } from './Authorizer';
import {
  fixedCredentials,
  type Credentials,
  type CredentialSource,
} from './CredentialSource';

const PAIR = { username: 'ü', password: 'p:q' };
const BASIC = `Basic ${Buffer.from('ü:p:q', 'utf8').toString('base64')}`;
const PULL = 'repository:a:pull';

describe('Authorizer', () => {
  const closers: Array<() => Promise<void>> = [];
  let now = new Date('2026-11-23T10:00:00Z');

  afterEach(async () => {
    await Promise.all(closers.splice(0).map(close => close()));
  });

  function create(
    origin: string,
    credentials?: Credentials | CredentialSource,
    allowedHosts: string[] = [],
  ) {
    const url = new URL(origin);
    const connections = Connections.create({
      origin: url,
      environment: { variables: {} },
      allowedHosts,
      connectTimeoutMs: 1_000,
    });
    closers.push(() => connections.destroy());
    return Authorizer.create({
      host: url.host,
      origin: url,
      credentials:
        credentials && 'get' in credentials
          ? credentials
          : fixedCredentials(credentials),
      connections,
      userAgent: 'test',
      now: () => now,
    });
  }

  /** A token server that answers with `t1`, `t2`, … and whatever else. */
  async function startTokens(more: (issued: number) => object = () => ({})) {
    const bodies: string[] = [];
    let issued = 0;
    const read = async (request: IncomingMessage) =>
      Buffer.concat(await request.toArray()).toString('utf8');
    const server = await startHandler(async (request, response) => {
      bodies.push(await read(request));
      issued += 1;
      response.end(JSON.stringify({ token: `t${issued}`, ...more(issued) }));
    });
    closers.push(() => server.stop());
    return Object.assign(server, { bodies });
  }

  const scopesOf = ({ seen }: HandlerServer) =>
    seen.map(({ url }) =>
      new URL(url, 'http://x').searchParams.getAll('scope'),
    );

  it.each([
    ['plain HTTP', 'Bearer realm="http://auth.io/t"', 'travel by https only'],
    ['a file', 'Bearer realm="file:///t"', 'travel by https only'],
    ['this machine', 'Bearer realm="https://127.0.0.1/t"', 'public internet'],
    ['metadata', 'Bearer realm="https://169.254.169.254/t"', 'public internet'],
    ['a name of its own', 'Bearer realm="https://localhost/t"', 'public'],
  ])('sends no credentials to %s', async (_, header, problem) => {
    const authorizer = create('https://reg.io', PAIR);
    await expect(
      authorizer.answer(401, header, [PULL], undefined),
    ).rejects.toThrow(problem);
  });

  // what the token server is asked for, and the header sent to the registry
  it.each<[string, string, Credentials | undefined, string[], unknown]>([
    [
      'a URL',
      'Bearer realm="URL/token",service="s"',
      PAIR,
      [PULL],
      'Bearer t1',
    ],
    ['a path', 'Bearer realm="/token"', undefined, [PULL], 'Bearer t1'],
    [
      'a placeholder scope',
      'Bearer realm="URL/token",scope="repository:user/image:pull"',
      undefined,
      [PULL],
      'Bearer t1',
    ],
    [
      'two challenges in one header',
      'Basic realm="x", Bearer realm="URL/token",service="a,b"',
      PAIR,
      [PULL],
      'Bearer t1',
    ],
    ['no URL', 'Bearer realm="Artifactory Realm"', PAIR, [], BASIC],
    ['no realm', 'Bearer service="s"', PAIR, [], BASIC],
    [
      'no URL, and Basic, for nobody',
      'Bearer realm="Artifactory Realm", Basic realm="x"',
      undefined,
      [],
      undefined,
    ],
    ['Basic', 'Basic realm="x"', PAIR, [], BASIC],
    ['Basic, for nobody', 'Basic realm="x"', undefined, [], undefined],
    [
      'Basic, for a refresh token',
      'Basic realm="x"',
      { identityToken: 'r' },
      [],
      undefined,
    ],
    ['nothing known', 'Negotiate', PAIR, [], undefined],
    [
      'a token that was configured',
      'Bearer realm="URL/token"',
      { token: 'fixed' },
      [],
      undefined,
    ],
  ])(
    'answers a challenge with %s',
    async (_, header, credentials, scopes, expected) => {
      const server = await startTokens();
      const origin = `http://${server.host}`;
      const authorizer = create(origin, credentials);
      const answer = await authorizer.answer(
        401,
        header.replace('URL', origin),
        [PULL],
        undefined,
      );
      expect(answer).toBe(expected);
      expect(scopesOf(server).flat()).toEqual(scopes);
      const next = await authorizer.authorization([PULL]);
      expect(next).toBe(
        credentials && 'token' in credentials ? 'Bearer fixed' : expected,
      );
      for (const { headers } of server.seen) {
        expect(headers.authorization).toBe(credentials && BASIC);
      }
    },
  );

  it('says what is wrong where no name can be tried instead', async () => {
    await expect(
      create('https://reg.io').answer(
        401,
        'Bearer realm="Artifactory Realm"',
        [PULL],
        undefined,
      ),
    ).rejects.toThrow("a token of 'Artifactory Realm', which is no URL");
  });

  it('reaches a token server elsewhere only where that is allowed', async () => {
    const server = await startTokens();
    const header = `Bearer realm="http://${server.host}/token"`;
    const origin = 'http://127.0.0.1:1';
    await expect(
      create(origin, PAIR).answer(401, header, [PULL], undefined),
    ).rejects.toThrow(`it leads to ${server.host}, which is not on the public`);
    expect(server.seen).toEqual([]);
    const allowed = create(origin, PAIR, [server.host]);
    expect(await allowed.answer(401, header, [PULL], undefined)).toBe(
      'Bearer t1',
    );
  });

  it('asks by POST with a refresh token, and with the one that follows it', async () => {
    const server = await startTokens(n => ({ refresh_token: `r${n + 1}` }));
    const authorizer = create(`http://${server.host}`, {
      identityToken: 'r1&',
    });
    const header = 'Bearer realm="/token?tenant=x",service="s"';
    await authorizer.answer(401, header, [PULL, 's:2'], undefined);
    await authorizer.authorization(['other']);
    const [first, second] = server.bodies.map(text =>
      Object.fromEntries(new URLSearchParams(text)),
    );
    expect(first).toEqual({
      grant_type: 'refresh_token',
      service: 's',
      client_id: 'imglife',
      scope: `${PULL} s:2`,
      refresh_token: 'r1&',
    });
    expect(second).toMatchObject({ scope: 'other', refresh_token: 'r2' });
    expect(server.seen[0]).toMatchObject({
      method: 'POST',
      url: '/token?tenant=x',
    });
  });

  // seconds after which the token is still used, and no longer
  it.each([
    [undefined, 53, 55],
    [1, 53, 55],
    [300, 289, 291],
  ])(
    'uses a token that expires in %s s for %d s and not for %d',
    async (life, good, over) => {
      const server = await startTokens(() => ({ expires_in: life }));
      const authorizer = create(`http://${server.host}`);
      const start = now.getTime();
      await authorizer.answer(401, 'Bearer realm="/t"', [PULL], undefined);
      now = new Date(start + good * 1000);
      expect(await authorizer.authorization([PULL])).toBe('Bearer t1');
      now = new Date(start + over * 1000);
      expect(await authorizer.authorization([PULL])).toBe('Bearer t2');
    },
  );

  it.each([401, 403])(
    'asks for the scopes it lacks on a %d, and keeps asking for them',
    async status => {
      const server = await startTokens();
      const authorizer = create(`http://${server.host}`);
      const challenge = 'Bearer realm="/t"';
      const few = await authorizer.answer(401, challenge, [PULL], undefined);
      const wanted = `${challenge},error="insufficient_scope",scope="${PULL} extra:x:*"`;
      const more = await authorizer.answer(status, wanted, [PULL], few);
      expect(scopesOf(server)).toEqual([[PULL], [PULL, 'extra:x:*']]);
      expect(await authorizer.authorization([PULL])).toBe(more);
      expect(server.seen).toHaveLength(2);
    },
  );

  it('has nothing better than what was refused', async () => {
    const authorizer = create('https://reg.io', PAIR);
    const header = 'Basic realm="x"';
    expect(await authorizer.answer(401, header, [], BASIC)).toBeUndefined();
    expect(await authorizer.answer(403, header, [], BASIC)).toBeUndefined();
    expect(await authorizer.answer(404, header, [], undefined)).toBeUndefined();
  });

  it('looks anew for credentials that were refused, by registry or token server', async () => {
    const passwords = ['old', 'new', 'newer'];
    const source: CredentialSource = {
      get: async () => ({ username: 'u', password: passwords[0] }),
      forget: () => {
        passwords.shift();
      },
    };
    const header = 'Basic realm="x"';
    const basic = create('https://reg.io', source);
    const first = await basic.answer(401, header, [], undefined);
    const second = await basic.answer(401, header, [], first);
    const sent = [first, second].map(text =>
      Buffer.from(text?.split(' ')[1] ?? '', 'base64').toString('utf8'),
    );
    expect(sent).toEqual(['u:old', 'u:new']);

    const server = await startHandler((request, response) => {
      response.statusCode =
        request.headers.authorization === second ? 401 : 200;
      response.end('{"token":"t"}');
    });
    closers.push(() => server.stop());
    const bearer = create(`http://${server.host}`, source);
    expect(
      await bearer.answer(401, 'Bearer realm="/t"', [PULL], undefined),
    ).toBe('Bearer t');
    expect(server.seen).toHaveLength(2);
  });

  it('shares a token request among callers, one of whom may give up', async () => {
    const server = await startHandler((_, response) => {
      setTimeout(() => response.end('{"token":"t"}'), 50);
    });
    closers.push(() => server.stop());
    const authorizer = create(`http://${server.host}`);
    const header = 'Bearer realm="/token?a=b"';
    const stop = new AbortController();
    const left = authorizer.answer(
      401,
      header,
      ['s:1'],
      undefined,
      stop.signal,
    );
    const stayed = authorizer.answer(401, header, ['s:1'], undefined);
    stop.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    expect(await stayed).toBe('Bearer t');
    expect(server.seen.map(r => r.url)).toEqual(['/token?a=b&scope=s%3A1']);
  });
});
