import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { postWebhook } from './postWebhook';

const payload = { event: 'imglife.base.published', digest: 'sha256:1' };

describe('postWebhook', () => {
  let server: Server;
  let port: number;
  let answers: Array<number | 'silence'>;
  let received: Array<{ request: IncomingMessage; body: string }>;
  let lines: string[];

  beforeEach(async () => {
    received = [];
    lines = [];
    server = createServer(async (request, response) => {
      received.push({ request, body: await text(request) });
      const answer = answers.shift();
      if (answer !== 'silence') {
        response.writeHead(answer ?? 200, { location: '/elsewhere' }).end();
      }
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
  });

  afterEach(async () => {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  });

  function send(change: { signal?: AbortSignal; userInfo?: string } = {}) {
    const { userInfo = '' } = change;
    const url = `http://${userInfo}127.0.0.1:${port}/hook/secret-path?key=k`;
    return postWebhook(url, payload, {
      log: line => lines.push(line),
      signal: change.signal ?? new AbortController().signal,
      timeoutMs: 200,
      pausesMs: [1, 1],
    });
  }

  it.each<[Array<number | 'silence'>, boolean, number, RegExp | undefined]>([
    [[200], true, 1, undefined],
    [[503, 204], true, 2, undefined],
    [['silence', 429, 200], true, 3, undefined],
    [[500, 500, 500], false, 3, /it answered 500/],
    [['silence', 'silence', 'silence'], false, 3, /no answer within 200 ms/],
    [[404], false, 1, /it answered 404/],
    [[302], false, 1, /it answered 302/],
  ])('answers %j: taken %p after %i', async (given, taken, times, said) => {
    answers = given;
    expect(await send()).toBe(taken);
    expect(received).toHaveLength(times);
    expect(JSON.parse(received[0].body)).toEqual(payload);
    expect(received[0].request.url).toBe('/hook/secret-path?key=k');
    expect(lines.join('\n')).toMatch(said ?? /^$/);
  });

  it('sends user-info as authorization, and writes it nowhere', async () => {
    answers = [400];
    expect(await send({ userInfo: 'user:p%40ss@' })).toBe(false);
    const { headers } = received[0].request;
    expect(headers.authorization).toBe(
      `Basic ${Buffer.from('user:p@ss').toString('base64')}`,
    );
    expect(lines.join()).not.toMatch(/user|p%40ss|p@ss|secret-path|key=/);
  });

  it('names what it could not reach, and stops when the run does', async () => {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
    expect(await send()).toBe(false);
    expect(lines).toEqual([
      `warning: webhook http://127.0.0.1:${port} failed: ECONNREFUSED`,
    ]);
    await new Promise<void>(resolve =>
      server.listen(port, '127.0.0.1', resolve),
    );
    answers = [503, 503, 503];
    expect(await send({ signal: AbortSignal.abort() })).toBe(false);
    expect(received).toHaveLength(0);
  });
});
