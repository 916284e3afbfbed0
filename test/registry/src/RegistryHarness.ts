import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf } from './digest';
import { TestRegistry } from './TestRegistry';
import { TestRegistryOptions } from './TestRegistryOptions';

/** Media type of an index. */
export const INDEX = 'application/vnd.oci.image.index.v1+json';
/** Media type of an image manifest. */
export const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
/** Ten bytes. */
export const CONTENT = Buffer.from('0123456789');
/** Digest of `CONTENT`. */
export const DIGEST = digestOf(CONTENT);
/** Digest of what is in no registry. */
export const ABSENT = digestOf('absent');

/** A manifest with this config and no layers, with more fields. */
export function manifestOf(config: string, more: object = {}): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: { mediaType: 'application/x-config', digest: config, size: 10 },
    layers: [],
    ...more,
  });
}

/** What a registry answered; `code` is that of its first error. */
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  code?: string;
}

/** One registry at a time for the protocol tests, and short ways to ask it. */
export class RegistryHarness {
  private current: TestRegistry | undefined;
  private home: string | undefined;

  private constructor() {}

  /** A harness with no registry yet. */
  static create(): RegistryHarness {
    return new RegistryHarness();
  }

  /** The registry that was started last. */
  get registry(): TestRegistry {
    if (!this.current) {
      throw new Error('start a registry first');
    }
    return this.current;
  }

  /** Starts a registry. */
  readonly start = async (options: TestRegistryOptions = {}) => {
    this.current = await TestRegistry.start(options);
  };

  /** Starts a registry on one of its two storages. */
  async startOn(kind: 'memory' | 'directory'): Promise<void> {
    await this.start({
      storage:
        kind === 'memory' ? kind : { directory: await this.makeDirectory() },
    });
  }

  /** A new directory, removed by `stop`. */
  async makeDirectory(): Promise<string> {
    this.home ??= await mkdtemp(join(tmpdir(), 'imglife-registry-'));
    return mkdtemp(join(this.home, 'storage-'));
  }

  /** Stops the registry and removes its directory. */
  async stop(): Promise<void> {
    await this.current?.stop();
    this.current = undefined;
    if (this.home) {
      await rm(this.home, { recursive: true, force: true });
      this.home = undefined;
    }
  }

  /** Sends one request and reads the whole answer. */
  readonly ask = async (
    method: string,
    path: string,
    more: { headers?: Record<string, string>; body?: string | Buffer } = {},
  ): Promise<Answer> => {
    const response = await fetch(new URL(path, this.registry.url), {
      method,
      headers: more.headers,
      body: more.body && new Uint8Array(Buffer.from(more.body)),
    });
    const text = await response.text();
    const { status, headers } = response;
    const code = text.startsWith('{"errors":')
      ? JSON.parse(text).errors[0].code
      : undefined;
    return { status, headers, text, code };
  };

  /** Opens an upload and returns its location. */
  readonly openUpload = async (repository = 'a/b'): Promise<string> => {
    const { status, headers } = await this.ask(
      'POST',
      `/v2/${repository}/blobs/uploads/`,
    );
    const location = headers.get('location');
    if (status !== 202 || !location) {
      throw new Error(`the upload was not opened: ${status}`);
    }
    return location;
  };

  /** Puts a manifest into repository `a/b`. */
  readonly putManifest = (
    reference: string,
    body: string,
    type: string = MANIFEST,
  ): Promise<Answer> =>
    this.ask('PUT', `/v2/a/b/manifests/${reference}`, {
      headers: { 'content-type': type },
      body,
    });
}
