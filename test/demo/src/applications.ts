/** Which row of the portal's bases (or mirrors) an application is built on. */
export interface ImageRule {
  /** Name of a base, or last path segment of a mirror. */
  name: string;
  tier: 'bases' | 'mirrors';
  /** Only rows of this cycle. */
  cycle?: string;
  /** By version, of the rows that are left. */
  pick: 'newest' | 'oldest';
}

/** An application that the demo's CI builds and registers. */
export interface DemoApplication {
  /** Name of its component and of its repository below `apps/`. */
  name: string;
  team: 'payments' | 'platform' | 'search' | 'web';
  version: string;
  /** What it is built on; undefined is FROM scratch. */
  on?: ImageRule;
  /** Whether its builder writes the base annotations (image-spec annotations.md). */
  annotated: boolean;
  /** Whether its pipeline names the base when it registers. */
  declared?: boolean;
}

/** A dozen applications: current, outdated, past or near end of life, on a mirror, and on nothing. */
export const applications: DemoApplication[] = [
  {
    name: 'checkout-api',
    team: 'payments',
    version: '4.2.0',
    on: { tier: 'bases', name: 'node', pick: 'newest' },
    annotated: true,
  },
  {
    name: 'ledger',
    team: 'payments',
    version: '2.9.1',
    on: { tier: 'bases', name: 'alpine', cycle: '3.21', pick: 'newest' },
    annotated: false,
  },
  {
    name: 'fraud-scoring',
    team: 'payments',
    version: '1.14.3',
    on: { tier: 'bases', name: 'python', pick: 'oldest' },
    annotated: true,
  },
  {
    name: 'search-indexer',
    team: 'search',
    version: '7.0.2',
    on: { tier: 'bases', name: 'golang', pick: 'newest' },
    annotated: false,
    declared: true,
  },
  {
    name: 'query-gateway',
    team: 'search',
    version: '3.3.0',
    on: { tier: 'bases', name: 'redis', cycle: '8.0', pick: 'newest' },
    annotated: false,
  },
  {
    name: 'synonyms',
    team: 'search',
    version: '0.8.5',
    on: { tier: 'bases', name: 'alpine', pick: 'oldest' },
    annotated: true,
  },
  {
    name: 'artifact-proxy',
    team: 'platform',
    version: '1.2.0',
    on: { tier: 'bases', name: 'debian', pick: 'newest' },
    annotated: true,
  },
  {
    name: 'cron-runner',
    team: 'platform',
    version: '5.1.4',
    on: { tier: 'bases', name: 'debian', pick: 'oldest' },
    annotated: false,
  },
  {
    name: 'log-shipper',
    team: 'platform',
    version: '2.0.0',
    annotated: true,
  },
  {
    name: 'storefront',
    team: 'web',
    version: '12.6.0',
    on: { tier: 'bases', name: 'node', pick: 'oldest' },
    annotated: true,
  },
  {
    name: 'image-resizer',
    team: 'web',
    version: '1.7.2',
    on: { tier: 'mirrors', name: 'alpine', pick: 'newest' },
    annotated: false,
  },
  {
    name: 'newsletter',
    team: 'web',
    version: '3.0.1',
    on: { tier: 'bases', name: 'alpine', cycle: '3.23', pick: 'oldest' },
    annotated: false,
  },
];
