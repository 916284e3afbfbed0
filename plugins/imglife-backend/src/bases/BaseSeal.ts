import { ConflictError, InputError, toError } from '@backstage/errors';
import type {
  ImageSigner,
  SignRequest,
} from '@imglife/backstage-plugin-imglife-node';
import {
  BaseAttestations,
  type BaseTarget,
  type VerifiedBase,
} from './attestations/BaseAttestations';

interface SealContext {
  log(line: string): void;
  signal: AbortSignal;
}

/**
 * What a base gets between being verified and having its tag: SBOM, provenance
 * and signatures. All of it belongs to the digest, so that whoever reads the
 * tag finds it there; where it fails, the tag stays as it was.
 */
export class BaseSeal {
  readonly #signers: ReadonlyMap<string, ImageSigner>;
  readonly #attestations = BaseAttestations.create();

  /** @param signers - by id */
  static create(signers: ReadonlyMap<string, ImageSigner>): BaseSeal {
    return new BaseSeal(signers);
  }

  private constructor(signers: ReadonlyMap<string, ImageSigner>) {
    this.#signers = signers;
  }

  /**
   * @param registry - how a registry host is reached
   * @throws ConflictError - an attestation could not be attached, or the base
   *   not be signed; the message says that it was not published
   */
  async seal(
    target: BaseTarget,
    base: VerifiedBase,
    registry: SignRequest['registry'],
    context: SealContext,
  ): Promise<void> {
    const { repository, tag } = base.plan;
    const refuse = (what: string, cause: unknown) => {
      context.signal.throwIfAborted();
      return new ConflictError(
        `${repository}:${tag} was not published: ${what} failed: ${
          toError(cause).message
        }`,
      );
    };
    try {
      await this.#attestations.attach(target, base, context);
    } catch (error) {
      throw refuse('attaching its SBOM or provenance', error);
    }
    const { digest } = base.image.descriptor;
    const request = { reference: `${repository}@${digest}`, digest, registry };
    for (const id of base.plan.definition.sign ?? []) {
      try {
        await this.#signer(id).sign(request, context);
      } catch (error) {
        throw refuse(`signing by ${id}`, error);
      }
      context.log(`${tag}: signed by ${id}: ${digest}`);
    }
  }

  #signer(id: string): ImageSigner {
    const signer = this.#signers.get(id);
    if (!signer) {
      const known = [...this.#signers.keys()].join(', ') || 'none';
      throw new InputError(`there is no signer "${id}"; known: ${known}`);
    }
    return signer;
  }
}
