import type { Readable } from 'node:stream';

/**
 * Reads a body into memory, up to a limit in bytes. Past the limit the stream
 * is destroyed and an Error thrown.
 */
export async function readBody(body: Readable, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limit) {
      throw new Error(`the answer is larger than ${limit} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}
