import {
  createServer as createHttp,
  request as sendRequest,
  type IncomingMessage,
  type RequestListener,
} from 'node:http';
import { createServer as createHttps } from 'node:https';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { digestOf } from '../digest';
import { MediaTypes } from '../mediaTypes';
import { RegistryClient, type RegistryClientOptions } from '../RegistryClient';
import {
  makeCertificates,
  type Certificates,
} from '../testing/makeCertificates';

const BLOB = Buffer.from('layer');
const LAYER = {
  mediaType: MediaTypes.ociLayer,
  digest: digestOf(BLOB),
  size: BLOB.length,
};
const auth = { username: 'u', password: 'hush' };

describe('Connections', () => {
  const closers: Array<() => unknown> = [];

  afterEach(async () => {
    await Promise.all(closers.splice(0).map(close => close()));
  });

  async function listen(server: Server): Promise<number> {
    const sockets = new Set<{ destroy(): void }>();
    server.on('connection', socket => sockets.add(socket));
    await new Promise<void>(resolve => {
      server.listen(0, '127.0.0.1', resolve);
    });
    closers.push(() => {
      sockets.forEach(socket => socket.destroy());
      return new Promise(resolve => {
        server.close(resolve);
      });
    });
    return (server.address() as AddressInfo).port;
  }

  function createClient(options: RegistryClientOptions) {
    const client = RegistryClient.create({
      environment: { variables: {} },
      timing: { now: () => new Date(), sleep: async () => {}, random: () => 0 },
      ...options,
    });
    closers.push(() => client.close());
    return client;
  }

  describe('to where the registry leads', () => {
    /** A registry that leads to `url` by redirect, upload and token server. */
    async function startLeading(url: string) {
      return listen(
        createHttp((request, response) => {
          if (request.url?.includes('/tags/')) {
            response.writeHead(401, {
              'www-authenticate': `Bearer realm="${url}"`,
            });
          } else if (request.method === 'POST') {
            response.writeHead(202, { location: url });
          } else {
            response.writeHead(307, { location: url });
          }
          response.end();
        }),
      );
    }

    const ways: Record<string, (client: RegistryClient) => Promise<unknown>> = {
      redirect: client => client.readBlob('a', LAYER),
      upload: client => client.putBlob('a', LAYER, () => BLOB),
      'token server': client => client.listTags('a'),
    };
    const hosts = [
      '127.0.0.1:PORT',
      'localhost:PORT',
      '0x7f000001:PORT',
      '[::ffff:127.0.0.1]:PORT',
      '0.0.0.0:PORT',
    ];

    it.each(Object.keys(ways).flatMap(way => hosts.map(host => [way, host])))(
      'refuses a %s on this machine: %s',
      async (way, host) => {
        let connections = 0;
        const port = await listen(
          createServer(() => {
            connections += 1;
          }),
        );
        const url = new URL(`http://${host.replace('PORT', `${port}`)}/x`);
        const registry = `127.0.0.1:${await startLeading(url.href)}`;
        const client = createClient({ host: registry, insecure: true, auth });
        const failure = await ways[way](client).then(
          () => undefined,
          error => error,
        );
        expect(failure).toMatchObject({ host: registry, retryable: false });
        expect(failure.message).toContain(`it leads to ${url.hostname}`);
        expect(failure.message).toContain('not on the public internet');
        expect(connections).toBe(0);
      },
    );

    it.each([
      ['link-local', '169.254.169.254'],
      ['private', '10.255.255.1'],
      ['private', '[fd00:ec2::254]'],
    ])('refuses a %s address at once', async (_, host) => {
      const port = await startLeading(`http://${host}/latest/meta-data`);
      const client = createClient({
        host: `127.0.0.1:${port}`,
        insecure: true,
      });
      const failure = client.readBlob('a', LAYER);
      await expect(failure).rejects.toThrow(`it leads to ${host}`);
    });

    it('goes to hosts that are allowed, asked anew each time', async () => {
      const seen: IncomingMessage[] = [];
      const store = `127.0.0.1:${await listen(
        createHttp((request, response) => {
          seen.push(request);
          response.end(BLOB);
        }),
      )}`;
      const port = await startLeading(`http://${store}/x`);
      const allowed: string[] = [];
      const client = createClient({
        host: `127.0.0.1:${port}`,
        insecure: true,
        auth,
        allowedHosts: () => allowed,
      });
      await expect(client.readBlob('a', LAYER)).rejects.toThrow('public');
      allowed.push(store);
      expect(await client.readBlob('a', LAYER)).toEqual(BLOB);
      expect(seen).toHaveLength(1);
      expect(seen[0].headers.authorization).toBeUndefined();
    });
  });

  describe('by TLS', () => {
    let certificates: Certificates;
    beforeAll(() => {
      certificates = makeCertificates(['IP:127.0.0.1', 'DNS:registry.test']);
    });

    function startTls(
      handle: RequestListener,
      options: { clients: boolean } = { clients: true },
    ) {
      const { ca, server } = certificates;
      return listen(
        createHttps(
          {
            ...server,
            ca,
            requestCert: true,
            rejectUnauthorized: options.clients,
          },
          handle,
        ),
      );
    }
    const clientOf = (request: IncomingMessage) =>
      (request.socket as TLSSocket).getPeerCertificate().subject?.CN;
    const tls = () => ({ ca: certificates.ca, ...certificates.client });

    it('shows its client certificate to the registry and nobody else', async () => {
      const clients: unknown[] = [];
      const store = await startTls(
        (request, response) => {
          clients.push(clientOf(request));
          response.end(BLOB);
        },
        { clients: false },
      );
      const registry = await startTls((request, response) => {
        clients.push(clientOf(request));
        const location = `https://127.0.0.1:${store}/x`;
        response.writeHead(307, { location }).end();
      });
      const client = createClient({
        host: `127.0.0.1:${registry}`,
        tls: tls(),
        allowedHosts: [`127.0.0.1:${store}`],
      });
      expect(await client.readBlob('a', LAYER)).toEqual(BLOB);
      expect(clients).toEqual(['imglife test client', undefined]);
    });

    it('fails without a client certificate', async () => {
      const port = await startTls((_, response) => response.end(BLOB));
      const { ca } = certificates;
      const client = createClient({ host: `127.0.0.1:${port}`, tls: { ca } });
      await expect(client.readBlob('a', LAYER)).rejects.toThrow(
        /^127.*: the connection failed: /,
      );
    });

    it('does not try again with an authority nobody knows', async () => {
      const sleep = jest.fn();
      const port = await startTls((_, response) => response.end(BLOB));
      const client = createClient({
        host: `127.0.0.1:${port}`,
        timing: { now: () => new Date(), sleep, random: () => 0 },
      });
      await expect(client.readBlob('a', LAYER)).rejects.toMatchObject({
        message: expect.stringMatching(/unable to verify|self-signed/),
        retryable: false,
      });
      expect(sleep).not.toHaveBeenCalled();
    });

    it('goes through the proxy of the environment, with the same certificates', async () => {
      const asked: string[] = [];
      const clients: unknown[] = [];
      const passwords = new Set<string | undefined>();
      const proxy = createHttp((request, response) => {
        const { url = '', method, headers } = request;
        asked.push(`${method} ${url}`);
        passwords.add(headers['proxy-authorization']);
        const { port, pathname } = new URL(url);
        const forward = { port, path: pathname, method, headers };
        sendRequest({ host: '127.0.0.1', ...forward }, answer => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        }).end();
      });
      proxy.on('connect', (request: IncomingMessage, socket) => {
        asked.push(`CONNECT ${request.url}`);
        passwords.add(request.headers['proxy-authorization']);
        const port = Number(request.url?.split(':')[1]);
        const upstream = connect(port, '127.0.0.1', () => {
          socket.write('HTTP/1.1 200 OK\r\n\r\n');
          socket.pipe(upstream).pipe(socket);
        });
        upstream.on('error', () => socket.destroy());
        socket.on('error', () => upstream.destroy());
      });
      const address = `http://me:pass@127.0.0.1:${await listen(proxy)}`;
      const environment = {
        variables: { HTTPS_PROXY: address, HTTP_PROXY: address },
      };
      const plain = await listen(createHttp((_, r) => r.end(BLOB)));
      const store = await startTls(
        (request, response) => {
          clients.push(clientOf(request));
          response.end(BLOB);
        },
        { clients: false },
      );
      const secure = await startTls((request, response) => {
        clients.push(clientOf(request));
        const location = `https://registry.test:${store}/x`;
        response.writeHead(307, { location }).end();
      });

      const byTunnel = createClient({
        host: `registry.test:${secure}`,
        tls: tls(),
        environment,
        allowedHosts: [`registry.test:${store}`],
      });
      expect(await byTunnel.readBlob('a', LAYER)).toEqual(BLOB);
      expect(clients).toEqual(['imglife test client', undefined]);
      const forwarded = createClient({
        host: `registry.test:${plain}`,
        insecure: true,
        environment,
      });
      expect(await forwarded.readBlob('a', LAYER)).toEqual(BLOB);
      expect(asked).toEqual([
        `CONNECT registry.test:${secure}`,
        `CONNECT registry.test:${store}`,
        `GET http://registry.test:${plain}/v2/a/blobs/${LAYER.digest}`,
      ]);
      expect([...passwords]).toEqual([
        `Basic ${Buffer.from('me:pass').toString('base64')}`,
      ]);
    });

    it('does not let a proxy carry it to inner addresses', async () => {
      let asked = 0;
      const proxy = createHttp((_, response) => {
        asked += 1;
        response.writeHead(307, { location: 'http://10.255.255.1/x' }).end();
      });
      const HTTP_PROXY = `http://127.0.0.1:${await listen(proxy)}`;
      const client = createClient({
        host: 'registry.test',
        insecure: true,
        environment: { variables: { HTTP_PROXY } },
      });
      await expect(client.readBlob('a', LAYER)).rejects.toThrow(
        'it leads to 10.255.255.1',
      );
      expect(asked).toBe(1);
    });
  });
});
