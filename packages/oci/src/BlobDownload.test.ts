import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { digestOf } from './digest';
import { MediaTypes } from './mediaTypes';
import { RegistryClient } from './RegistryClient';
import type { Timing } from './transport/Timing';
import { startHandler } from './testing/startHandler';

const SIZE = 3_000_000;
const BLOB = randomBytes(SIZE);
const LAYER = {
  mediaType: MediaTypes.ociLayer,
  digest: digestOf(BLOB),
  size: SIZE,
};

type Answer = (response: ServerResponse, offset: number) => void;

/** Sends what `from` to `to` has, and breaks the connection before the end. */
const cut =
  (from: number, to: number, headers: Record<string, string> = {}): Answer =>
  response => {
    const partial = 'content-range' in headers;
    response.writeHead(partial ? 206 : 200, {
      'content-length': String(SIZE - from),
      ...headers,
    });
    response.write(BLOB.subarray(from, to), () => {
      setTimeout(() => response.destroy(), 20);
    });
  };
/** Sends the rest as it should be sent. */
const rest: Answer = (response, offset) => {
  response.writeHead(offset ? 206 : 200, {
    'content-length': String(SIZE - offset),
    ...(offset && { 'content-range': `bytes ${offset}-${SIZE - 1}/${SIZE}` }),
  });
  response.end(BLOB.subarray(offset));
};
const whole: Answer = response => response.end(BLOB);
const hole: Answer = (response, offset) => {
  const first = offset + 1;
  response.writeHead(206, {
    'content-range': `bytes ${first}-${SIZE - 1}/${SIZE}`,
  });
  response.end(BLOB.subarray(first));
};
const early: Answer = (response, offset) => {
  const first = offset - 1000;
  response.writeHead(206, {
    'content-range': `bytes ${first}-${SIZE - 1}/*`,
  });
  response.end(BLOB.subarray(first));
};
/** Seems whole, and is not. */
const short: Answer = response => {
  response.writeHead(200);
  response.end(BLOB.subarray(0, 1_000_000));
};
const other: Answer = (response, offset) => {
  response.writeHead(206, {
    'content-range': `bytes ${offset}-${SIZE - 1}/${SIZE}`,
  });
  response.end(Buffer.alloc(SIZE - offset));
};
const status =
  (code: number): Answer =>
  response =>
    response.writeHead(code).end();
const breakAt = (bytes: number) => cut(0, bytes);

