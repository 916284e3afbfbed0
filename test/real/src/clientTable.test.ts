import {
  copyImage,
  digestOf,
  pushReferrer,
  RegistryClient,
  type Descriptor,
} from '@imglife/oci';
import {
  makeImage,
  requireComponent,
  type LayerFiles,
} from '@imglife/test-registry';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Capability, RegistryVariant } from './RegistryVariant';
import { REGISTRY_VARIANTS } from './registryVariants';
import { mustRun } from './runProgram';

jest.setTimeout(60_000);

const OCTETS = 'application/octet-stream';
const REPOSITORY = 'library/shop';
const IMAGE = makeImage({
  platforms: ['linux/amd64', 'linux/arm64/v8'],
  layers: (platform): LayerFiles[] => [
    { 'etc/motd': 'hello' },
    { platform, 'large.bin': randomBytes(700_000) },
  ],
  annotations: { 'org.example.kept': 'ä' },
});
const ABSENT = digestOf(Buffer.from('absent'));

let home: string;
let variant: RegistryVariant;

/** A new repository for a row that writes. */
const fresh = () => `rows/r${randomBytes(4).toString('hex')}`;

const descriptorOf = (bytes: Buffer): Descriptor => ({
  mediaType: OCTETS,
  digest: digestOf(bytes),
  size: bytes.length,
});

async function pushImage(
  client: RegistryClient,
  repository: string,
  tags: string[],
): Promise<void> {
  for (const bytes of IMAGE.blobs.values()) {
    await client.putBlob(repository, descriptorOf(bytes), () => bytes);
  }
  for (const { digest, bytes, mediaType } of IMAGE.children) {
    await client.putManifest(repository, digest, bytes, mediaType);
  }
  for (const tag of tags) {
    await client.putManifest(repository, tag, IMAGE.bytes, IMAGE.mediaType);
  }
}

async function skopeo(...args: string[]): Promise<string> {
  return mustRun(requireComponent('skopeo'), ['--insecure-policy', ...args]);
}

/** What skopeo reads, byte for byte. */
async function rawDigest(image: string): Promise<string> {
  const raw = await skopeo(
    ...['inspect', '--raw', ...variant.skopeo.inspect],
    `docker://${variant.host}/${image}`,
  );
  return digestOf(Buffer.from(raw));
}

async function showAbsent(client: RegistryClient, reference: string) {
  expect(await client.headManifest(REPOSITORY, reference)).toBeUndefined();
  await expect(client.getManifest(REPOSITORY, reference)).rejects.toMatchObject(
    {
      status: 404,
      code: 'MANIFEST_UNKNOWN',
      message: expect.stringContaining(`${client.host}/${REPOSITORY}`),
    },
  );
}

/** One expectation, the same for every registry that has what it needs. */
interface Row {
  name: string;
  needs: Capability[];
  show(client: RegistryClient): Promise<void>;
}

const readManifest: Row['show'] = async client => {
  for (const reference of ['1.0', IMAGE.digest]) {
    const expected = { digest: IMAGE.digest, mediaType: IMAGE.mediaType };
    const head = await client.headManifest(REPOSITORY, reference);
    expect(head).toMatchObject({ ...expected, size: IMAGE.bytes.length });
    const got = await client.getManifest(REPOSITORY, reference);
    expect(got.bytes.equals(IMAGE.bytes)).toBe(true);
  }
  expect(await rawDigest(`${REPOSITORY}:1.0`)).toBe(IMAGE.digest);
};

const nameAbsentTag: Row['show'] = async client => {
  await showAbsent(client, '2.0');
};

const nameAbsentDigest: Row['show'] = async client => {
  await showAbsent(client, ABSENT);
};

const listTags: Row['show'] = async client => {
  const tags = await client.listTags(REPOSITORY);
  expect([...tags].sort()).toEqual(['1.0', '1.1', 'latest']);
  await expect(client.listTags('library/none')).rejects.toMatchObject({
    status: 404,
  });
};

const readBlobs: Row['show'] = async client => {
  for (const bytes of IMAGE.blobs.values()) {
    const blob = descriptorOf(bytes);
    expect(await client.headBlob(REPOSITORY, blob.digest)).toEqual({
      size: bytes.length,
    });
    const read = await buffer(await client.getBlob(REPOSITORY, blob));
    expect(read.equals(bytes)).toBe(true);
  }
  expect(await client.headBlob(REPOSITORY, ABSENT)).toBeUndefined();
};

const copyAsSkopeo: Row['show'] = async client => {
  const [ours, theirs] = [fresh(), fresh()];
  const copied = await copyImage({
    source: { client, repository: REPOSITORY, reference: '1.0' },
    target: { client, repository: ours, tag: 'copy' },
  });
  expect(copied.digest).toBe(IMAGE.digest);
  await skopeo(
    ...['copy', '--all', '--preserve-digests'],
    ...[...variant.skopeo.source, ...variant.skopeo.destination],
    `docker://${variant.host}/${REPOSITORY}:1.0`,
    `docker://${variant.host}/${theirs}:copy`,
  );
  expect(await rawDigest(`${ours}:copy`)).toBe(IMAGE.digest);
  expect(await rawDigest(`${theirs}:copy`)).toBe(IMAGE.digest);
  await skopeo(
    ...['copy', '--all', ...variant.skopeo.source],
    `docker://${variant.host}/${ours}:copy`,
    `oci:${path.join(home, path.basename(ours))}:copy`,
  );
};

