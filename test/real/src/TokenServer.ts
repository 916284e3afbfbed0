import { createSign, randomUUID, X509Certificate } from 'node:crypto';
import { createServer, IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const SERVICE = 'imglife-real-registry';
const ISSUER = 'imglife-real-tokens';
const LIFETIME_SECONDS = 60;

/** Who may have tokens, and what signs them. */
export interface TokenServerOptions {
  username: string;
  password: string;
  /** PEM */
  key: string;
  /** PEM; goes into every token as `x5c` */
  certificate: string;
}

/**
 * A token server as docker-registry wants one: JSON web tokens signed with
 * RS256 and the claim `access` (distribution docs, spec/auth/jwt.md).
 */
export class TokenServer {
  /** How many tokens it has given out. */
  given = 0;
  readonly #options: TokenServerOptions;
  readonly #server: Server;

  /** Starts on any free port. */
  static async start(options: TokenServerOptions): Promise<TokenServer> {
    const started = new TokenServer(options);
    await new Promise<void>(resolve => {
      started.#server.listen(0, '127.0.0.1', resolve);
    });
    return started;
  }

  private constructor(options: TokenServerOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      const token = this.#answer(request);
      response.writeHead(token ? 200 : 401, {
        'content-type': 'application/json',
      });
      response.end(JSON.stringify(token ?? { errors: [] }));
    });
  }

  /** The section `auth.token` of the registry, whose authority file is given. */
  registryAuth(rootcertbundle: string) {
    const { port } = this.#server.address() as AddressInfo;
    return {
      realm: `http://127.0.0.1:${port}/token`,
      service: SERVICE,
      issuer: ISSUER,
      rootcertbundle,
    };
  }

  /** Closes the port and every open connection. */
  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(resolve => {
      this.#server.close(resolve);
    });
  }

  #answer({ headers, url = '' }: IncomingMessage) {
    const { username, password } = this.#options;
    const basic = Buffer.from(`${username}:${password}`).toString('base64');
    const { searchParams } = new URL(url, 'http://token');
    if (
      headers.authorization !== `Basic ${basic}` ||
      searchParams.get('service') !== SERVICE
    ) {
      return undefined;
    }
    const access = searchParams
      .getAll('scope')
      .flatMap(scopes => scopes.split(' '))
      .map(scope => scope.split(':'))
      .map(parts => ({
        type: parts[0],
        name: parts.slice(1, -1).join(':'),
        actions: parts[parts.length - 1].split(','),
      }));
    this.given += 1;
    return { token: this.#sign(access), expires_in: LIFETIME_SECONDS };
  }

  #sign(access: object[]): string {
    const { key, certificate, username } = this.#options;
    const { raw } = new X509Certificate(certificate);
    const now = Math.floor(Date.now() / 1000);
    const parts = [
      { typ: 'JWT', alg: 'RS256', x5c: [raw.toString('base64')] },
      {
        iss: ISSUER,
        aud: SERVICE,
        sub: username,
        iat: now,
        nbf: now - 5,
        exp: now + LIFETIME_SECONDS,
        jti: randomUUID(),
        access,
      },
    ].map(part => Buffer.from(JSON.stringify(part)).toString('base64url'));
    const signed = createSign('RSA-SHA256').update(parts.join('.')).sign(key);
    return [...parts, signed.toString('base64url')].join('.');
  }
}
