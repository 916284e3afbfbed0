import { DistributionError } from './DistributionError';
import type { RequestLine } from './exchange';
import type { RegistryCapabilities } from './RegistryCapabilities';

/**
 * Counts GETs of manifests as Docker Hub does (docs.docker.com, "Docker Hub
 * pull usage and limits"): HEADs are free, and every answer about a manifest
 * says what is left. The window is a fixed one from the first GET.
 */
export class PullQuota {
  private readonly capabilities: RegistryCapabilities;
  private readonly now: () => Date;
  private used = 0;
  private since = 0;

  private constructor(capabilities: RegistryCapabilities, now: () => Date) {
    this.capabilities = capabilities;
    this.now = now;
  }

  /** A quota nothing is used of. */
  static create(
    capabilities: RegistryCapabilities,
    now: () => Date,
  ): PullQuota {
    return new PullQuota(capabilities, now);
  }

  /**
   * Counts a request and gives the headers that its answer has.
   *
   * @throws DistributionError 429 TOOMANYREQUESTS
   */
  take({ method, path }: RequestLine): Record<string, string> {
    const { pullQuota } = this.capabilities;
    if (!pullQuota || !path.includes('/manifests/')) {
      return {};
    }
    const { limit, seconds } = pullQuota;
    const now = this.now().getTime();
    if (now - this.since >= seconds * 1000) {
      this.used = 0;
      this.since = now;
    }
    const counted = method === 'GET';
    const refused = counted && this.used >= limit;
    this.used += counted && !refused ? 1 : 0;
    const headers = {
      'ratelimit-limit': `${limit};w=${seconds}`,
      'ratelimit-remaining': `${limit - this.used};w=${seconds}`,
      'docker-ratelimit-source': '127.0.0.1',
    };
    if (refused) {
      throw new DistributionError(
        429,
        'TOOMANYREQUESTS',
        'You have reached your unauthenticated pull rate limit',
        { headers },
      );
    }
    return headers;
  }
}
