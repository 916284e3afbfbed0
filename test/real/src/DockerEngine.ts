import { requireComponent } from '@imglife/test-registry';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { RealProcess } from './RealProcess';
import { runProgram } from './runProgram';

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

  /** Images that are in it, as `repository:tag`. */
  async images(): Promise<string[]> {
    const { stdout } = await runProgram('docker', [
      ...['--host', this.host, 'image', 'ls'],
      ...['--format', '{{.Repository}}:{{.Tag}}'],
    ]);
    return stdout.split('\n').filter(Boolean);
  }

  /** Stops it. */
  async stop(): Promise<void> {
    await this.#process.stop();
  }
}
