import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate with its key, in PEM. */
export interface KeyPair {
  cert: string;
  key: string;
}

/** An authority, and what it has signed. */
export interface Certificates {
  /** PEM of the authority's certificate. */
  ca: string;
  server: KeyPair;
  client: KeyPair;
}

/**
 * Makes an authority with a server and a client certificate, by openssl.
 *
 * @param names - of the server, such as `IP:127.0.0.1` and `DNS:registry.test`.
 */
export function makeCertificates(names: string[]): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'imglife-certificates-'));
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  const read = (file: string) => readFileSync(join(folder, file), 'utf8');
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  const request = (name: string, ...more: string[]) =>
    openssl(
      ...['req', ...newKey, '-nodes', '-keyout', `${name}.key`],
      ...['-subj', `/CN=imglife test ${name}`, ...more],
    );
  const sign = (name: string, extensions: string): KeyPair => {
    request(name, '-out', `${name}.csr`);
    writeFileSync(join(folder, `${name}.ext`), extensions);
    openssl(
      ...['x509', '-req', '-in', `${name}.csr`, '-days', '2'],
      ...['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial'],
      ...['-extfile', `${name}.ext`, '-out', `${name}.crt`],
    );
    return { cert: read(`${name}.crt`), key: read(`${name}.key`) };
  };
  try {
    request('ca', '-x509', '-days', '2', '-out', 'ca.crt');
    return {
      ca: read('ca.crt'),
      server: sign('server', `subjectAltName=${names.join(',')}\n`),
      client: sign('client', 'extendedKeyUsage=clientAuth\n'),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
