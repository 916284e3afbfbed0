/** A user with a password, an OAuth2 refresh token, or a bearer token that is sent as it is. */
export type Credentials =
  | { username: string; password: string }
  | { identityToken: string }
  | { token: string };

/** Where the credentials of one registry come from. */
export interface CredentialSource {
  /**
   * The credentials, or undefined for nobody. Throws RegistryError when they
   * should be there and cannot be read.
   */
  get(): Promise<Credentials | undefined>;
  /** They were refused: `get` looks for them anew. */
  forget(): void;
}

/** Credentials that stay as they are. */
export function fixedCredentials(
  credentials: Credentials | undefined,
): CredentialSource {
  return { get: async () => credentials, forget: () => {} };
}