const pushBlob: Row['show'] = async client => {
  const repository = fresh();
  const bytes = randomBytes(300_000);
  const blob = descriptorOf(bytes);
  await expect(
    client.putBlob(repository, blob, () => randomBytes(300_000)),
  ).rejects.toThrow(/digest/);
  expect(await client.headBlob(repository, blob.digest)).toBeUndefined();
  await client.putBlob(repository, blob, () => bytes);
  expect(await client.headBlob(repository, blob.digest)).toEqual({
    size: bytes.length,
  });
};

// docker-registry 2 has no referrers API: there an index under a tag is read
const attachArtifact: Row['show'] = async client => {
  const repository = fresh();
  await pushImage(client, repository, ['1.0']);
  const subject = await client.headManifest(repository, '1.0');
  const sbom = {
    artifactType: 'application/spdx+json',
    content: Buffer.from('{}'),
  };
  const target = { client, repository, subject: subject! };
  const { descriptor, pushed } = await pushReferrer(target, sbom);
  expect(pushed).toBe(true);
  expect(await pushReferrer(target, sbom)).toEqual({
    descriptor,
    pushed: false,
  });
  expect(await client.listReferrers(repository, subject!.digest)).toEqual([
    { ...descriptor, artifactType: sbom.artifactType },
  ]);
  await skopeo(
    ...['copy', ...variant.skopeo.source],
    `docker://${variant.host}/${repository}@${descriptor.digest}`,
    `dir:${path.join(home, path.basename(repository))}`,
  );
};

const refuseManifest: Row['show'] = async client => {
  const repository = fresh();
  const [{ bytes, mediaType }] = IMAGE.children;
  await expect(
    client.putManifest(repository, '1.0', bytes, mediaType),
  ).rejects.toMatchObject({
    code: 'MANIFEST_BLOB_UNKNOWN',
    message: expect.stringContaining(`${client.host}/${repository}:1.0`),
  });
};

const mountBlob: Row['show'] = async client => {
  const repository = fresh();
  const [digest] = IMAGE.blobs.keys();
  expect(await client.mountBlob(repository, digest, REPOSITORY)).toBe(true);
  expect(await client.headBlob(repository, digest)).toBeDefined();
  expect(await client.mountBlob(repository, ABSENT, REPOSITORY)).toBe(false);
};

const deleteByDigest: Row['show'] = async client => {
  const repository = fresh();
  await pushImage(client, repository, ['1.0', 'latest']);
  await client.deleteManifest(repository, IMAGE.digest);
  expect(await client.headManifest(repository, '1.0')).toBeUndefined();
  expect(await client.listTags(repository)).toEqual([]);
};

const refuseStranger: Row['show'] = async client => {
  const refused = await variant
    .stranger!.getManifest(REPOSITORY, '1.0')
    .catch(error => error);
  expect(refused).toMatchObject({ status: 401 });
  expect(refused.message).toContain(client.host);
  expect(JSON.stringify(refused) + refused.message).not.toMatch(/wrong/);
};

const ROWS: Row[] = [
  {
    name: 'reads a manifest by tag and digest, as skopeo does',
    needs: [],
    show: readManifest,
  },
  { name: 'names a manifest that is absent', needs: [], show: nameAbsentTag },
  {
    name: 'names a digest that is absent',
    needs: ['unknown-digests'],
    show: nameAbsentDigest,
  },
  {
    name: 'lists all tags, of a known repository only',
    needs: [],
    show: listTags,
  },
  { name: 'reads blobs, whole and right', needs: [], show: readBlobs },
  {
    name: 'copies an image that is the one skopeo copies',
    needs: ['write'],
    show: copyAsSkopeo,
  },
  {
    name: 'pushes a blob once, and never a wrong one',
    needs: ['write'],
    show: pushBlob,
  },
  {
    name: 'attaches an artifact once, where its readers look for it',
    needs: ['write'],
    show: attachArtifact,
  },
  {
    name: 'refuses a manifest whose blobs are absent',
    needs: ['write'],
    show: refuseManifest,
  },
  {
    name: 'mounts a blob of another repository',
    needs: ['mount'],
    show: mountBlob,
  },
  {
    name: 'deletes by digest, with the tags that point there',
    needs: ['delete'],
    show: deleteByDigest,
  },
  {
    name: 'says who was refused, and no password',
    needs: ['sign-in'],
    show: refuseStranger,
  },
];

beforeAll(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'imglife-real-client-'));
});

afterAll(async () => {
  await rm(home, { recursive: true, force: true });
});

describe.each(REGISTRY_VARIANTS)('$name', ({ name, lacks, start }) => {
  beforeAll(async () => {
    const folder = path.join(home, name.replace(/\W+/g, '-'));
    await mkdir(folder);
    variant = await start(folder);
    await pushImage(variant.writer, REPOSITORY, ['1.0', '1.1', 'latest']);
  });

  afterAll(async () => {
    await variant?.stop();
  });

  const has = ({ needs }: Row) => needs.every(need => !lacks[need]);

  it.each(ROWS.filter(has))('$name', async ({ show }) => {
    await expect(show(variant.client)).resolves.toBeUndefined();
  });

  it('lacks what it is said to lack, for a reason', () => {
    const reasons = ROWS.filter(row => !has(row)).map(row =>
      row.needs.map(need => lacks[need]).find(Boolean),
    );
    expect(reasons.every(reason => (reason ?? '').length > 10)).toBe(true);
    expect(ROWS.length - reasons.length).toBeGreaterThanOrEqual(4);
  });
});
