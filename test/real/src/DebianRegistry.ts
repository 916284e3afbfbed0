import { requireComponent } from '@imglife/test-registry';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freePort } from './freePort';
import { RealProcess } from './RealProcess';

const START_MS = 20_000;

/** Debian's docker-registry on a port of its own, plain HTTP, on disk. */
export class DebianRegistry {
  /** `host:port` */
  readonly host: string;
  readonly #process: RealProcess;

  /**
   * @param folder - holds its configuration and content; made when missing
   * @throws Error - docker-registry is not installed, or does not start
   */
  static async start(folder: string): Promise<DebianRegistry> {
    const program = requireComponent('docker-registry');
    await mkdir(folder, { recursive: true });
    const host = `127.0.0.1:${await freePort()}`;
    const file = path.join(folder, 'config.yml');
    const config = {
      version: '0.1',
      log: { level: 'warn' },
      storage: {
        filesystem: { rootdirectory: path.join(folder, 'content') },
        delete: { enabled: true },
      },
      http: { addr: host },
    };
    // YAML has JSON in it
    await writeFile(file, JSON.stringify(config));
    const process = RealProcess.start('docker-registry', program, [
      'serve',
      file,
    ]);
    await process.untilUp(
      START_MS,
      async () => (await fetch(`http://${host}/v2/`)).ok,
    );
    return new DebianRegistry(host, process);
  }

  private constructor(host: string, process: RealProcess) {
    this.host = host;
    this.#process = process;
  }

  /** Stops it. */
  async stop(): Promise<void> {
    await this.#process.stop();
  }
}
