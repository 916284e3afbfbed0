import type { Credentials, CredentialSource } from './CredentialSource';

interface CachedCredentialsOptions {
  /** How long what was read is good for, in milliseconds. */
  lifeMs: number;
  now: () => Date;
  read(): Promise<Credentials | undefined>;
}

/** After a failure, who asks within so long gets the same failure. */
const FAILURE_LIFE_MS = 5_000;

/** Credentials that are read from elsewhere, once for all who ask within a time. */
export class CachedCredentials implements CredentialSource {
  static create(options: CachedCredentialsOptions): CachedCredentials {
    return new CachedCredentials(options);
  }

  readonly #options: CachedCredentialsOptions;
  #reading: Promise<Credentials | undefined> | undefined;
  #until = 0;

  private constructor(options: CachedCredentialsOptions) {
    this.#options = options;
  }

  async get(): Promise<Credentials | undefined> {
    const { now } = this.#options;
    if (!this.#reading || this.#until <= now().getTime()) {
      // not over before it is done
      this.#until = Infinity;
      this.#reading = this.#read();
    }
    return this.#reading;
  }

  forget(): void {
    if (this.#until !== Infinity) {
      this.#reading = undefined;
    }
  }

  async #read(): Promise<Credentials | undefined> {
    const { lifeMs, now, read } = this.#options;
    let life = FAILURE_LIFE_MS;
    try {
      const credentials = await read();
      life = lifeMs;
      return credentials;
    } finally {
      this.#until = now().getTime() + life;
    }
  }
}
