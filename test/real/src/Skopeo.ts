import { createHash } from 'node:crypto';
import { requireComponent } from '@imglife/test-registry';
import { mustRun } from './runProgram';

const noTls = ['--tls-verify=false'];

/** Debian's skopeo, on registries with plain HTTP. */
export class Skopeo {
  readonly #program: string;

  /** @throws Error - skopeo is not installed */
  static create(): Skopeo {
    return new Skopeo(requireComponent('skopeo'));
  }

  private constructor(program: string) {
    this.#program = program;
  }

  /** The very bytes of a manifest or index. */
  async inspectRaw(reference: string): Promise<string> {
    return this.#run('inspect', '--raw', ...noTls, `docker://${reference}`);
  }

  /** Digest of what a tag is: of an index, where it is one. */
  async digest(reference: string): Promise<string> {
    const bytes = await this.inspectRaw(reference);
    return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  }

  /** Config of the image of a platform. */
  async inspectConfig(
    reference: string,
    architecture: string,
  ): Promise<{
    architecture: string;
    config: {
      Labels?: Record<string, string>;
      Env?: string[];
      Entrypoint?: string[];
      Cmd?: string[];
    };
    rootfs: { diff_ids: string[] };
  }> {
    return JSON.parse(
      await this.#run(
        ...['--override-os', 'linux', '--override-arch', architecture],
        ...['inspect', '--config', ...noTls, `docker://${reference}`],
      ),
    );
  }

  /** Reads a whole image, all platforms, which checks every digest and size. */
  async read(reference: string, folder: string): Promise<void> {
    await this.#run(
      ...['--insecure-policy', 'copy', '--all', '--src-tls-verify=false'],
      ...[`docker://${reference}`, `oci:${folder}:image`],
    );
  }

  /**
   * Copies an image with all of its platforms, byte for byte unless `options`
   * say otherwise, such as `--dest-compress-format zstd`.
   */
  async copy(from: string, to: string, ...options: string[]): Promise<void> {
    await this.#run(
      ...['--insecure-policy', 'copy', '--all', '--src-tls-verify=false'],
      ...['--dest-tls-verify=false', ...options],
      ...[`docker://${from}`, `docker://${to}`],
    );
  }

  /** Copies every tag of a repository, the tag's own name in the folder's. */
  async sync(repository: string, folder: string): Promise<void> {
    await this.#run(
      ...['--insecure-policy', 'sync', '--src-tls-verify=false'],
      ...['--src', 'docker', '--dest', 'dir', repository, folder],
    );
  }

  async #run(...args: string[]): Promise<string> {
    return mustRun(this.#program, args);
  }
}
