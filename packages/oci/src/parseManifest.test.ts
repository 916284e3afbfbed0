import { digestOf } from './digest';
import { isForeignLayer, MediaTypes } from './mediaTypes';
import { parseImageConfig, parseManifest } from './parseManifest';

const digest = digestOf(Buffer.from('x'));
const blob = (mediaType: string) => ({ mediaType, digest, size: 1 });
const image = {
  schemaVersion: 2,
  config: blob(MediaTypes.ociConfig),
  layers: [blob(MediaTypes.ociLayer)],
};
const index = {
  schemaVersion: 2,
  manifests: [blob(MediaTypes.ociManifest)],
};
const bytesOf = (content: unknown) => Buffer.from(JSON.stringify(content));

describe('parseManifest', () => {
  it.each([
    ['header', image, MediaTypes.dockerManifest, MediaTypes.dockerManifest],
    [
      'header with parameters',
      image,
      `${MediaTypes.ociManifest}; charset=utf-8`,
      MediaTypes.ociManifest,
    ],
    [
      'its own field',
      { ...index, mediaType: MediaTypes.dockerIndex },
      'text/plain',
      MediaTypes.dockerIndex,
    ],
    ['its shape (image)', image, undefined, MediaTypes.ociManifest],
    ['its shape (index)', index, 'application/json', MediaTypes.ociIndex],
  ])('tells the media type by %s', (_, content, header, expected) => {
    expect(parseManifest(bytesOf(content), header).mediaType).toBe(expected);
  });

  it('takes null lists as empty and keeps unknown fields', () => {
    const { manifest } = parseManifest(
      bytesOf({ ...image, layers: null, annotations: null, extra: { a: 1 } }),
    );
    expect(manifest).toEqual({
      schemaVersion: 2,
      config: image.config,
      layers: [],
      extra: { a: 1 },
    });
  });

  it.each([
    ['nonsense', Buffer.from('<html>'), undefined, 'is not JSON'],
    ['a list', bytesOf([]), undefined, 'is not a JSON object'],
    ['schema 1', bytesOf({ schemaVersion: 1 }), undefined, 'schema 1'],
    [
      'schema 1 by its type',
      bytesOf(image),
      'application/vnd.docker.distribution.manifest.v1+prettyjws',
      'schema 1',
    ],
    [
      'a contradiction',
      bytesOf({ ...image, mediaType: MediaTypes.ociManifest }),
      MediaTypes.ociIndex,
      'but the manifest says',
    ],
    [
      'an image that is an index too',
      bytesOf({ ...image, manifests: [] }),
      MediaTypes.ociManifest,
      `with a 'manifests' field`,
    ],
    [
      'another type',
      bytesOf({ ...image, mediaType: 'text/x' }),
      undefined,
      `unknown media type 'text/x'`,
    ],
    [
      'a bad digest',
      bytesOf({ ...image, config: { ...image.config, digest: '../x' } }),
      undefined,
      'config.digest: not a sha256 or sha512 digest',
    ],
    [
      'a negative size',
      bytesOf({ ...image, layers: [{ ...image.config, size: -1 }] }),
      undefined,
      'layers.0.size',
    ],
  ])('refuses %s', (_, bytes, header, problem) => {
    expect(() => parseManifest(bytes, header)).toThrow(problem);
  });
});

describe('parseImageConfig', () => {
  it('reads what builders write, without nulls', () => {
    const config = parseImageConfig(
      bytesOf({
        os: 'linux',
        architecture: 'amd64',
        created: null,
        config: { Env: ['A=1'], Entrypoint: null, ExposedPorts: { '80': {} } },
        rootfs: { type: 'layers', diff_ids: [digest] },
        history: [{ created_by: 'COPY', empty_layer: true }],
        'moby.buildkit.cache': 'kept',
      }),
    );
    expect(config).toEqual({
      os: 'linux',
      architecture: 'amd64',
      config: { Env: ['A=1'], ExposedPorts: { '80': {} } },
      rootfs: { type: 'layers', diff_ids: [digest] },
      history: [{ created_by: 'COPY', empty_layer: true }],
      'moby.buildkit.cache': 'kept',
    });
  });

  it('reads the empty config of an artifact', () => {
    expect(parseImageConfig(Buffer.from('{}'))).toEqual({
      os: '',
      architecture: '',
      rootfs: { type: 'layers', diff_ids: [] },
    });
  });

  it('refuses diff_ids that are no list', () => {
    expect(() =>
      parseImageConfig(bytesOf({ rootfs: { diff_ids: 'x' } })),
    ).toThrow('rootfs.diff_ids');
  });
});

it.each([
  [MediaTypes.dockerForeignLayerGzip, ['https://x'], true],
  [MediaTypes.ociForeignLayer, ['https://x'], true],
  [MediaTypes.ociForeignLayer, [], false],
  [MediaTypes.ociLayerGzip, ['https://x'], false],
])('%s with %j is foreign: %s', (mediaType, urls, expected) => {
  expect(isForeignLayer({ mediaType, urls })).toBe(expected);
});
