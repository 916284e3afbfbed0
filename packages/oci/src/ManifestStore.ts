import { digestAlgorithm, digestOf, isDigest } from './digest';
import {
  DeletesDisabledError,
  DigestMismatchError,
  RegistryError,
} from './errors';
import type { Descriptor, ImageIndex, ImageManifest } from './manifests';
import { isSchema1, MANIFEST_ACCEPT } from './mediaTypes';
import { bareType, parseManifest, SCHEMA1_REFUSED } from './parseManifest';
import { checkName } from './Reference';
import type { HostResponse, HostTransport } from './transport/HostTransport';
import { readBody } from './transport/readBody';

/** A manifest as it was served, verified and read. */
export interface FetchedManifest {
  descriptor: Descriptor;
  /** Exactly what the registry sent. */
  bytes: Buffer;
  manifest: ImageManifest | ImageIndex;
}

/** A manifest as a registry has taken it. */
export interface PushedManifest {
  descriptor: Descriptor;
  /** `OCI-Subject`: the registry lists the manifest as a referrer of this digest. */
  processedSubject?: string;
}

interface CallOptions {
  signal?: AbortSignal;
}

const MAX_MANIFEST = 8 * 1024 * 1024;
// Statuses by which registries say that they delete by digest only
const WITHOUT_TAG_DELETE = [400, 405, 501];

/**
 * Manifests of one registry (OCI distribution-spec, "Pulling manifests" and
 * "Pushing Manifests"). Behind RegistryClient, whose methods say what each
 * verb does.
 */
export class ManifestStore {
  static create(options: {
    host: string;
    transport: HostTransport;
  }): ManifestStore {
    return new ManifestStore(options.host, options.transport);
  }

  readonly #host: string;
  readonly #transport: HostTransport;

  private constructor(host: string, transport: HostTransport) {
    this.#host = host;
    this.#transport = transport;
  }

  async head(
    repository: string,
    reference: string,
    options: CallOptions,
  ): Promise<Descriptor | undefined> {
    try {
      const told = await this.#transport.send(
        { method: 'HEAD', ...this.#manifest(repository, reference, options) },
        async response => {
          await response.body.dump();
          return this.#describe(repository, reference, response);
        },
      );
      return (
        told ?? (await this.get(repository, reference, options)).descriptor
      );
    } catch (error) {
      if (error instanceof RegistryError && error.status === 404) {
        return undefined;
      }
      throw error;
    }
  }

  async get(
    repository: string,
    reference: string,
    options: CallOptions,
  ): Promise<FetchedManifest> {
    return this.#transport.send(
      { method: 'GET', ...this.#manifest(repository, reference, options) },
      async response => {
        const bytes = await readBody(response.body, MAX_MANIFEST);
        const told = response.header('docker-content-digest') ?? '';
        const digest = this.#verify(repository, reference, told, bytes);
        const { mediaType, manifest } = parseManifest(
          bytes,
          response.header('content-type'),
        );
        const descriptor = { mediaType, digest, size: bytes.length };
        return { descriptor, bytes, manifest };
      },
    );
  }

  async put(
    repository: string,
    reference: string,
    bytes: Uint8Array,
    mediaType: string,
    options: CallOptions,
  ): Promise<PushedManifest> {
    const body = Buffer.from(bytes);
    const digest = this.#verify(repository, reference, '', body);
    const processedSubject = await this.#transport.send(
      {
        method: 'PUT',
        ...this.#manifest(repository, reference, options),
        headers: { 'content-type': mediaType },
        body: async () => body,
        scopes: [`repository:${repository}:pull,push`],
      },
      async response => {
        await response.body.dump();
        const told = response.header('docker-content-digest') ?? '';
        this.#verify(repository, reference, told, body);
        return response.header('oci-subject');
      },
    );
    return {
      descriptor: { mediaType, digest, size: body.length },
      processedSubject,
    };
  }

  async delete(
    repository: string,
    digest: string,
    options: CallOptions,
  ): Promise<void> {
    if (!isDigest(digest)) {
      throw new RegistryError(
        'a manifest is deleted by its digest and not by a tag',
        { host: this.#host, repository, reference: digest },
      );
    }
    try {
      await this.#delete(repository, digest, options);
    } catch (error) {
      if (error instanceof RegistryError && error.status === 405) {
        throw new DeletesDisabledError({
          host: this.#host,
          repository,
          reference: digest,
          cause: error,
        });
      }
      throw error;
    }
  }

  async deleteTag(
    repository: string,
    tag: string,
    options: CallOptions,
  ): Promise<'deleted' | 'absent' | 'unsupported'> {
    try {
      await this.#delete(repository, tag, options);
      return 'deleted';
    } catch (error) {
      const status = error instanceof RegistryError ? error.status : undefined;
      if (status === 404) {
        return 'absent';
      }
      if (WITHOUT_TAG_DELETE.includes(status ?? 0)) {
        return 'unsupported';
      }
      throw error;
    }
  }

  async #delete(
    repository: string,
    reference: string,
    options: CallOptions,
  ): Promise<void> {
    await this.#transport.send(
      {
        method: 'DELETE',
        ...this.#manifest(repository, reference, options),
        scopes: [`repository:${repository}:pull,delete`],
      },
      response => response.body.dump(),
    );
  }

  #manifest(repository: string, reference: string, { signal }: CallOptions) {
    checkName(repository, reference);
    return {
      target: `/v2/${repository}/manifests/${reference}`,
      headers: { accept: MANIFEST_ACCEPT },
      scopes: [`repository:${repository}:pull`],
      repository,
      reference,
      signal,
    };
  }

  #describe(
    repository: string,
    reference: string,
    response: HostResponse,
  ): Descriptor | undefined {
    const at = { host: this.#host, repository, reference };
    const mediaType = bareType(response.header('content-type'));
    const digest = response.header('docker-content-digest') ?? '';
    const size = response.header('content-length');
    if (isSchema1(mediaType)) {
      throw new RegistryError(SCHEMA1_REFUSED, at);
    }
    if (!isDigest(digest) || !size || !MANIFEST_ACCEPT.includes(mediaType)) {
      return undefined;
    }
    if (isDigest(reference) && digest !== reference) {
      throw new DigestMismatchError(`it answers with ${digest}`, at);
    }
    return { mediaType, digest, size: Number(size) };
  }

  /** Digest of the bytes, which must be that of the reference and the one told. */
  #verify(
    repository: string,
    reference: string,
    told: string,
    bytes: Buffer,
  ): string {
    const promised = [reference, told].filter(isDigest);
    for (const digest of promised) {
      const actual = digestOf(bytes, digestAlgorithm(digest));
      if (actual !== digest) {
        throw new DigestMismatchError(
          `the manifest's digest is ${actual} instead of ${digest}`,
          { host: this.#host, repository, reference },
        );
      }
    }
    return promised[0] ?? digestOf(bytes);
  }
}