describe('BlobDownload', () => {
  const closers: Array<() => Promise<void>> = [];
  let slept: number[];

  beforeEach(() => {
    slept = [];
  });
  afterEach(async () => {
    await Promise.all(closers.splice(0).map(close => close()));
  });

  async function connect(
    answers: Answer[],
    sleep: Timing['sleep'] = async ms => {
      slept.push(ms);
    },
  ) {
    const server = await startHandler(
      (request: IncomingMessage, response: ServerResponse) => {
        const offset = Number(/\d+/.exec(request.headers.range ?? '0')?.[0]);
        const answer = answers.length > 1 ? answers.shift() : answers[0];
        answer?.(response, offset);
      },
    );
    const client = RegistryClient.create({
      host: server.host,
      insecure: true,
      timeouts: { idleMs: 1_000, headersMs: 1_000 },
      timing: {
        now: () => new Date(),
        random: () => 0,
        sleep,
      },
    });
    closers.push(
      () => client.close(),
      () => server.stop(),
    );
    return { server, client };
  }

  it.each<[string, Answer[], number, RegExp | undefined]>([
    ['a break', [breakAt(1_000_000), rest], 2, undefined],
    ['several breaks', [breakAt(9), hole, status(503), rest], 4, undefined],
    ['no ranges', [breakAt(1_000_000), whole], 2, undefined],
    ['a range too early', [breakAt(1_000_000), early], 2, undefined],
    ['a seeming end', [short, rest], 2, undefined],
    ['a hole, always', [breakAt(1_000_000), hole], 5, /from byte 1000000/],
    ['other content', [breakAt(1_000_000), other], 2, /content has digest/],
    ['a blob gone', [breakAt(1_000_000), status(404)], 2, /GET .* 404/],
    ['breaks without end', [breakAt(1_000), breakAt(1_000)], 5, /connection/],
    ['a seeming end, always', [short], 5, /it has 1000000 bytes instead/],
  ])('reads past %s', async (_, answers, requests, problem) => {
    const { server, client } = await connect([...answers]);
    let counted = 0;
    const received: Buffer[] = [];
    const read = async () => {
      const stream = await client.getBlob('a', LAYER, {
        onBytes: count => {
          counted += count;
        },
      });
      for await (const chunk of stream) {
        received.push(chunk);
      }
    };
    const failure = await read().then(
      () => '',
      (error: Error) => error.message,
    );
    const bytes = Buffer.concat(received);

    expect(failure).toMatch(problem ?? /^$/);
    expect(server.seen).toHaveLength(requests);
    expect(bytes.length === SIZE).toBe(problem === undefined);
    expect(problem ? counted <= SIZE : counted === SIZE).toBe(true);
    // right as far as it goes, but for content that only the digest tells
    const right = answers.includes(other) ? 1_000_000 : bytes.length;
    expect(bytes.subarray(0, right).equals(BLOB.subarray(0, right))).toBe(true);
  });

  it('asks for the rest, and is not given up while there is progress', async () => {
    const piece = 1_100_000;
    const piecewise: Answer = (response, offset) => {
      const end = Math.min(SIZE, offset + piece);
      cut(offset, end, {
        'content-range': `bytes ${offset}-${SIZE - 1}/${SIZE}`,
      })(response, offset);
    };
    const { server, client } = await connect([
      breakAt(0),
      breakAt(0),
      piecewise,
    ]);
    const stream = await client.getBlob('a', LAYER);
    expect(Buffer.concat(await stream.toArray()).equals(BLOB)).toBe(true);
    expect(server.seen.map(({ headers }) => headers.range)).toEqual([
      undefined,
      'bytes=0-',
      'bytes=0-',
      `bytes=${piece}-`,
      `bytes=${2 * piece}-`,
    ]);
    // doubled without progress, from the start after it
    expect(slept).toEqual([125, 250, 125, 125]);
  });

  it('goes on after a connection that says nothing more', async () => {
    const silent: Answer = response => {
      response.writeHead(200, { 'content-length': SIZE });
      response.write(BLOB.subarray(0, 1_000_000));
    };
    const { client } = await connect([silent, rest]);
    const stream = await client.getBlob('a', LAYER);
    expect(Buffer.concat(await stream.toArray()).equals(BLOB)).toBe(true);
  });

  it('stops asking when nobody reads any more, or when aborted', async () => {
    const reason = new Error('enough');
    for (const aborted of [true, false]) {
      const { server, client } = await connect([breakAt(1_000)]);
      const stop = new AbortController();
      const stream = await client.getBlob('a', LAYER, { signal: stop.signal });
      const closed = new Promise(resolve => {
        stream.on('close', resolve);
      });
      if (aborted) {
        stop.abort(reason);
      } else {
        stream.destroy();
      }
      await closed;
      expect(stream.errored).toBe(aborted ? reason : null);
      await new Promise(resolve => {
        setTimeout(resolve, 60);
      });
      expect(server.seen).toHaveLength(1);
    }
  });

  it('does not wait on when nobody reads any more', async () => {
    let begin = () => {};
    const waiting = new Promise<void>(resolve => {
      begin = resolve;
    });
    let end = () => {};
    const ended = new Promise<void>(resolve => {
      end = resolve;
    });
    const { server, client } = await connect(
      [breakAt(1_000)],
      (_, signal) =>
        new Promise((__, reject) => {
          signal?.addEventListener('abort', () => {
            reject(signal.reason);
            end();
          });
          begin();
        }),
    );
    const stream = await client.getBlob('a', LAYER);
    stream.resume();
    await waiting;
    stream.destroy();
    await ended;
    expect(server.seen).toHaveLength(1);
  });
});
