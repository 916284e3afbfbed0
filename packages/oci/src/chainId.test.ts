import { gzipSync } from 'node:zlib';
import { chainId, chainIds, EMPTY_LAYER_DIFF_ID } from './chainId';
import { digestOf } from './digest';

const [a, b, c] = ['a', 'b', 'c'].map(text => digestOf(Buffer.from(text)));
// written out from the formula of OCI image-spec, config.md "Layer ChainID"
const ab = digestOf(Buffer.from(`${a} ${b}`));
const abc = digestOf(Buffer.from(`${ab} ${c}`));

it('gives the chain of every prefix, shortest first', () => {
  expect(chainIds([a, b, c])).toEqual([a, ab, abc]);
  expect(chainId([a, b, c])).toBe(abc);
  expect(chainId([b, a, c])).not.toBe(abc);
});

it('leaves the empty layer out, wherever it is', () => {
  const e = EMPTY_LAYER_DIFF_ID;
  expect(digestOf(Buffer.alloc(1024))).toBe(e);
  expect(digestOf(gzipSync(Buffer.alloc(1024)))).not.toBe(e);
  expect(chainIds([e, a, e, b, e])).toEqual([a, ab]);
});

it('is undefined for no layer', () => {
  expect(chainIds([])).toEqual([]);
  expect(chainId([EMPTY_LAYER_DIFF_ID])).toBeUndefined();
});
