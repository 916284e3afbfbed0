import {
  osImage,
  productImage,
  ProductRow,
  UpstreamImage,
} from './UpstreamImage';

/** Alpine by cycle: `[version, day, more tags]`. */
const ALPINE: [string, string, ...string[]][] = [
  ['3.19.8', '2025-07-15'],
  ['3.19.9', '2025-10-08'],
  ['3.20.9', '2026-01-28'],
  ['3.20.10', '2026-04-15'],
  ['3.21.3', '2025-02-13'],
  ['3.21.6', '2026-01-28'],
  ['3.21.7', '2026-04-15'],
  ['3.22.4', '2026-04-15'],
  ['3.22.5', '2026-06-21'],
  ['3.23.4', '2026-04-15'],
  ['3.23.5', '2026-06-21'],
  ['3.24.0', '2026-06-09'],
  ['3.24.1', '2026-06-13', '3.24', 'latest'],
];

/** Debian: `[point release, day, tags]`. */
const DEBIAN: [string, string, ...string[]][] = [
  ['11.11', '2024-09-04', '11.11', 'bullseye'],
  ['12.9', '2025-02-24', '12.9-slim', 'bookworm-20250224-slim'],
  ['12.14', '2026-05-20', '12.14', 'bookworm-20260518'],
  ['12.15', '2026-07-14', '12.15', 'bookworm-20260713', 'bookworm'],
  ['13.5', '2026-05-20', '13.5', 'trixie-20260518'],
  ['13.6', '2026-07-14', '13.6', 'trixie-20260713', 'trixie'],
];

const GO: ProductRow[] = [
  ['1.22.12', '-alpine3.21', 'alpine 3.21.3', '2025-02-14'],
  ['1.22.12', '-bookworm', 'debian 12.9', '2025-02-25'],
  ['1.23.12', '-alpine3.22', 'alpine 3.22.4', '2025-08-07'],
  ['1.23.12', '-bookworm', 'debian 12.9', '2025-08-07'],
  ['1.24.13', '-alpine3.22', 'alpine 3.22.4', '2026-02-05'],
  ['1.24.13', '-alpine3.23', 'alpine 3.23.4', '2026-02-05'],
  ['1.24.13', '-bookworm', 'debian 12.14', '2026-02-05'],
  ['1.25.14', '-alpine3.23', 'alpine 3.23.5', '2026-08-20'],
  ['1.25.14', '-alpine3.24', 'alpine 3.24.1', '2026-08-20'],
  ['1.25.14', '-bookworm', 'debian 12.15', '2026-08-20'],
  ['1.26.6', '-alpine3.24', 'alpine 3.24.1', '2026-07-09'],
  ['1.26.7', '-alpine3.23', 'alpine 3.23.5', '2026-08-20'],
  ['1.26.7', '-alpine3.24', 'alpine 3.24.1', '2026-08-20'],
  ['1.26.7', '-bookworm', 'debian 12.15', '2026-08-20'],
].map(([version, tag, os, date]) => ({
  name: 'golang',
  version,
  tags: [tag],
  os,
  date,
}));

const NODE: ProductRow[] = [
  ['20.20.1', '-alpine', 'alpine 3.23.4', '2026-03-06'],
  ['20.20.2', '-alpine', 'alpine 3.23.4', '2026-03-25'],
  ['20.20.2', '-bookworm-slim', 'debian 12.14', '2026-03-25'],
  ['22.23.1', '-alpine', 'alpine 3.24.1', '2026-07-01'],
  ['22.23.2', '-alpine', 'alpine 3.24.1', '2026-07-30'],
  ['22.23.2', '-bookworm-slim', 'debian 12.15', '2026-07-30'],
  ['24.18.0', '-alpine', 'alpine 3.24.1', '2026-07-02'],
  ['24.19.0', '-alpine', 'alpine 3.24.1', '2026-08-04'],
  ['24.19.0', '-bookworm-slim', 'debian 12.15', '2026-08-04'],
].map(([version, tag, os, date]) => ({
  name: 'node',
  version,
  tags: [tag],
  os,
  date,
}));

