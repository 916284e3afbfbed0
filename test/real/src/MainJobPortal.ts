import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

// End of life by a file of our own, so that the test does not age.
const PRODUCT = {
  name: 'real-linux',
  releases: [{ name: '1.36', eolFrom: '2099-01-01' }],
};
const ENTITIES = `
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: { name: payments }
spec: { type: team, children: [] }
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: { name: shop }
spec: { type: service, lifecycle: production, owner: payments }
`;
const TEMPLATE = `FROM {{ mirror.reference }}
COPY organisation.pem /etc/ssl/organisation.pem
ENV ORGANISATION_CORE_VERSION={{ coreVersion }}
LABEL com.example.vendor="Real organisation"
`;

/** What the platform team of the main job declares: one mirror, one base. */
export class MainJobPortal {
  readonly #folder: string;
  readonly #upstream: string;
  readonly #home: string;

  /**
   * Writes template, entities and end-of-life dates into a folder.
   *
   * @param options - `upstream`, `home`: hosts of the two registries
   */
  static async create(options: {
    folder: string;
    upstream: string;
    home: string;
  }): Promise<MainJobPortal> {
    const { folder } = options;
    await mkdir(path.join(folder, 'images'));
    for (const [file, text] of [
      ['entities.yaml', ENTITIES],
      ['lifecycle.json', JSON.stringify(PRODUCT)],
      ['images/Dockerfile.tmpl', TEMPLATE],
      ['images/organisation.pem', 'no certificate\n'],
    ]) {
      await writeFile(path.join(folder, file), text);
    }
    return new MainJobPortal(folder, options.upstream, options.home);
  }

  private constructor(folder: string, upstream: string, home: string) {
    this.#folder = folder;
    this.#upstream = upstream;
    this.#home = home;
  }

  /** The block `imglife` of the configuration, and the file of entities. */
  configure(options: { coreVersion: string; policy: object }): {
    imglife: object;
    entities: string;
  } {
    const { coreVersion, policy } = options;
    const file = (name: string) => path.join(this.#folder, name);
    return {
      entities: file('entities.yaml'),
      imglife: {
        registries: [
          { host: this.#upstream, insecure: true },
          { host: this.#home, insecure: true },
        ],
        tiers: {
          mirrors: `${this.#home}/mirrors`,
          bases: `${this.#home}/bases`,
          applications: [`${this.#home}/apps`],
        },
        lifecycle: { overridesFile: file('lifecycle.json') },
        policy,
        // The catalog reads its entities while the portal is already at work
        applications: { mapping: { schedule: { frequency: { seconds: 5 } } } },
        mirrors: {
          entries: [
            {
              source: `${this.#upstream}/library/busybox`,
              tags: { regex: '\\d+\\.\\d+\\.\\d+' },
              lifecycle: { product: PRODUCT.name },
            },
          ],
        },
        bases: {
          coreVersion,
          owner: 'group:default/payments',
          entries: [
            {
              name: 'busybox',
              from: { mirror: 'busybox', track: 'latest-per-cycle' },
              context: file('images'),
              template: 'Dockerfile.tmpl',
            },
          ],
        },
      },
    };
  }
}
