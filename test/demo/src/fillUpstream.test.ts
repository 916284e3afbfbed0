import { digestOf, RegistryHttp, TestRegistry } from '@imglife/test-registry';
import { fillUpstream } from './fillUpstream';
import { STAND_IN } from './UpstreamImage';
import { upstreamImages } from './upstreamImages';

const TAGS = upstreamImages.flatMap(({ repository, tags }) =>
  tags.map(tag => `${repository}:${tag}`),
);

let registries: TestRegistry[] = [];

afterEach(async () => {
  await Promise.all(registries.map(registry => registry.stop()));
  registries = [];
});

async function start(): Promise<TestRegistry> {
  const registry = await TestRegistry.start();
  registries.push(registry);
  return registry;
}

async function digestsOf({ host }: TestRegistry): Promise<string> {
  const http = RegistryHttp.create(host);
  const found = [];
  for (const { repository, tags } of upstreamImages) {
    for (const tag of tags) {
      const digest = await http.headManifest(repository, tag);
      found.push(`${repository}:${tag}@${digest}`);
    }
  }
  return found.join('\n');
}

it('names each tag once', () => {
  expect(new Set(TAGS).size).toBe(TAGS.length);
  expect(TAGS.length).toBeGreaterThanOrEqual(60);
  expect(TAGS.length).toBeLessThanOrEqual(90);
  expect(TAGS).toEqual(
    expect.arrayContaining([
      'library/alpine:3.21.3',
      'library/debian:bookworm-20250224-slim',
      'library/eclipse-temurin:25.0.3_9-jre',
      'library/golang:1.26.7-alpine3.24',
    ]),
  );
});

it('pushes everything once, and only what is missing later', async () => {
  const upstream = await start();
  expect(await fillUpstream(upstream.host)).toEqual({
    pushed: TAGS.length,
    present: 0,
  });
  upstream.clearRequests();
  expect(await fillUpstream(upstream.host)).toEqual({
    pushed: 0,
    present: TAGS.length,
  });
  expect(new Set(upstream.requests.map(({ method }) => method))).toEqual(
    new Set(['HEAD']),
  );
  await fetch(`${upstream.url}/v2/library/alpine/manifests/3.21.3`, {
    method: 'DELETE',
  });
  expect(await fillUpstream(upstream.host)).toMatchObject({ pushed: 1 });
});

it('makes the same images everywhere', async () => {
  const [one, other] = [await start(), await start()];
  await fillUpstream(one.host);
  await fillUpstream(other.host);
  const digests = await digestsOf(one);
  expect(await digestsOf(other)).toBe(digests);
  expect(digestOf(digests)).toBe(
    'sha256:85a4d3d0559c14481476585fa05b93387d6747924d579289742706d9ff40375e',
  );
});

it('makes images that say what they are', async () => {
  const { host } = await start();
  await fillUpstream(host);
  const http = RegistryHttp.create(host);
  for (const { repository, tags } of upstreamImages) {
    const platforms = await http.readBase(repository, tags[0]);
    expect(platforms.length).toBeGreaterThanOrEqual(2);
    for (const { config } of platforms) {
      expect(config.config.Labels).toMatchObject({
        'org.opencontainers.image.description': STAND_IN,
      });
      expect(config.config.Env).not.toContain(expect.stringMatching(/undef/));
    }
  }
  const [alpine] = await http.readBase('library/alpine', '3.24.1');
  const [node] = await http.readBase('library/node', '24.19.0-alpine');
  expect(node.config.rootfs.diff_ids[0]).toBe(alpine.config.rootfs.diff_ids[0]);
});
