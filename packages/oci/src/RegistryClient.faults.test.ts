import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { digestOf } from './digest';
import { DigestMismatchError } from './errors';
import type { Descriptor } from './manifests';
import { MediaTypes } from './mediaTypes';
import { RegistryClient, type RegistryClientOptions } from './RegistryClient';
import { startHandler, type HandlerServer } from './testing/startHandler';

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

const MANIFEST = Buffer.from('{"schemaVersion":2,"manifests":[]}');
const BLOB = Buffer.alloc(300_000, 'blob');
const BLOB_DESCRIPTOR: Descriptor = {
  mediaType: MediaTypes.ociLayer,
  digest: digestOf(BLOB),
  size: BLOB.length,
};

function sendManifest(response: ServerResponse) {
  response.writeHead(200, { 'content-type': MediaTypes.ociIndex });
  response.end(MANIFEST);
}

describe('RegistryClient against odd registries', () => {
  const closers: Array<() => Promise<void>> = [];
  let slept: number[] = [];
  const now = new Date('2026-11-23T10:00:00Z');

  beforeEach(() => {
    slept = [];
  });

  afterEach(async () => {
    await Promise.all(closers.splice(0).map(close => close()));
  });

  async function start(handle: Handle): Promise<HandlerServer> {
    const server = await startHandler(handle);
    closers.push(() => server.stop());
    return server;
  }

  async function connect(
    handle: Handle,
    options: Partial<RegistryClientOptions> = {},
  ) {
    const server = await start(handle);
    const client = RegistryClient.create({
      host: server.host,
      insecure: true,
      timing: {
        now: () => now,
        random: () => 0,
        sleep: async milliseconds => {
          slept.push(milliseconds);
          now.setTime(now.getTime() + milliseconds);
        },
      },
      ...options,
    });
    closers.push(() => client.close());
    return { server, client };
  }

  /** Answers the first requests with these, then the manifest. */
  function failFirst(...failures: Handle[]): Handle {
    return (request, response) => {
      const fail = failures.shift() ?? ((_, answer) => sendManifest(answer));
      fail(request, response);
    };
  }

  const status =
    (code: number, headers: Record<string, string> = {}): Handle =>
    (_, response) => {
      response.writeHead(code, headers).end();
    };
  const hangUp: Handle = request => request.socket.destroy();

  it('tries again what may pass, with growing delays', async () => {
    const { client, server } = await connect(
      failFirst(status(503), hangUp, status(408)),
    );
    expect((await client.getManifest('a', '1')).bytes).toEqual(MANIFEST);
    expect(server.seen).toHaveLength(4);
    expect(slept).toEqual([125, 250, 500]);
  });

  it('gives up after five attempts and says so', async () => {
    const { client, server } = await connect((_, response) => {
      response.writeHead(500);
      response.end('{"errors":[{"code":"UNKNOWN","message":"disk\\nfull"}]}');
    });
    await expect(client.getManifest('a', '1')).rejects.toMatchObject({
      message: `${server.host}/a:1: GET was answered with 500 UNKNOWN (disk full)`,
      status: 500,
      code: 'UNKNOWN',
      retryable: true,
    });
    expect(server.seen).toHaveLength(5);
  });

  it('names a host that cannot be reached', async () => {
    const { client, server } = await connect(status(200));
    await server.stop();
    await expect(client.listTags('a')).rejects.toMatchObject({
      message: expect.stringMatching(/127\.0\.0\.1:\d+\/a: .*ECONNREFUSED/),
      retryable: true,
      status: undefined,
    });
    expect(slept).toHaveLength(4);
  });

  it('waits as long as the registry asks, by seconds or date', async () => {
    const date = new Date(now.getTime() + 5_000 + 20_000).toUTCString();
    const { client } = await connect(
      failFirst(
        status(429, { 'retry-after': '5' }),
        status(429, { 'retry-after': date }),
      ),
    );
    await client.getManifest('a', '1');
    expect(slept.reduce((sum, ms) => sum + ms)).toBeGreaterThanOrEqual(24_000);
    expect(slept[0]).toBe(5_000);
  });

  it('does not wait for hours, and leaves the host alone meanwhile', async () => {
    const { client, server } = await connect(
      failFirst(status(429, { 'retry-after': '7200' })),
    );
    await expect(client.getManifest('a', '1')).rejects.toMatchObject({
      status: 429,
      retryAfterMs: 7_200_000,
    });
    await expect(client.getManifest('a', '2')).rejects.toThrow(
      'it is left alone until',
    );
    expect(server.seen).toHaveLength(1);
    now.setTime(now.getTime() + 900_000);
    await client.getManifest('a', '2');
    expect(slept).toEqual([]);
  });

  it('does not repeat what will not pass', async () => {
    const { client, server } = await connect(status(403));
    await expect(client.getManifest('a', '1')).rejects.toThrow(
      'GET was answered with 403 - check the credentials',
    );
    expect(server.seen).toHaveLength(1);
  });

  it('stops waiting when aborted, with the given reason', async () => {
    const reason = new Error('enough');
    const stop = new AbortController();
    const { client, server } = await connect(
      (_, response) => {
        response.writeHead(503, { 'retry-after': '60' }).end();
        setTimeout(() => stop.abort(reason), 20);
      },
      { timing: undefined },
    );
    const { signal } = stop;
    await expect(client.getManifest('a', '1', { signal })).rejects.toBe(reason);
    expect(server.seen).toHaveLength(1);
    await expect(client.listTags('a', { signal })).rejects.toBe(reason);
  });

  it('stops a stream when aborted', async () => {
    const reason = new Error('enough');
    const stop = new AbortController();
    const { client } = await connect((_, response) => {
      response.writeHead(200, { 'content-length': BLOB.length });
      response.write(BLOB.subarray(0, 1000));
    });
    const { signal } = stop;
    const stream = await client.getBlob('a', BLOB_DESCRIPTOR, { signal });
    setTimeout(() => stop.abort(reason), 20);
    await expect(stream.toArray()).rejects.toBe(reason);
  });

  describe('redirects', () => {
    it('are followed without credentials to another host', async () => {
      const store = await start((_, response) => {
        response.end(BLOB);
      });
      const { client, server } = await connect(
        (request, response) => {
          if (!request.headers.authorization) {
            response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' });
          } else if (request.url?.includes('/blobs/')) {
            response.writeHead(302, { location: '/elsewhere' });
          } else {
            response.writeHead(307, {
              location: `http://${store.host}/bucket?signature=s`,
            });
          }
          response.end();
        },
        {
          auth: { username: 'u', password: 'p' },
          allowedHosts: [store.host],
        },
      );
      const read = await client.readBlob('a', BLOB_DESCRIPTOR);
      expect(read.equals(BLOB)).toBe(true);
      expect(server.seen.map(r => [r.url, !!r.headers.authorization])).toEqual([
        [`/v2/a/blobs/${BLOB_DESCRIPTOR.digest}`, false],
        [`/v2/a/blobs/${BLOB_DESCRIPTOR.digest}`, true],
        ['/elsewhere', true],
      ]);
      expect(store.seen.map(r => r.url)).toEqual(['/bucket?signature=s']);
      expect(store.seen[0].headers.authorization).toBeUndefined();
    });

    it('end after five', async () => {
      const { client, server } = await connect(
        status(302, { location: '/again' }),
      );
      await expect(client.readBlob('a', BLOB_DESCRIPTOR)).rejects.toThrow(
        'more than 5 redirects',
      );
      expect(server.seen).toHaveLength(6);
    });

    it('never bring the password to a store that asks for it', async () => {
      const store = await start(
        status(401, { 'www-authenticate': 'Basic realm="phish"' }),
      );
      const { client } = await connect(
        status(302, { location: `http://${store.host}/x` }),
        {
          auth: { username: 'u', password: 'p' },
          allowedHosts: [store.host],
        },
      );
      await expect(client.readBlob('a', BLOB_DESCRIPTOR)).rejects.toMatchObject(
        { status: 401 },
      );
      expect(store.seen).toHaveLength(1);
    });
  });

  describe('tokens', () => {
    it('are sent as they are when configured', async () => {
      const { client, server } = await connect(
        status(401, { 'www-authenticate': 'Bearer realm="http://x/"' }),
        { auth: { token: 'secret-token' } },
      );
      await expect(client.getManifest('a', '1')).rejects.toMatchObject({
        status: 401,
        message: expect.not.stringContaining('secret-token'),
      });
      expect(server.seen).toHaveLength(1);
      expect(server.seen[0].headers.authorization).toBe('Bearer secret-token');
    });

    it('are asked for again when refused, with the scope wanted', async () => {
      let good = 't1';
      let issued = 0;
      const { client, server } = await connect((request, response) => {
        const { url = '', headers } = request;
        if (url.startsWith('/token')) {
          issued += 1;
          response.end(JSON.stringify({ access_token: `t${issued}` }));
        } else if (headers.authorization === `Bearer ${good}`) {
          sendManifest(response);
        } else {
          response.writeHead(401, {
            'www-authenticate': `Bearer realm="http://${headers.host}/token",service="s",scope="repository:a:pull extra:x:*", Basic realm="x"`,
          });
          response.end();
        }
      });
      await client.getManifest('a', '1');
      good = 't2';
      await Promise.all(['2', '3'].map(tag => client.getManifest('a', tag)));
      const asked = server.seen.filter(r => r.url.startsWith('/token'));
      expect(
        asked.map(r => new URL(r.url, 'http://x').searchParams.getAll('scope')),
      ).toEqual([['repository:a:pull'], ['repository:a:pull', 'extra:x:*']]);
    });

    it('are tried again when the token server fails, and its refusal is told', async () => {
      let answers = [503, 403];
      const { client, server } = await connect((request, response) => {
        if (request.url?.startsWith('/token')) {
          response.writeHead(answers.shift() ?? 200);
        } else {
          response.writeHead(401, {
            'www-authenticate': `Bearer realm="http://${request.headers.host}/token"`,
          });
        }
        response.end('{}');
      });
      await expect(client.getManifest('a', '1')).rejects.toThrow(
        `the token server ${server.host} answered 403, check the credentials configured for ${server.host}`,
      );
      answers = [200];
      await expect(client.getManifest('a', '1')).rejects.toThrow(
        'sent no token',
      );
    });
  });

  describe('manifests', () => {
    it('are read in full where HEAD tells no digest', async () => {
      const { client, server } = await connect((_, r) => sendManifest(r));
      expect(await client.headManifest('a', '1')).toEqual({
        mediaType: MediaTypes.ociIndex,
        digest: digestOf(MANIFEST),
        size: MANIFEST.length,
      });
      expect(server.seen.map(r => r.method)).toEqual(['HEAD', 'GET']);
      for (const type of [
        MediaTypes.ociIndex,
        MediaTypes.ociManifest,
        MediaTypes.dockerIndex,
        MediaTypes.dockerManifest,
      ]) {
        expect(server.seen[0].headers.accept).toContain(type);
      }
    });

    it('are refused when they are not what was asked for', async () => {
      const { client } = await connect((_, response) => {
        response.setHeader('docker-content-digest', digestOf(BLOB));
        sendManifest(response);
      });
      const other = digestOf(Buffer.from('other'));
      await expect(client.getManifest('a', other)).rejects.toThrow(
        DigestMismatchError,
      );
      await expect(client.getManifest('a', '1')).rejects.toThrow(
        `digest is ${digestOf(MANIFEST)} instead of ${digestOf(BLOB)}`,
      );
    });

    it('of schema 1 are refused by name', async () => {
      const { client } = await connect(
        status(200, {
          'content-type':
            'application/vnd.docker.distribution.manifest.v1+prettyjws',
        }),
      );
      await expect(client.headManifest('a', '1')).rejects.toThrow('schema 1');
    });

    it('past 8 MiB are refused', async () => {
      const { client } = await connect((_, response) => {
        response.end(Buffer.alloc(9 * 1024 * 1024, ' '));
      });
      await expect(client.getManifest('a', '1')).rejects.toThrow(
        'larger than 8388608 bytes',
      );
    });
  });

  describe('tag lists', () => {
    it('are asked of the same host whatever the link says', async () => {
      const { client, server } = await connect((request, response) => {
        const last = request.url?.includes('last=b');
        if (!last) {
          response.setHeader(
            'link',
            '<https://inner.invalid/v2/a/tags/list?last=b>; rel="next"',
          );
        }
        response.end(JSON.stringify({ tags: last ? null : ['a', 'b'] }));
      });
      expect(await client.listTags('a')).toEqual(['a', 'b']);
      expect(server.seen.map(r => r.url)).toEqual([
        '/v2/a/tags/list?n=1000',
        '/v2/a/tags/list?last=b',
      ]);
    });

    it('that go in a circle are refused', async () => {
      const { client } = await connect((_, response) => {
        response.setHeader('link', '</v2/a/tags/list?last=b>; rel="next"');
        response.end('{"tags":["a"]}');
      });
      await expect(client.listTags('a')).rejects.toThrow('in a circle');
    });

    // no tags would mean that every image is gone
    it.each(['<html>', '{}', '{"name":"a"}', '{"tags":{}}', '[]'])(
      'that are no list are refused: %s',
      async body => {
        const { client } = await connect((_, r) => r.end(body));
        await expect(client.listTags('a')).rejects.toThrow('cannot be read');
      },
    );
  });

  describe('blobs', () => {
    it.each([
      ['cut short', BLOB.subarray(0, 1000), 'it has 1000 bytes'],
      ['too long', Buffer.concat([BLOB, BLOB]), 'it is longer than'],
      ['changed', Buffer.alloc(BLOB.length), 'its content has digest'],
    ])('%s fail while streaming', async (_, content, problem) => {
      const { client } = await connect((__, response) => {
        response.end(content);
      });
      const stream = await client.getBlob('a', BLOB_DESCRIPTOR);
      let received = 0;
      const read = async () => {
        for await (const chunk of stream) {
          received += chunk.length;
        }
      };
      await expect(read()).rejects.toThrow(problem);
      expect(received).toBeLessThan(BLOB.length);
    });

    it('whose connection breaks fail as something that may pass', async () => {
      const { client } = await connect((_, response) => {
        response.writeHead(200, { 'content-length': BLOB.length });
        response.write(BLOB.subarray(0, 1000), () => {
          setTimeout(() => response.destroy(), 20);
        });
      });
      const stream = await client.getBlob('a', BLOB_DESCRIPTOR);
      await expect(stream.toArray()).rejects.toMatchObject({
        name: 'RegistryError',
        retryable: true,
      });
    });

    it('are pushed anew, with a new session and body, after a failure', async () => {
      const received: Buffer[] = [];
      const answers = [503, 'hang up', 201];
      const { client, server } = await connect((request, response) => {
        if (request.method === 'POST') {
          response.writeHead(202, {
            location: `/upload/${server.seen.length}?state=a%2Fb`,
          });
          response.end();
          return;
        }
        if (request.method !== 'PUT') {
          response.writeHead(404).end();
          return;
        }
        const answer = answers.shift();
        if (typeof answer !== 'number') {
          request.once('data', () => request.socket.destroy());
          return;
        }
        const chunks: Buffer[] = [];
        request.on('data', chunk => chunks.push(chunk));
        request.on('end', () => {
          received.push(Buffer.concat(chunks));
          response.writeHead(answer).end();
        });
      });
      let bodies = 0;
      await client.putBlob('a', BLOB_DESCRIPTOR, () => {
        bodies += 1;
        return Readable.from([BLOB.subarray(0, 5), BLOB.subarray(5)]);
      });
      expect(bodies).toBe(3);
      expect(received.at(-1)?.equals(BLOB)).toBe(true);
      const puts = server.seen.filter(r => r.method === 'PUT');
      expect(new Set(puts.map(r => r.url)).size).toBe(3);
      expect(puts[0].url).toContain(
        `?state=a%2Fb&digest=${encodeURIComponent(BLOB_DESCRIPTOR.digest)}`,
      );
      expect(puts[0].headers).toMatchObject({
        'content-type': 'application/octet-stream',
        'content-length': String(BLOB.length),
      });
    });

    it('whose body cannot be made are not pushed again', async () => {
      const { client } = await connect(status(202, { location: '/upload' }));
      const body = jest.fn(async () => {
        throw new Error('no source');
      });
      await expect(client.putBlob('a', BLOB_DESCRIPTOR, body)).rejects.toThrow(
        'no source',
      );
      expect(body).toHaveBeenCalledTimes(1);
    });

    it('leave their slot when nobody reads on', async () => {
      const { client } = await connect((_, r) => r.end(BLOB), {
        concurrency: 1,
      });
      for (let round = 0; round < 3; round += 1) {
        (await client.getBlob('a', BLOB_DESCRIPTOR)).destroy();
      }
      const read = await client.readBlob('a', BLOB_DESCRIPTOR);
      expect(read.equals(BLOB)).toBe(true);
    });
  });

  it('has no more requests under way than allowed', async () => {
    let running = 0;
    let most = 0;
    const { client } = await connect(
      (_, response) => {
        running += 1;
        most = Math.max(most, running);
        setTimeout(() => {
          running -= 1;
          sendManifest(response);
        }, 10);
      },
      { concurrency: 3 },
    );
    await Promise.all(
      Array.from({ length: 12 }, (_, i) => client.getManifest('a', `${i}`)),
    );
    expect(most).toBe(3);
  });
});
