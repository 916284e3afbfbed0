import { finished } from 'node:stream/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { digestOf } from './digest';
import { VerifyingStream } from './VerifyingStream';

const CONTENT = Buffer.from('one two three');

function open(algorithm?: 'sha256' | 'sha512') {
  const received: string[] = [];
  const counted: number[] = [];
  const stream = VerifyingStream.create({
    digest: digestOf(CONTENT, algorithm),
    size: CONTENT.length,
    mismatch: problem => new Error(problem),
    onBytes: count => counted.push(count),
  });
  stream.on('data', chunk => received.push(String(chunk)));
  return { stream, received, counted };
}

it.each(['sha256', 'sha512'] as const)(
  'passes right content by %s, its last chunk at the very end',
  async algorithm => {
    const { stream, received, counted } = open(algorithm);
    stream.write('one ');
    stream.write('two ');
    stream.write('three');
    await turn();
    expect(received).toEqual(['one ', 'two ']);
    stream.end();
    await finished(stream);
    expect(received).toEqual(['one ', 'two ', 'three']);
    expect(counted).toEqual([4, 4, 5]);
  },
);

it.each([
  [['one ', 'two ', 'thre!'], ['one ', 'two '], 'its content has digest'],
  [['one ', 'two '], ['one '], 'it has 8 bytes instead of 13'],
  [['one ', 'two three', '!'], ['one '], 'longer than the 13 bytes promised'],
  [[], [], 'it has 0 bytes instead of 13'],
])(
  'of the wrong content %j passes only %j',
  async (chunks, passed, problem) => {
    const { stream, received } = open();
    const ended = finished(stream);
    ended.catch(() => {});
    for (const chunk of chunks) {
      stream.write(chunk);
      await turn();
    }
    stream.end();
    await expect(ended).rejects.toThrow(problem);
    expect(received).toEqual(passed);
  },
);
