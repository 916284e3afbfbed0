import { Readable } from 'node:stream';
import { RegistryError } from './errors';
import type { Descriptor } from './manifests';
import { DEFAULT_RETRY, retryDelayMs } from './transport/retryPolicy';
import { single, Transport } from './transport/Transport';
import { setTimeout as delay } from 'node:timers/promises';

interface Upload {
  host: string;
  repository: string;
  descriptor: Descriptor;
  body: () => Readable | Buffer | Promise<Readable>;
  signal?: AbortSignal;
}

/**
 * Uploads a blob: POST opens a session, one PUT sends it whole (OCI
 * distribution-spec, "POST then PUT"). A broken attempt begins again with a new
 * session and a new body.
 */
export async function uploadBlob(
  transport: Transport,
  upload: Upload,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await uploadOnce(transport, upload);
      return;
    } catch (error) {
      upload.signal?.throwIfAborted();
      const retryable = error instanceof RegistryError && error.retryable;
      if (!retryable || attempt >= DEFAULT_RETRY.attempts) {
        throw error;
      }
      await delay(
        retryDelayMs(
          DEFAULT_RETRY,
          attempt,
          Math.random(),
          undefined,
          Date.now(),
        ),
        undefined,
        { signal: upload.signal },
      );
    }
  }
}

async function uploadOnce(transport: Transport, upload: Upload): Promise<void> {
  const { repository, descriptor, signal, host } = upload;
  const common = {
    repository,
    reference: descriptor.digest,
    actions: 'pull,push',
    signal,
  } as const;
  const opened = await transport.send({
    ...common,
    method: 'POST',
    url: `/v2/${repository}/blobs/uploads/`,
    headers: { 'content-length': '0' },
    expect: [202],
  });
  await opened.body.dump();
  const location = single(opened.headers.location);
  if (!location) {
    throw new RegistryError('the upload session has no location', {
      host,
      ...common,
    });
  }
  const separator = location.includes('?') ? '&' : '?';
  const body = await upload.body();
  const finished = await transport.send({
    ...common,
    method: 'PUT',
    url: `${location}${separator}digest=${encodeURIComponent(
      descriptor.digest,
    )}`,
    headers: {
      'content-type': 'application/octet-stream',
      'content-length': String(descriptor.size),
    },
    body: oneTime(body),
    expect: [201, 204],
  });
  await finished.body.dump();
}

// A stream is gone after one use: the transport may send it again only when it
// was not begun, which a 401 before the body is the one case of.
function oneTime(body: Readable | Buffer): () => Readable | Buffer {
  return () => {
    if (body instanceof Readable && (body.readableDidRead || body.destroyed)) {
      throw body.errored ?? new Error('the upload was interrupted');
    }
    return body;
  };
}
