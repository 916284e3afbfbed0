import { bytesToSkip, Progress } from './resumeRules';
import {
  leastChunk,
  mayChunk,
  smallerChunk,
  uploadedBytes,
} from './uploadRules';

const MIB = 1024 * 1024;

describe('bytesToSkip', () => {
  it.each<[number, string | undefined, number | RegExp]>([
    [206, 'bytes 100-299/300', 0],
    [206, 'bytes 100-299/*', 0],
    [206, 'BYTES 100-150/300', 0],
    [206, 'bytes 40-299/300', 60],
    [206, 'bytes 0-299/300', 100],
    [200, undefined, 100],
    [200, 'bytes 100-299/300', 100],
    [206, 'bytes 101-299/300', /from byte 100 of 300.*101-299/],
    [206, 'bytes 0-99/300', /from byte 100/],
    [206, 'bytes 100-299/301', /from byte 100/],
    [206, 'bytes 100-300/300', /from byte 100/],
    [206, 'bytes 200-100/300', /from byte 100/],
    [206, 'bytes */300', /from byte 100/],
    [206, 'items 100-299/300', /from byte 100/],
    [206, undefined, /'Content-Range: '/],
    [204, undefined, /answers with 204/],
  ])('of an answer %d %s: %s', (status, contentRange, expected) => {
    const skip = bytesToSkip(
      { status, contentRange },
      { offset: 100, size: 300 },
    );
    const pattern = typeof expected === 'number' ? /./ : expected;
    expect(typeof skip).toBe(
      typeof expected === 'number' ? 'number' : 'string',
    );
    expect(String(skip)).toMatch(pattern);
    expect(typeof expected === 'number' ? skip : expected).toBe(expected);
  });
});

describe('Progress', () => {
  it('counts failures anew after a MiB, or a minute', () => {
    let now = 0;
    const progress = Progress.create(() => new Date(now));
    const failed = (bytes: number, ms: number) => {
      now += ms;
      return progress.failed(bytes);
    };
    expect([
      failed(0, 0),
      failed(MIB - 1, 1),
      failed(2 * MIB - 2, 1),
      failed(3 * MIB - 2, 1),
      failed(3 * MIB, 60_000),
      failed(3 * MIB, 60_001),
      failed(3 * MIB, 1),
    ]).toEqual([1, 2, 3, 1, 2, 1, 2]);
  });
});

it.each([
  ['0-1023', 1024],
  ['bytes=0-1023', 1024],
  ['bytes 0-1023', 1024],
  ['0-0', 0],
  ['5-10', undefined],
  ['nonsense', undefined],
  ['', undefined],
  [undefined, undefined],
])('an upload with the range %j has %s bytes', (range, expected) => {
  expect(uploadedBytes(range)).toBe(expected);
});

it.each([
  [404, true],
  [405, true],
  [413, true],
  [501, true],
  [400, false],
  [401, false],
  [403, false],
  [500, false],
  [undefined, false],
])('after %s chunks are tried: %s', (status, expected) => {
  expect(mayChunk(status)).toBe(expected);
});

it.each([
  [8 * MIB, 0, 2 * MIB],
  [MIB, 0, 256 * 1024],
  [256 * 1024, 0, undefined],
  [8 * MIB, 5 * MIB, 5 * MIB],
  [5 * MIB, 5 * MIB, undefined],
])('after a chunk of %d, at least %d, comes one of %s', (size, least, next) => {
  expect(smallerChunk(size, least)).toBe(next);
});

it.each([
  ['1048576', MIB],
  ['-1', 0],
  ['many', 0],
  [undefined, 0],
])('OCI-Chunk-Min-Length %j is %d', (header, expected) => {
  expect(leastChunk(header)).toBe(expected);
});
