import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

const ACCEPT = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
].join(', ');
const PAUSE_MS = 5;

interface Part {
  digest: string;
  size: number;
}

const digestOf = (bytes: Uint8Array) =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/**
 * Pulls images of a repository, one after another, as their users would: by a
 * tag that the registry lists, then all that is below it, every digest
 * checked. By plain fetch, so that it does not rest on the client it judges.
 */
export class SteadyReader {
  /** Whole pulls so far. */
  pulls = 0;
  /** What was wrong with the others. */
  readonly broken: string[] = [];
  readonly #base: string;
  readonly #random: () => number;
  #done: Promise<void> = Promise.resolve();
  #stopped = false;

  /**
   * @param base - `http://host:port/v2/repository`
   * @param random - from 0 to below 1
   */
  static start(base: string, random: () => number): SteadyReader {
    const reader = new SteadyReader(base, random);
    reader.#done = reader.#readOn();
    return reader;
  }

  private constructor(base: string, random: () => number) {
    this.#base = base;
    this.#random = random;
  }

  /** Pulls no more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#done;
  }

  /** Pulls one image, all platforms. @throws Error - what is wrong with it */
  async pull(tag: string): Promise<string> {
    const bytes = await this.#get(`manifests/${tag}`);
    await this.#readParts(tag, bytes);
    return digestOf(bytes);
  }

  /** Every tag there is. */
  async tags(): Promise<string[]> {
    const response = await fetch(`${this.#base}/tags/list`);
    const { tags } = (await response.json()) as { tags?: string[] };
    return tags ?? [];
  }

  async #readOn(): Promise<void> {
    while (!this.#stopped) {
      const tags = await this.tags();
      const tag = tags[Math.floor(this.#random() * tags.length)];
      if (tag) {
        await this.pull(tag).then(
          () => {
            this.pulls += 1;
          },
          (error: Error) => this.broken.push(`${tag}: ${error.message}`),
        );
      }
      await sleep(PAUSE_MS);
    }
  }

  async #readParts(tag: string, manifest: Buffer): Promise<void> {
    const { manifests, config, layers } = JSON.parse(manifest.toString()) as {
      manifests?: Part[];
      config: Part;
      layers: Part[];
    };
    for (const child of manifests ?? []) {
      const bytes = await this.#get(`manifests/${child.digest}`);
      this.#check(tag, child, bytes);
      await this.#readParts(tag, bytes);
    }
    for (const blob of manifests ? [] : [config, ...layers]) {
      this.#check(tag, blob, await this.#get(`blobs/${blob.digest}`));
    }
  }

  #check(tag: string, { digest, size }: Part, bytes: Buffer): void {
    if (bytes.length !== size || digestOf(bytes) !== digest) {
      throw new Error(`${tag} has a wrong ${digest}`);
    }
  }

  async #get(path: string): Promise<Buffer> {
    const response = await fetch(`${this.#base}/${path}`, {
      headers: { accept: ACCEPT },
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    if (response.status !== 200) {
      throw new Error(`${path}: ${response.status} ${bytes.toString()}`);
    }
    return bytes;
  }
}
