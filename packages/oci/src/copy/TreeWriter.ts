import { RegistryError } from '../errors';
import { inParallel } from '../inParallel';
import type { Descriptor } from '../manifests';
import {
  contentsOf,
  postOrder,
  type ImageLocation,
  type ManifestNode,
  type NearRepository,
} from '../readImageTree';
import type { RegistryClient } from '../RegistryClient';
import type { BlobLedger } from './BlobLedger';

/** What a tree writer works with. */
export interface TreeWriterOptions {
  source: ImageLocation;
  target: { client: RegistryClient; repository: string };
  ledger: BlobLedger;
  /** Read from instead, where it has what cannot be mounted. */
  near?: NearRepository;
  /** Blobs that were read already, by digest. */
  configs?: ReadonlyMap<string, Buffer>;
  signal?: AbortSignal;
  onBytes?(count: number): void;
}

// A registry says so when it lost what it had, or never had it
const MISSING_CONTENT = [
  'MANIFEST_BLOB_UNKNOWN',
  'BLOB_UNKNOWN',
  'MANIFEST_UNKNOWN',
];

/**
 * Writes trees of manifests to one repository: blobs first, then manifests from
 * the bottom up, so that whatever can be read is whole.
 */
export class TreeWriter {
  readonly #options: TreeWriterOptions;
  readonly #contents = new Set<string>();
  #bytesMoved = 0;

  static create(options: TreeWriterOptions): TreeWriter {
    return new TreeWriter(options);
  }

  private constructor(options: TreeWriterOptions) {
    this.#options = options;
  }

  /** Bytes of blobs sent so far. */
  get bytesMoved(): number {
    return this.#bytesMoved;
  }

  /** Digests of all manifests and blobs of the trees that were published. */
  get contents(): string[] {
    return [...this.#contents];
  }

  /** All that a manifest stands on, and not the manifest itself. */
  async writeBelow(tree: ManifestNode): Promise<void> {
    await this.#writeBlobs(tree);
    await this.#writeChildren(tree);
  }

  /** The manifest itself, under a tag or (without one) its digest. */
  async publish(tree: ManifestNode, tag?: string): Promise<void> {
    try {
      await this.#put(tree, tag);
    } catch (error) {
      if (isMissingContent(error)) {
        // what the ledger knew is not so: ask the registry, once
        const { client, repository } = this.#options.target;
        this.#options.ledger.forget({ host: client.host, repository });
        await this.writeBelow(tree);
        await this.#put(tree, tag);
      } else if (!(await this.#hasTag(tree, tag, error))) {
        throw error;
      }
    }
    contentsOf(tree).forEach(digest => this.#contents.add(digest));
  }

  /** Some registries refuse the very digest that an immutable tag has. */
  async #hasTag(
    { descriptor }: ManifestNode,
    tag: string | undefined,
    refusal: unknown,
  ): Promise<boolean> {
    const isRefused = refusal instanceof RegistryError && !refusal.retryable;
    if (tag === undefined || !isRefused) {
      return false;
    }
    const { target, signal } = this.#options;
    const { client, repository } = target;
    const present = await client
      .headManifest(repository, tag, { signal })
      .catch(() => undefined);
    return present?.digest === descriptor.digest;
  }

  async #put(
    { descriptor, bytes }: ManifestNode,
    tag = descriptor.digest,
  ): Promise<void> {
    const { target, signal } = this.#options;
    await target.client.putManifest(
      target.repository,
      tag,
      bytes,
      descriptor.mediaType,
      { signal },
    );
  }

  async #writeBlobs(tree: ManifestNode): Promise<void> {
    const { source, target, ledger, signal } = this.#options;
    const blobs = new Map(
      postOrder(tree)
        .flatMap(node => node.blobs)
        .map(blob => [blob.digest, blob]),
    );
    await ledger.consult(target.client.host, [...blobs.keys()]);
    const limit = Math.min(
      source.client.concurrency,
      target.client.concurrency,
    );
    await inParallel([...blobs.values()], limit, signal, (blob, either) =>
      this.#bring(blob, either),
    );
  }

  async #bring(blob: Descriptor, signal: AbortSignal): Promise<void> {
    const { source, target, ledger } = this.#options;
    const { client, repository } = target;
    const isSameHost =
      source.client.host === client.host && source.repository !== repository;
    const options = { signal };
    const place = { host: client.host, repository };
    const sent = await ledger.bring(place, blob.digest, {
      mount: from => client.mountBlob(repository, blob.digest, from, options),
      isThere: async () =>
        (await isThere(target, blob, signal)) ||
        (isSameHost &&
          (await client.mountBlob(
            repository,
            blob.digest,
            source.repository,
            options,
          ))),
      upload: () => this.#upload(blob, signal),
      signal,
    });
    this.#bytesMoved += sent;
  }

  async #upload(blob: Descriptor, signal: AbortSignal): Promise<number> {
    const { target, configs, onBytes } = this.#options;
    const from = await this.#sourceOf(blob, signal);
    const held = configs?.get(blob.digest) ?? inlineContent(blob);
    let reported = 0;
    const body = () => {
      if (held) {
        return held;
      }
      let passed = 0;
      return from.client.getBlob(from.repository, blob, {
        signal,
        onBytes: count => {
          passed += count;
          const fresh = Math.max(0, passed - reported);
          reported += fresh;
          onBytes?.(fresh);
        },
      });
    };
    await target.client.putBlob(target.repository, blob, body, { signal });
    if (held) {
      onBytes?.(held.length);
    }
    return blob.size;
  }

  async #sourceOf(
    { digest }: Descriptor,
    signal: AbortSignal,
  ): Promise<NearRepository> {
    const { source, target, near } = this.#options;
    return near &&
      near.repository !== target.repository &&
      (await near.client.headBlob(near.repository, digest, { signal }))
      ? near
      : source;
  }

  /** By digest, level by level from the bottom: an index after its children. */
  async #writeChildren(tree: ManifestNode): Promise<void> {
    const { target, ledger, signal } = this.#options;
    const place = { host: target.client.host, repository: target.repository };
    const children = postOrder(tree).slice(0, -1);
    const unique = new Map(children.map(n => [n.descriptor.digest, n]));
    const levels = new Map<number, ManifestNode[]>();
    for (const node of unique.values()) {
      const height = heightOf(node);
      levels.set(height, [...(levels.get(height) ?? []), node]);
    }
    for (const height of [...levels.keys()].sort((a, b) => a - b)) {
      await inParallel(
        levels.get(height) ?? [],
        target.client.concurrency,
        signal,
        async node => {
          // children of several tags are often the same
          await ledger.once(place, node.descriptor.digest, async () => {
            await this.#put(node);
            return 0;
          });
        },
      );
    }
  }
}

/** A blob of another size is damaged, and has to be sent again. */
async function isThere(
  { client, repository }: TreeWriterOptions['target'],
  { digest, size }: Descriptor,
  signal: AbortSignal,
): Promise<boolean> {
  const present = await client.headBlob(repository, digest, { signal });
  return present !== undefined && (present.size ?? size) === size;
}

/** Content that stands in the descriptor itself (OCI image-spec, descriptor.md "data"). */
function inlineContent({ data, size }: Descriptor): Buffer | undefined {
  const bytes = data === undefined ? undefined : Buffer.from(data, 'base64');
  return bytes?.length === size ? bytes : undefined;
}

function isMissingContent(error: unknown): boolean {
  return (
    error instanceof RegistryError && MISSING_CONTENT.includes(error.code ?? '')
  );
}

function heightOf(node: ManifestNode): number {
  return 1 + Math.max(0, ...node.children.map(heightOf));
}