const PYTHON: ProductRow[] = [
  ['3.10.21', '-slim', '-slim-trixie', 'debian 13.6', '2026-08-14'],
  ['3.11.16', '-slim', '-slim-trixie', 'debian 13.6', '2026-08-14'],
  ['3.12.14', '-slim', '-slim-trixie', 'debian 13.6', '2026-08-13'],
  ['3.13.14', '-slim', '-slim-trixie', 'debian 13.5', '2026-06-11'],
  ['3.13.15', '-slim', '-slim-trixie', 'debian 13.6', '2026-08-06'],
  ['3.14.6', '-slim', '-slim-trixie', 'debian 13.5', '2026-06-11'],
  ['3.14.7', '-slim', '-slim-trixie', 'debian 13.6', '2026-08-06'],
].map(([version, short, long, os, date]) => ({
  name: 'python',
  version,
  tags: [short, long],
  os,
  date,
}));

const SERVERS: ProductRow[] = [
  ['nginx', '1.28.3', '-alpine', 'alpine 3.23.4', '2026-03-25'],
  ['nginx', '1.30.3', '-alpine', 'alpine 3.24.0', '2026-06-18'],
  ['nginx', '1.30.4', '-alpine', 'alpine 3.24.1', '2026-07-16'],
  ['nginx', '1.30.4', '1.30.4', 'debian 13.6', '2026-07-16'],
  ['nginx', '1.31.4', '-alpine', 'alpine 3.24.1', '2026-08-20'],
  ['postgres', '14.24', '-alpine', 'alpine 3.24.1', '2026-08-13'],
  ['postgres', '16.15', '-alpine', 'alpine 3.24.1', '2026-08-13'],
  ['postgres', '17.11', '-alpine', 'alpine 3.24.1', '2026-08-13'],
  ['postgres', '18.6', '-alpine', 'alpine 3.24.1', '2026-08-13'],
  ['postgres', '18.6', '18.6', 'debian 13.6', '2026-08-13'],
  ['redis', '7.4.11', '-alpine', 'alpine 3.24.1', '2026-08-18'],
  ['redis', '8.0.6', '-alpine', 'alpine 3.23.4', '2026-02-23'],
  ['redis', '8.2.9', '-alpine', 'alpine 3.24.1', '2026-08-18'],
  ['redis', '8.10.1', '-alpine', 'alpine 3.24.1', '2026-08-18'],
].map(([name, version, tag, os, date]) => ({
  name,
  version,
  tags: [tag],
  os,
  date,
}));

/** Temurin writes `21.0.11+10` as the tag `21.0.11_10`. */
const TEMURIN: ProductRow[] = [
  ['21.0.10+7', '21.0.10_7-jre-alpine', 'alpine 3.23.4', '2026-01-28'],
  ['21.0.11+10', '21.0.11_10-jre-alpine', 'alpine 3.24.1', '2026-06-15'],
  ['25.0.2+10', '25.0.2_10-jre', 'debian 13.5', '2026-01-28'],
  ['25.0.3+9', '25.0.3_9-jre', 'debian 13.6', '2026-07-15'],
  ['25.0.4.1+1', '25.0.4.1_1-jre', 'debian 13.6', '2026-08-20'],
].map(([version, tag, os, date]) => ({
  name: 'eclipse-temurin',
  version,
  tags: [tag],
  os,
  date,
}));

/**
 * What the demo's upstream registry has: real names and version numbers as of
 * August 2026. On 23 November 2026 some cycles are past their end of life
 * (Alpine 3.19 to 3.21, Debian 11 and 12, Go 1.22 to 1.25, Node 20, Python
 * 3.10, PostgreSQL 14), Redis 8.0 ends within 30 days, and the rest is fine.
 */
export const upstreamImages: UpstreamImage[] = [
  ...ALPINE.map(([version, date, ...more]) =>
    osImage(`alpine ${version}`, [version, ...more], date),
  ),
  ...DEBIAN.map(([release, date, ...tags]) =>
    osImage(`debian ${release}`, tags, date),
  ),
  ...[...GO, ...NODE, ...PYTHON, ...SERVERS, ...TEMURIN].map(productImage),
];
