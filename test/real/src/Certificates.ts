import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { mustRun } from './runProgram';

/** Files of an authority, a server's certificate for 127.0.0.1 and a client's; all PEM. */
export class Certificates {
  readonly #folder: string;

  /** Makes them with openssl, in a folder that exists. */
  static async create(folder: string): Promise<Certificates> {
    const made = new Certificates(folder);
    await mustRun('openssl', [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2'],
      ...['-subj', '/CN=imglife test authority'],
      ...['-keyout', made.file('ca.key'), '-out', made.file('ca.crt')],
    ]);
    await made.#sign('server', 'subjectAltName=IP:127.0.0.1');
    await made.#sign('client', 'extendedKeyUsage=clientAuth');
    return made;
  }

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Absolute path of `ca`, `server` or `client`, `.crt` or `.key`. */
  file(name: string): string {
    return path.join(this.#folder, name);
  }

  /** Text of one of the files. */
  async read(name: string): Promise<string> {
    return readFile(this.file(name), 'utf8');
  }

  /** A folder as skopeo and docker want it: `ca.crt`, `client.cert`, `client.key`. */
  async folderOfClient(): Promise<string> {
    const folder = this.file('skopeo');
    await mkdir(folder, { recursive: true });
    for (const [from, to] of [
      ['ca.crt', 'ca.crt'],
      ['client.crt', 'client.cert'],
      ['client.key', 'client.key'],
    ]) {
      await copyFile(this.file(from), path.join(folder, to));
    }
    return folder;
  }

  async #sign(name: string, extension: string): Promise<void> {
    await writeFile(this.file(`${name}.ext`), `${extension}\n`);
    await mustRun('openssl', [
      ...['req', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${name}`],
      ...['-keyout', this.file(`${name}.key`)],
      ...['-out', this.file(`${name}.csr`)],
    ]);
    await mustRun('openssl', [
      ...['x509', '-req', '-days', '2', '-in', this.file(`${name}.csr`)],
      ...['-CA', this.file('ca.crt'), '-CAkey', this.file('ca.key')],
      ...['-CAcreateserial', '-extfile', this.file(`${name}.ext`)],
      ...['-out', this.file(`${name}.crt`)],
    ]);
  }
}
