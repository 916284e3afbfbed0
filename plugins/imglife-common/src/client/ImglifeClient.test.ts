import { createServer, IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ImglifeClient } from './ImglifeClient';
import { ImglifeResponseError } from './ImglifeResponseError';

interface Seen {
  method?: string;
  url?: string;
  accept?: string;
  body: string;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
  }
  return text;
}

describe('ImglifeClient', () => {
  let server: Server;
  let client: ImglifeClient;
  let seen: Seen[];
  let answer: {
    status: number;
    body: string;
    headers?: Record<string, string>;
  };

  beforeEach(async () => {
    seen = [];
    answer = { status: 200, body: '{"items":[]}' };
    server = createServer(async (request, response) => {
      const { method, url, headers } = request;
      seen.push({
        method,
        url,
        accept: headers.accept,
        body: await bodyOf(request),
      });
      response.writeHead(answer.status, answer.headers).end(answer.body);
    });
    await new Promise<void>(resolve => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    client = new ImglifeClient({
      baseUrl: async () => `http://127.0.0.1:${port}/api/imglife`,
      fetch: (input, init) =>
        fetch(input, {
          ...init,
          headers: { ...init?.headers, authorization: 'Bearer s3cret' },
        }),
    });
  });

  afterEach(async () => {
    server.closeAllConnections();
    await new Promise(resolve => {
      server.close(resolve);
    });
  });

  const image = 'registry.example.com:5000/apps/my service+x:1.0&2';

  it.each([
    [
      'filters, leaving out what is not set',
      () => client.listMirrors({ search: 'alp', limit: 20, status: undefined }),
      '/v1/mirrors?search=alp&limit=20',
    ],
    [
      'a cursor as it was given',
      () => client.listBases({ cursor: 'a+/=' }),
      '/v1/bases?cursor=a%2B%2F%3D',
    ],
    [
      'booleans',
      () => client.listApplications({ all: true }),
      '/v1/applications?all=true',
    ],
    [
      'entities in lower case, each part escaped',
      () =>
        client.getEntityImages({
          kind: 'Component',
          namespace: 'default',
          name: 'a/b',
        }),
      '/v1/entities/component/default/a%2Fb',
    ],
    ['the summary', () => client.getSummary(), '/v1/summary'],
    ['one run', () => client.getRun('1/2'), '/v1/runs/1%2F2'],
    ['runs', () => client.listRuns({ kind: 'sync' }), '/v1/runs?kind=sync'],
    [
      'a lineage',
      () => client.getLineage({ reference: 'r/x', limit: 5 }),
      '/v1/images/lineage?reference=r%2Fx&limit=5',
    ],
    ['adoption', () => client.getAdoption({ days: 7 }), '/v1/adoption?days=7'],
    ['transitions', () => client.listTransitions(), '/v1/transitions'],
    ['a log', () => client.getRunLog('7'), '/v1/runs/7/log'],
    [
      'what bases are built from',
      () => client.exportBases({ name: 'java/jre', force: true }),
      '/v1/bases/export?name=java%2Fjre&force=true',
    ],
  ])('asks for %s', async (_name, call, url) => {
    await call();
    expect(seen).toMatchObject([{ method: 'GET', url: `/api/imglife${url}` }]);
  });

  it('follows a log line by line', async () => {
    answer.body = 'one\ntwo ✓\nthree';
    const lines: string[] = [];
    for await (const line of client.followRunLog('7')) {
      lines.push(line);
    }
    expect(lines).toEqual(['one', 'two ✓', 'three']);
    expect(seen).toMatchObject([
      { url: '/api/imglife/v1/runs/7/log?follow=true' },
    ]);
  });

  it('gives references through a query unharmed', async () => {
    await client.check({ base: image });
    const { searchParams } = new URL(seen[0].url!, 'http://portal');
    expect(searchParams.get('base')).toBe(image);
  });

  it('posts as JSON', async () => {
    answer.body = '{"id":"7"}';
    expect(await client.startRun({ kind: 'sync', target: 'alpine' })).toEqual({
      id: '7',
    });
    await client.register({ image });
    await client.cancelRun('7');
    await client.registerBatch({ items: [{ image }] });
    await client.forget('r/x:1');
    await client.restore({ reference: 'r/x:1' });
    expect(seen).toMatchObject([
      {
        method: 'POST',
        url: '/api/imglife/v1/runs',
        body: '{"kind":"sync","target":"alpine"}',
      },
      {
        method: 'POST',
        url: '/api/imglife/v1/registrations',
        body: JSON.stringify({ image }),
      },
      { method: 'POST', url: '/api/imglife/v1/runs/7/cancel' },
      {
        method: 'POST',
        url: '/api/imglife/v1/registrations/batch',
        body: JSON.stringify({ items: [{ image }] }),
      },
      {
        method: 'DELETE',
        url: '/api/imglife/v1/registrations?image=r%2Fx%3A1',
      },
      {
        method: 'POST',
        url: '/api/imglife/v1/retention/restore',
        body: '{"reference":"r/x:1"}',
      },
    ]);
  });

  it('hands an archive on as it comes, and reports what was built of it', async () => {
    answer.body = 'a tar';
    const archive = await client.exportBases();
    expect(await new Response(archive).text()).toBe('a tar');
    const facts = { reference: 'r/b:1', digest: 'sha256:1', inputHash: '2' };
    answer.body = '{"name":"b"}';
    expect(await client.reportPublished(facts)).toEqual({ name: 'b' });
    expect(seen).toMatchObject([
      { accept: 'application/x-tar' },
      {
        method: 'POST',
        url: '/api/imglife/v1/bases/published',
        body: JSON.stringify(facts),
      },
    ]);
  });

  it('asks for the form of a report', async () => {
    answer.body = '| Image |';
    expect(await client.getReport('text/markdown')).toBe('| Image |');
    expect(seen[0].accept).toBe('text/markdown');
    const query = { tier: 'bases', search: 'alp' } as const;
    await client.getReport('text/csv', { query });
    expect(seen[1]).toMatchObject({
      accept: 'text/csv',
      url: '/api/imglife/v1/report?tier=bases&search=alp',
    });
  });

  it('takes a base back, and accepts what moved', async () => {
    answer.body = '{"id":"7"}';
    const withdrawal = { reference: 'r/b:1', reason: 'broken' };
    await client.withdrawBase(withdrawal);
    const accepted = { reference: 'r/m:1', digest: 'sha256:1' };
    expect(await client.acceptMovedTag(accepted)).toEqual({ id: '7' });
    expect(seen).toMatchObject([
      {
        method: 'POST',
        url: '/api/imglife/v1/bases/withdraw',
        body: JSON.stringify(withdrawal),
      },
      {
        method: 'POST',
        url: '/api/imglife/v1/mirrors/accept',
        body: JSON.stringify(accepted),
      },
    ]);
  });

  it.each([
    [
      'the message of the backend',
      {
        status: 400,
        body: '{"error":{"name":"InputError","message":"base: no reference"}}',
      },
      { status: 400, message: 'base: no reference' },
    ],
    [
      'the status where a proxy answers',
      { status: 502, body: '<html>' },
      { status: 502, message: '502 Bad Gateway' },
    ],
    [
      'when to come back',
      { status: 503, body: '', headers: { 'retry-after': '7' } },
      { status: 503, retryAfterSeconds: 7 },
    ],
    [
      'nothing of a date it does not understand',
      {
        status: 503,
        body: '{"error":{"message":7}}',
        headers: { 'retry-after': 'soon' },
      },
      {
        status: 503,
        retryAfterSeconds: undefined,
        message: '503 Service Unavailable',
      },
    ],
  ])('throws with %s', async (_name, given, expected) => {
    answer = given;
    const error = await client.getSummary().catch(caught => caught);
    expect(error).toBeInstanceOf(ImglifeResponseError);
    expect(error).toMatchObject(expected);
    expect(`${error.stack}${JSON.stringify(error)}`).not.toContain('s3cret');
  });

  it('stops when it is told to', async () => {
    const abort = new AbortController();
    abort.abort();
    await expect(
      client.getSummary({ signal: abort.signal }),
    ).rejects.toMatchObject({ name: 'AbortError' });
  });
});
