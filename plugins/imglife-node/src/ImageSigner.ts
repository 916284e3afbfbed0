import type { RegistryAccess } from './ImageBuilder';

/**
 * An image to be signed.
 *
 * @public
 */
export interface SignRequest {
  /** `host/path@digest`: of the index, or of the only manifest */
  reference: string;
  digest: string;
  /** undefined when the host needs nothing special */
  registry(host: string): RegistryAccess | undefined;
}

/**
 * Signs bases (`imglife.bases.sign`), after they were verified and before
 * their tag is set.
 *
 * @public
 */
export interface ImageSigner {
  /** as in the configuration, such as `cosign` */
  readonly id: string;
  /**
   * Signs the image and puts the signature where its readers look for it, such
   * as beside the image. It may be called again for the same digest.
   *
   * @throws when the image cannot be signed: its tag is not set then; the
   *   message is shown to users and holds no secret
   */
  sign(
    request: SignRequest,
    context: {
      /** one line of the run's log */
      log(line: string): void;
      signal: AbortSignal;
    },
  ): Promise<void>;
}
