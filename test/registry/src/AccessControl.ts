import { randomBytes } from 'node:crypto';
import { text as textOf } from 'node:stream/consumers';
import { DistributionError } from './DistributionError';
import { Exchange, methodNotAllowed, sendJson } from './exchange';

const SERVICE = 'imglife-test-registry';

/** Who may come in, and how. */
export interface AccessOptions {
  auth?: { username: string; password: string };
  tokenAuth: boolean;
  /** Life of a token in milliseconds; told in seconds, rounded up. */
  tokenLifetime: number;
  /** Where clients reach this registry, such as `http://127.0.0.1:5000`. */
  url: string;
  now: () => Date;
}

/** What a request wants: a repository's `pull`, `push` or `delete`, or nothing in particular. */
export interface WantedAccess {
  repository?: string;
  action?: string;
}

interface Grant {
  expires: number;
  /** Granted actions by resource, such as `repository:apps/shop`. */
  actions: Map<string, string[]>;
}

/** Reads `repository:NAME:ACTIONS` scopes; several may stand in one text, parted by spaces. */
function parseScopes(scopes: string[]): Map<string, string[]> {
  const actions = new Map<string, string[]>();
  for (const scope of scopes.flatMap(text => text.split(' '))) {
    const match = /^([^:]+:.+):([^:]+)$/.exec(scope);
    if (match) {
      const known = actions.get(match[1]) ?? [];
      actions.set(match[1], [...known, ...match[2].split(',')]);
    }
  }
  return actions;
}

function allows(grant: Grant, { repository, action }: WantedAccess): boolean {
  if (!repository || !action) {
    return true;
  }
  const granted = grant.actions.get(`repository:${repository}`) ?? [];
  return granted.includes('*') || granted.includes(action);
}

/**
 * Basic authentication (RFC 7617), or the bearer flow of the distribution
 * project ("Token Authentication Specification") with its own `/token`
 * endpoint, whose tokens are bound to the scopes they were asked for.
 */
export class AccessControl {
  private readonly options: AccessOptions;
  private readonly grants = new Map<string, Grant>();
  private readonly refreshTokens = new Set<string>();

  private constructor(options: AccessOptions) {
    this.options = options;
  }

  /** Access control with no token given out yet. */
  static create(options: AccessOptions): AccessControl {
    return new AccessControl(options);
  }

  /**
   * Lets a request in, or refuses it.
   *
   * @returns which repositories the same request may pull from, for mounts
   * @throws DistributionError 401 UNAUTHORIZED with the challenge
   */
  admit(
    exchange: Pick<Exchange, 'request'>,
    wanted: WantedAccess,
  ): (repository: string) => boolean {
    const { auth, tokenAuth } = this.options;
    if (!tokenAuth) {
      if (auth && !this.knowsBasic(exchange)) {
        throw this.refusal('Basic realm="test registry"');
      }
      return () => true;
    }
    const grant = this.grantOf(exchange);
    if (!grant || !allows(grant, wanted)) {
      throw this.refusal(this.bearerChallenge(wanted, grant !== undefined));
    }
    return repository => allows(grant, { repository, action: 'pull' });
  }

  /** From now on no token given out so far is good; refresh tokens stay. */
  expireTokens(): void {
    this.grants.clear();
  }

  /**
   * GET `/token?service=…&scope=…`: a token for the scopes asked for, and with
   * `offline_token=true` a refresh token. POST is the OAuth2 form, by
   * `grant_type=password` or `refresh_token` (distribution, "OAuth2 Token
   * Authentication").
   */
  async sendToken(exchange: Exchange): Promise<void> {
    const asked =
      exchange.method === 'POST'
        ? new URLSearchParams(await textOf(exchange.body))
        : exchange.query;
    if (!['GET', 'POST'].includes(exchange.method)) {
      throw methodNotAllowed(exchange);
    }
    if (this.options.auth && !this.mayHaveToken(exchange, asked)) {
      throw this.refusal('Basic realm="test registry"');
    }
    const { tokenLifetime } = this.options;
    const token = randomBytes(24).toString('base64url');
    const now = this.options.now();
    this.grants.set(token, {
      expires: now.getTime() + tokenLifetime,
      actions: parseScopes(asked.getAll('scope')),
    });
    const offline =
      asked.get('offline_token') === 'true' ||
      asked.get('access_type') === 'offline';
    await sendJson(exchange, 200, {
      token,
      access_token: token,
      expires_in: Math.ceil(tokenLifetime / 1000),
      issued_at: now.toISOString(),
      ...(offline && { refresh_token: this.newRefreshToken() }),
    });
  }

  private newRefreshToken(): string {
    const token = randomBytes(24).toString('base64url');
    this.refreshTokens.add(token);
    return token;
  }

  private mayHaveToken(exchange: Exchange, asked: URLSearchParams): boolean {
    const { auth } = this.options;
    switch (exchange.method === 'POST' && asked.get('grant_type')) {
      case 'refresh_token':
        return this.refreshTokens.has(asked.get('refresh_token') ?? '');
      case 'password':
        return (
          asked.get('username') === auth?.username &&
          asked.get('password') === auth?.password
        );
      default:
        return this.knowsBasic(exchange);
    }
  }

  private knowsBasic({ request }: Pick<Exchange, 'request'>): boolean {
    const { auth } = this.options;
    const expected = Buffer.from(`${auth?.username}:${auth?.password}`);
    const match = /^basic (.+)$/i.exec(request.headers.authorization ?? '');
    return match?.[1] === expected.toString('base64');
  }

  private grantOf({ request }: Pick<Exchange, 'request'>): Grant | undefined {
    const match = /^bearer (.+)$/i.exec(request.headers.authorization ?? '');
    const grant = this.grants.get(match?.[1] ?? '');
    return grant && grant.expires > this.options.now().getTime()
      ? grant
      : undefined;
  }

  private bearerChallenge(
    { repository, action }: WantedAccess,
    known: boolean,
  ): string {
    const actions = action === 'push' ? 'pull,push' : action;
    return [
      `Bearer realm="${this.options.url}/token"`,
      `service="${SERVICE}"`,
      ...(repository ? [`scope="repository:${repository}:${actions}"`] : []),
      ...(known ? ['error="insufficient_scope"'] : []),
    ].join(',');
  }

  private refusal(challenge: string): DistributionError {
    return new DistributionError(
      401,
      'UNAUTHORIZED',
      'authentication required',
      { headers: { 'www-authenticate': challenge } },
    );
  }
}
