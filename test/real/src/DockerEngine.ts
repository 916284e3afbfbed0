import { requireComponent } from '@imglife/test-registry';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { RealProcess } from './RealProcess';
import { mustRun, runProgram } from './runProgram';

const START_MS = 40_000;

/** Debian's Docker engine with BuildKit, of its own and without a network. */
export class DockerEngine {
  /** as of `docker --host` */
  readonly host: string;
  readonly #process: RealProcess;

  /**
   * @param folder - holds all it keeps; its path must be short, for the socket
   * @throws Error - dockerd is not installed, or does not start
   */
  static async start(folder: string): Promise<DockerEngine> {
    const program = requireComponent('dockerd');
    await mkdir(folder, { recursive: true });
    const file = path.join(folder, 'daemon.json');
    await writeFile(
      file,
      JSON.stringify({
        'insecure-registries': ['127.0.0.0/8'],
        features: { buildkit: true },
      }),
    );
    const host = `unix://${folder}/d.sock`;
    const engine = RealProcess.start('dockerd', program, [
      ...['--config-file', file, '-H', host, '-p', path.join(folder, 'd.pid')],
      ...['--data-root', path.join(folder, 'data')],
      ...['--exec-root', path.join(folder, 'exec')],
      ...['--bridge=none', '--iptables=false', '--ip6tables=false'],
      ...['--ip-forward=false', '--ip-masq=false', '--userland-proxy=false'],
      ...['--storage-driver', 'vfs'],
    ]);
    await engine.untilUp(
      START_MS,
      async () =>
        (await runProgram('docker', ['--host', host, 'version'])).code === 0,
    );
    return new DockerEngine(host, engine);
  }

  private constructor(host: string, process: RealProcess) {
    this.host = host;
    this.#process = process;
  }

  /**
   * Builds with the builder of old, which names no base, and pushes.
   *
   * @param context - folder with a Dockerfile
   */
  async push(reference: string, context: string): Promise<void> {
    await this.#docker('build', '--pull', '--tag', reference, context);
    await this.#docker('push', reference);
  }

  /** Pushes the files of an image as one layer (`docker export | import`). */
  async flatten(from: string, to: string, file: string): Promise<void> {
    await this.#docker('pull', from);
    const container = await this.#docker('create', from, '/none');
    await this.#docker('export', '--output', file, container.trim());
    await this.#docker('import', file, to);
    await this.#docker('push', to);
  }

  async #docker(...args: string[]): Promise<string> {
    return mustRun('docker', ['--host', this.host, ...args], {
      env: { ...process.env, DOCKER_BUILDKIT: '0' },
    });
  }

  /** Images that are in it, as `repository:tag`. */
  async images(): Promise<string[]> {
    const { stdout } = await runProgram('docker', [
      ...['--host', this.host, 'image', 'ls'],
      ...['--format', '{{.Repository}}:{{.Tag}}'],
    ]);
    return stdout.split('\n').filter(Boolean);
  }

  /** Names of containers that are in it, running or not. */
  async containers(): Promise<string[]> {
    const { stdout } = await runProgram('docker', [
      ...['--host', this.host, 'ps', '--all', '--format', '{{.Names}}'],
    ]);
    return stdout.split('\n').filter(Boolean);
  }

  /** Stops it. */
  async stop(): Promise<void> {
    await this.#process.stop();
  }
}
