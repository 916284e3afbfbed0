import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as a handler under test saw it. */
export interface SeenRequest {
  method: string;
  /** Path and query. */
  url: string;
  headers: IncomingHttpHeaders;
}

/** An HTTP server for answers that no sane registry gives. */
export interface HandlerServer {
  /** `127.0.0.1:PORT`. */
  host: string;
  seen: SeenRequest[];
  stop(): Promise<void>;
}

/** Starts an HTTP server on a free port of 127.0.0.1. */
export async function startHandler(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<HandlerServer> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    seen.push({ method, url, headers });
    handle(request, response);
  });
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${port}`,
    seen,
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
