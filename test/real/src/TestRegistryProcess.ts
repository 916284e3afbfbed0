import path from 'node:path';
import { RealProcess } from './RealProcess';
import { nodeTransform, repository } from './sources';

const START_MS = 20_000;

/** test/registry as a process of its own, on disk. */
export class TestRegistryProcess {
  /** `host:port` */
  readonly host: string;
  readonly #process: RealProcess;

  /**
   * @param folder - holds its content; made when missing
   * @param options - of its command line, such as `--no-manifest-checks`
   */
  static async start(
    folder: string,
    ...options: string[]
  ): Promise<TestRegistryProcess> {
    const main = path.join(repository, 'test/registry/src/main.ts');
    const process_ = RealProcess.start('test/registry', process.execPath, [
      ...['--require', nodeTransform, main],
      ...['--port', '0', '--directory', folder, ...options],
    ]);
    const url = await process_.untilUp(
      START_MS,
      async () => /listening on (http:\S+)/.exec(process_.output)?.[1],
    );
    return new TestRegistryProcess(new URL(url).host, process_);
  }

  private constructor(host: string, started: RealProcess) {
    this.host = host;
    this.#process = started;
  }

  /** Stops it. */
  async stop(): Promise<void> {
    await this.#process.stop();
  }
}
