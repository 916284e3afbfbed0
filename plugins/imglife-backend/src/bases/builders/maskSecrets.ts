const SHORTEST = 4;

/**
 * Replaces secrets in a text, also where they stand in base64 or in a URL.
 * Those under four characters are left: they would blot out half the text.
 */
export function maskSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .flatMap(secret => [secret, ...secret.split('\n')])
    .map(secret => secret.trim())
    .filter(secret => secret.length >= SHORTEST)
    .flatMap(secret => [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64'),
    ])
    .sort((a, b) => b.length - a.length)
    .reduce((masked, secret) => masked.replaceAll(secret, '***'), text);
}
