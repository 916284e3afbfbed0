import { requireComponent } from '@imglife/test-registry';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { freePort } from './freePort';
import { RealProcess } from './RealProcess';

const START_MS = 20_000;

/** Whether something takes connections; any answer would do, but not every registry gives one to everybody. */
function accepts(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    }).once('error', reject);
  });
}

/** What a docker-registry has beyond storage and a port. */
export interface DebianRegistryOptions {
  /** Sections of its configuration, such as `auth` or `proxy`. */
  config?: object;
  /** The section `http.tls`. */
  tls?: object;
}

/** Debian's docker-registry on a port of its own, on disk; plain HTTP unless it is given TLS. */
export class DebianRegistry {
  /** `host:port` */
  readonly host: string;
  readonly #process: RealProcess;

  /**
   * @param folder - holds its configuration and content; made when missing
   * @param options - by default everybody may do everything
   * @throws Error - docker-registry is not installed, or does not start
   */
  static async start(
    folder: string,
    options: DebianRegistryOptions = {},
  ): Promise<DebianRegistry> {
    const program = requireComponent('docker-registry');
    await mkdir(folder, { recursive: true });
    const port = await freePort();
    const host = `127.0.0.1:${port}`;
    const file = path.join(folder, 'config.yml');
    const config = {
      version: '0.1',
      log: { level: 'warn' },
      storage: {
        filesystem: { rootdirectory: path.join(folder, 'content') },
        delete: { enabled: true },
      },
      ...options.config,
      http: { addr: host, ...(options.tls && { tls: options.tls }) },
    };
    // YAML has JSON in it
    await writeFile(file, JSON.stringify(config));
    const process = RealProcess.start('docker-registry', program, [
      'serve',
      file,
    ]);
    await process.untilUp(START_MS, () => accepts(port));
    return new DebianRegistry(host, process);
  }

  private constructor(host: string, process: RealProcess) {
    this.host = host;
    this.#process = process;
  }

  /** Its process id, to measure it. */
  get pid(): number {
    return this.#process.pid;
  }

  /** Stops it. */
  async stop(): Promise<void> {
    await this.#process.stop();
  }
}
