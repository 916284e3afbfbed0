import { Agent } from 'undici';
import { startHandler } from '../testing/startHandler';
import { Authorizer } from './Authorizer';

describe('Authorizer', () => {
  const dispatcher = new Agent();
  const now = () => new Date();
  const create = (
    insecure: boolean,
    auth?: { username: string; password: string },
  ) =>
    Authorizer.create({
      host: 'reg.io',
      insecure,
      auth,
      dispatcher,
      userAgent: 'test',
      now,
    });

  afterAll(() => dispatcher.destroy());

  it.each([
    ['no realm', 'Bearer service="s"', 'which is no URL'],
    ['no URL', 'Bearer realm="Artifactory Realm"', 'which is no URL'],
    ['plain HTTP', 'Bearer realm="http://auth.io/t"', 'travel by https only'],
    ['a file', 'Bearer realm="file:///t"', 'travel by https only'],
  ])('sends no credentials to %s', async (_, header, problem) => {
    const authorizer = create(false, { username: 'u', password: 'p' });
    await expect(
      authorizer.answer(header, ['repository:a:pull'], undefined),
    ).rejects.toThrow(problem);
  });

  it('has no answer to Basic without a name, or when it was refused', async () => {
    const header = 'Basic realm="x"';
    expect(await create(false).answer(header, [], undefined)).toBeUndefined();
    const authorizer = create(false, { username: 'ü', password: 'p:q' });
    const answer = await authorizer.answer(header, [], undefined);
    expect(answer).toBe(
      `Basic ${Buffer.from('ü:p:q', 'utf8').toString('base64')}`,
    );
    expect(await authorizer.authorization([])).toBe(answer);
    expect(await authorizer.answer(header, [], answer)).toBeUndefined();
  });

  it('shares a token request among callers, one of whom may give up', async () => {
    const server = await startHandler((_, response) => {
      setTimeout(() => response.end('{"token":"t"}'), 50);
    });
    const authorizer = create(true);
    const header = `Bearer realm="http://${server.host}/token?a=b"`;
    const stop = new AbortController();
    const left = authorizer.answer(header, ['s:1'], undefined, stop.signal);
    const stayed = authorizer.answer(header, ['s:1'], undefined);
    stop.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    expect(await stayed).toBe('Bearer t');
    expect(server.seen.map(r => r.url)).toEqual(['/token?a=b&scope=s%3A1']);
    await server.stop();
  });
});
