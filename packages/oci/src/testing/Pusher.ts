import { digestOf, type DigestAlgorithm } from '../digest';
import type { Descriptor } from '../manifests';
import { MediaTypes } from '../mediaTypes';
import type { RegistryClient } from '../RegistryClient';

/** Pushes hand-made content to one repository. */
export class Pusher {
  readonly client: RegistryClient;
  readonly repository: string;

  constructor(client: RegistryClient, repository: string) {
    this.client = client;
    this.repository = repository;
  }

  async blob(
    content: string | Buffer,
    mediaType: string = MediaTypes.ociLayerGzip,
    algorithm: DigestAlgorithm = 'sha256',
  ): Promise<Descriptor> {
    const bytes = Buffer.from(content);
    const digest = digestOf(bytes, algorithm);
    const descriptor = { mediaType, digest, size: bytes.length };
    await this.client.putBlob(this.repository, descriptor, () => bytes);
    return descriptor;
  }

  async config(architecture: string, layers = 1): Promise<Descriptor> {
    const diffIds = Array.from({ length: layers }, (_, index) =>
      digestOf(Buffer.from(`${architecture} ${index}`)),
    );
    const config = {
      os: 'linux',
      architecture,
      rootfs: { type: 'layers', diff_ids: diffIds },
    };
    return this.blob(JSON.stringify(config), MediaTypes.ociConfig);
  }

  /** An image of one layer for an architecture; `more` goes into the manifest. */
  async image(architecture: string, more: object = {}): Promise<Descriptor> {
    const layer = await this.blob(`layer of ${architecture}`);
    const config = await this.config(architecture);
    const pushed = await this.manifest({ config, layers: [layer], ...more });
    return { ...pushed, platform: { os: 'linux', architecture } };
  }

  async manifest(
    content: object,
    tag?: string,
    mediaType: string = MediaTypes.ociManifest,
    algorithm: DigestAlgorithm = 'sha256',
  ): Promise<Descriptor> {
    const bytes = Buffer.from(
      JSON.stringify({ schemaVersion: 2, mediaType, ...content }),
    );
    const reference = tag ?? digestOf(bytes, algorithm);
    return this.client.putManifest(
      this.repository,
      reference,
      bytes,
      mediaType,
    );
  }

  async index(
    manifests: Descriptor[],
    tag?: string,
    more: object = {},
  ): Promise<Descriptor> {
    return this.manifest({ manifests, ...more }, tag, MediaTypes.ociIndex);
  }

  /** Something that refers to a manifest, such as a signature. */
  async referrer(
    subject: Descriptor,
    content: string,
    artifactType = 'application/vnd.example.signature',
  ): Promise<Descriptor> {
    const { mediaType, digest, size } = subject;
    const config = await this.blob('{}', MediaTypes.ociEmpty);
    return this.manifest({
      artifactType,
      config,
      layers: [await this.blob(content)],
      subject: { mediaType, digest, size },
      annotations: { says: content },
    });
  }
}
