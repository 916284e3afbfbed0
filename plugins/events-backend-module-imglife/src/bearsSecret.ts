import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** Headers of a request, names in lower case. */
export type Headers = Record<string, string | string[] | undefined>;

/**
 * Whether a webhook proves that its sender knows one of the secrets.
 *
 * GitHub signs the body (`X-Hub-Signature-256`, HMAC-SHA-256 in hex); Harbor's
 * "Auth Header" and the `headers` of docker-registry's and GitLab's endpoints
 * send `Authorization`, plain or as `Bearer`; a URL with a password gives
 * `Basic`, for senders that have no header to set; GitLab's own webhooks send
 * `X-Gitlab-Token`.
 *
 * @param body - as it was received
 */
export function bearsSecret(
  headers: Headers,
  body: Buffer,
  secrets: readonly string[],
): boolean {
  const signature = headers['x-hub-signature-256'];
  return secrets.some(
    secret =>
      tokensOf(headers).some(token => equals(token, secret)) ||
      (typeof signature === 'string' && equals(signature, sign(secret, body))),
  );
}

function sign(secret: string, body: Buffer): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

/** All that may be a secret as it is. */
function tokensOf(headers: Headers): string[] {
  const tokens = [headers['x-gitlab-token'], headers.authorization].filter(
    value => typeof value === 'string',
  );
  const [, scheme, rest] =
    /^(bearer|basic) +(.*)$/i.exec(String(headers.authorization ?? '')) ?? [];
  if (scheme?.toLowerCase() === 'bearer') {
    tokens.push(rest);
  } else if (scheme) {
    const [, password] =
      /^[^:]*:(.*)$/s.exec(Buffer.from(rest, 'base64').toString('utf8')) ?? [];
    tokens.push(...(password === undefined ? [] : [password]));
  }
  return tokens;
}

/** Takes the same time wherever two texts differ, also in length. */
function equals(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
