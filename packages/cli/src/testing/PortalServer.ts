import { createServer, IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a portal was asked. */
export interface PortalRequest {
  method: string;
  /** with its query, as sent */
  path: string;
  headers: IncomingMessage['headers'];
  body: unknown;
}

/** What a portal answers; an object is sent as JSON, bytes as they are. */
export interface PortalAnswer {
  status?: number;
  headers?: Record<string, string>;
  body?: object | string | Buffer;
  /** the connection breaks after the body, before the answer is whole */
  broken?: boolean;
}

/** A real HTTP server in the portal's place, answering what a test tells it. */
export class PortalServer {
  readonly #server: Server;
  readonly url: string;
  /** every request, in order */
  readonly requests: PortalRequest[] = [];
  /** called for each request */
  answer: (request: PortalRequest) => PortalAnswer = () => ({ status: 404 });

  static async start(): Promise<PortalServer> {
    const server = createServer();
    await new Promise<void>(resolve => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return new PortalServer(server);
  }

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', async (request, response) => {
      let text = '';
      for await (const chunk of request) {
        text += chunk;
      }
      const asked: PortalRequest = {
        method: request.method!,
        path: request.url!,
        headers: request.headers,
        body: text ? JSON.parse(text) : undefined,
      };
      this.requests.push(asked);
      const answer = this.answer(asked);
      const { status = 200, headers, body = {} } = answer;
      const isText = typeof body === 'string';
      response.writeHead(status, {
        'content-type': isText ? 'text/markdown' : 'application/json',
        ...headers,
      });
      const sent =
        isText || Buffer.isBuffer(body) ? body : JSON.stringify(body);
      if (answer.broken) {
        response.write(sent, () => response.destroy());
        return;
      }
      response.end(status === 204 ? undefined : sent);
    });
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(resolve => {
      this.#server.close(resolve);
    });
  }
}
