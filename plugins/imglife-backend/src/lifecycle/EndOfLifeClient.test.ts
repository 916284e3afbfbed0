import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fixtureAnswers } from './__fixtures__/fixtureProducts';
import { EndOfLifeClient } from './EndOfLifeClient';

describe('EndOfLifeClient', () => {
  let server: Server;
  let url: string;

  beforeAll(async () => {
    server = createServer((request, response) => {
      const name = request.url?.replace(/^\/api\/v1\/products\//, '');
      switch (name) {
        case 'alpine':
          response
            .writeHead(301, { location: '/api/v1/products/alpine-linux/' })
            .end();
          break;
        case 'alpine-linux/':
          response.end(JSON.stringify(fixtureAnswers['alpine-linux']));
          break;
        case 'busy':
          response.writeHead(429, { 'retry-after': '60' }).end('slow down');
          break;
        case 'broken':
          response.writeHead(500).end('oops');
          break;
        case 'html':
          response.end('<html>');
          break;
        case 'list':
          response.end('[]');
          break;
        case 'null':
          response.end('null');
          break;
        case 'huge':
          response.end(Buffer.alloc(3 * 1024 * 1024, ' '));
          break;
        case 'cut':
          response.writeHead(200, { 'content-length': '1000' });
          response.write('{"result":');
          setTimeout(() => response.destroy(), 20);
          break;
        case 'slow':
          response.write('{');
          break;
        default:
          response.writeHead(404).end();
      }
    });
    await new Promise<void>(done => {
      server.listen(0, '127.0.0.1', done);
    });
    const { port } = server.address() as AddressInfo;
    url = `http://127.0.0.1:${port}/api/v1/`;
  });

  afterAll(async () => {
    server.closeAllConnections();
    await new Promise(done => {
      server.close(done);
    });
  });

  it('follows an alias to the product', async () => {
    const facts = await EndOfLifeClient.create({ url }).product('alpine');

    expect(facts.name).toBe('alpine-linux');
    expect(facts.cycles[0]).toMatchObject({
      name: '3.24',
      eolDate: '2028-06-01',
    });
  });

  it.each([
    [
      'nothing',
      'NotFoundError',
      /404: no product "nothing".*lifecycle\.product/,
    ],
    ['../x?y', 'NotFoundError', /products\/\.\.%2Fx%3Fy answered 404/],
    ['busy', 'ServiceUnavailableError', /answered 429, retry after 60/],
    ['broken', 'ServiceUnavailableError', /answered 500/],
    ['html', 'ServiceUnavailableError', /answered with no JSON/],
    ['list', 'ServiceUnavailableError', /no product with releases/],
    ['null', 'ServiceUnavailableError', /no product with releases/],
    ['huge', 'ServiceUnavailableError', /with over 2097152 bytes/],
    ['cut', expect.any(String), /cut could not be read/],
  ])('says what is wrong with %s', async (name, errorName, message) => {
    await expect(
      EndOfLifeClient.create({ url }).product(name),
    ).rejects.toMatchObject({
      name: errorName,
      message: expect.stringMatching(message),
    });
  });

  it('waits no longer than it may', async () => {
    const client = EndOfLifeClient.create({ url, timeoutMs: 100 });

    await expect(client.product('slow')).rejects.toThrow(
      /slow gave no answer within 100 ms/,
    );
  });

  it('stops with the run', async () => {
    const abort = new AbortController();
    const answer = EndOfLifeClient.create({ url }).product(
      'slow',
      abort.signal,
    );
    setTimeout(() => abort.abort(new Error('cancelled')), 50);

    await expect(answer).rejects.toThrow('cancelled');
  });

  it('says that nobody listens', async () => {
    const client = EndOfLifeClient.create({ url: 'http://127.0.0.1:1/api/v1' });

    await expect(client.product('x')).rejects.toThrow(
      /127\.0\.0\.1:1\/api\/v1\/products\/x could not be read/,
    );
  });
});
