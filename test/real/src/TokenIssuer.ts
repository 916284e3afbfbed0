import {
  createSign,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
} from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const KEY_ID = 'key-1';
const LIFE_S = 300;

/** Who a token is for and how it is odd, where it is. */
export interface TokenClaims {
  sub: string;
  /** default `imglife` */
  aud?: string;
  /** default this issuer */
  iss?: string;
  /** seconds from now; default 300 */
  lifeS?: number;
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** Signs tokens for jobs as GitHub and GitLab do, and publishes its keys. */
export class TokenIssuer {
  readonly url: string;
  readonly #server: Server;
  readonly #key: KeyObject;

  static async start(): Promise<TokenIssuer> {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
    });
    const jwk = publicKey.export({ format: 'jwk' });
    const keys = [{ ...jwk, kid: KEY_ID, alg: 'RS256', use: 'sig' }];
    const server = createServer((_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ keys }));
    });
    await new Promise<void>(resolve => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return new TokenIssuer(server, privateKey);
  }

  private constructor(server: Server, key: KeyObject) {
    this.#server = server;
    this.#key = key;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** An entry of `backend.auth.externalAccess` that trusts this issuer. */
  access(subjectPrefix: string): object {
    return {
      type: 'jwks',
      options: {
        url: `${this.url}/.well-known/jwks`,
        issuer: this.url,
        audience: 'imglife',
        algorithm: 'RS256',
        subjectPrefix,
      },
      accessRestrictions: [
        {
          plugin: 'imglife',
          permission: 'imglife.registration.create, imglife.image.read',
        },
      ],
    };
  }

  /** A token of a job, signed with RS256 (RFC 7515). */
  sign(claims: TokenClaims): string {
    const { sub, aud = 'imglife', iss = this.url, lifeS = LIFE_S } = claims;
    const now = Math.floor(Date.now() / 1000);
    const content = [
      encoded({ alg: 'RS256', typ: 'JWT', kid: KEY_ID }),
      encoded({ iss, aud, sub, iat: now, exp: now + lifeS, jti: randomUUID() }),
    ].join('.');
    const signature = createSign('RSA-SHA256').update(content).sign(this.#key);
    return `${content}.${signature.toString('base64url')}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(resolve => {
      this.#server.close(resolve);
    });
  }
}
