/** More digests than this are not remembered; the oldest go first. */
const MAX_DIGESTS = 20_000;
/** Repositories that are remembered of one digest. */
const MAX_REPOSITORIES = 4;

/**
 * Where registries may have blobs, and which blobs are on their way: shared by
 * all ledgers of a process, so that runs that go on at the same time, or one
 * after another, send a blob once. A place is a hint: whether it holds, the
 * registry says when it is asked to mount from there.
 */
export class BlobPlaces {
  /** By `host@digest`: repositories, the newest first. */
  readonly #repositories = new Map<string, string[]>();
  /** By `host@digest`: whoever brings it. */
  readonly #onTheWay = new Map<string, Promise<unknown>>();

  static create(): BlobPlaces {
    return new BlobPlaces();
  }

  private constructor() {}

  /** Repositories that may have it, the likeliest first. */
  of(host: string, digest: string): readonly string[] {
    return this.#repositories.get(keyOf(host, digest)) ?? [];
  }

  /** A repository has it, or is said to. */
  add(host: string, digest: string, repository: string): void {
    const key = keyOf(host, digest);
    const others = this.of(host, digest).filter(each => each !== repository);
    this.#repositories.delete(key);
    this.#repositories.set(
      key,
      [repository, ...others].slice(0, MAX_REPOSITORIES),
    );
    if (this.#repositories.size > MAX_DIGESTS) {
      const [oldest] = this.#repositories.keys();
      this.#repositories.delete(oldest);
    }
  }

  /** A repository does not have it. */
  remove(host: string, digest: string, repository: string): void {
    const key = keyOf(host, digest);
    const others = this.of(host, digest).filter(each => each !== repository);
    if (others.length) {
      this.#repositories.set(key, others);
    } else {
      this.#repositories.delete(key);
    }
  }

  /** A repository may have lost all that it had. */
  forget(host: string, repository: string): void {
    for (const key of this.#repositories.keys()) {
      if (key.startsWith(`${host}@`)) {
        this.remove(host, key.slice(host.length + 1), repository);
      }
    }
  }

  /** Settles when whoever brings it now is done; undefined: nobody does. */
  onTheWay(host: string, digest: string): Promise<unknown> | undefined {
    return this.#onTheWay.get(keyOf(host, digest));
  }

  /** Others wait for this work, which brings it to a repository. */
  async bring<T>(
    host: string,
    digest: string,
    repository: string,
    work: () => Promise<T>,
  ): Promise<T> {
    const key = keyOf(host, digest);
    const bringing = work();
    this.#onTheWay.set(key, bringing);
    try {
      const result = await bringing;
      this.add(host, digest, repository);
      return result;
    } finally {
      this.#onTheWay.delete(key);
    }
  }
}

function keyOf(host: string, digest: string): string {
  return `${host}@${digest}`;
}
