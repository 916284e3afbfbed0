import type { RepositoryName } from '../definitions/Definitions';

/** What is known of a product, beside its cycles. */
export interface KnownProduct {
  name: string;
  aliases: readonly string[];
  /** package URLs (`pkg:docker/…`, `pkg:oci/…`), endoflife.date `identifiers[]` */
  purls: readonly string[];
}

// Official images whose products have no package URL, or none of their own.
const wellKnown: ReadonlyMap<string, string> = new Map([
  ['docker.io/library/almalinux', 'almalinux'],
  ['docker.io/library/alpine', 'alpine-linux'],
  ['docker.io/library/amazoncorretto', 'amazon-corretto'],
  ['docker.io/library/amazonlinux', 'amazon-linux'],
  ['docker.io/library/debian', 'debian'],
  ['docker.io/library/eclipse-temurin', 'eclipse-temurin'],
  ['docker.io/library/elasticsearch', 'elasticsearch'],
  ['docker.io/library/fedora', 'fedora'],
  ['docker.io/library/golang', 'go'],
  ['docker.io/library/gradle', 'gradle'],
  ['docker.io/library/haproxy', 'haproxy'],
  ['docker.io/library/httpd', 'apache-http-server'],
  ['docker.io/library/mariadb', 'mariadb'],
  ['docker.io/library/mongo', 'mongodb'],
  ['docker.io/library/mysql', 'mysql'],
  ['docker.io/library/nginx', 'nginx'],
  ['docker.io/library/node', 'nodejs'],
  ['docker.io/library/oraclelinux', 'oracle-linux'],
  ['docker.io/library/php', 'php'],
  ['docker.io/library/postgres', 'postgresql'],
  ['docker.io/library/python', 'python'],
  ['docker.io/library/rabbitmq', 'rabbitmq'],
  ['docker.io/library/redis', 'redis'],
  ['docker.io/library/rockylinux', 'rocky-linux'],
  ['docker.io/library/ruby', 'ruby'],
  ['docker.io/library/rust', 'rust'],
  ['docker.io/library/tomcat', 'tomcat'],
  ['docker.io/library/traefik', 'traefik'],
  ['docker.io/library/ubuntu', 'ubuntu'],
  ['docker.io/grafana/grafana', 'grafana'],
  ['docker.io/prom/prometheus', 'prometheus'],
  ['quay.io/keycloak/keycloak', 'keycloak'],
]);

/**
 * The repositories (`host/path`) a package URL stands for; empty when it is of
 * no image. `repository_url` is found both with and without the name at its
 * end (purl-spec, types docker and oci).
 */
export function repositoriesOfPurl(purl: string): string[] {
  const [path, query = ''] = purl.split('#', 1)[0].split('?', 2);
  const match = /^pkg:(docker|oci)\/([^@]+)/.exec(path);
  if (!match) {
    return [];
  }
  const url = new URLSearchParams(query).get('repository_url');
  const name = match[2];
  if (!url) {
    return match[1] === 'docker' ? [`docker.io/${name}`] : [];
  }
  const root = url.replace(/^https?:\/\//, '').replace(/\/+$/, '');
  return root.endsWith(`/${name}`) ? [root] : [`${root}/${name}`];
}

/**
 * The product of an image: the configured one, else the one with a package URL
 * of the repository, else what a short table of well-known repositories says.
 *
 * @param products - all that are known
 * @param upstream - where the image comes from
 * @param configured - name or alias, the mirror's `lifecycle.product`
 */
export function productOf(
  products: readonly KnownProduct[],
  upstream: RepositoryName,
  configured?: string,
): string | undefined {
  if (configured !== undefined) {
    const product =
      products.find(({ name }) => name === configured) ??
      products.find(({ aliases }) => aliases.includes(configured));
    return product?.name ?? configured;
  }
  const repository = `${upstream.registry}/${upstream.repository}`;
  const named = products.find(({ purls }) =>
    purls.some(purl => repositoriesOfPurl(purl).includes(repository)),
  );
  return named?.name ?? wellKnown.get(repository);
}
