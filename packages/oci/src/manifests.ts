import { z } from 'zod';
import { isDigest } from './digest';
import type { Platform } from './Platform';

/** Points at content (OCI image-spec, descriptor.md). Unknown keys are kept. */
export interface Descriptor {
  mediaType: string;
  digest: string;
  /** In bytes. */
  size: number;
  platform?: Platform;
  annotations?: Record<string, string>;
  artifactType?: string;
  urls?: string[];
  /** The content itself in base64, for small content. */
  data?: string;
  [key: string]: unknown;
}

/** One platform's image, or an artifact (OCI image-spec, manifest.md). */
export interface ImageManifest {
  schemaVersion: 2;
  mediaType?: string;
  artifactType?: string;
  config: Descriptor;
  /** Bottom layer first. */
  layers: Descriptor[];
  subject?: Descriptor;
  annotations?: Record<string, string>;
}

/** Several platforms' images (OCI image-spec, image-index.md). */
export interface ImageIndex {
  schemaVersion: 2;
  mediaType?: string;
  artifactType?: string;
  manifests: Descriptor[];
  subject?: Descriptor;
  annotations?: Record<string, string>;
}

/** One instruction of the build (OCI image-spec, config.md "history"). */
export interface HistoryEntry {
  created?: string;
  created_by?: string;
  author?: string;
  comment?: string;
  empty_layer?: boolean;
}

/** How to run an image (OCI image-spec, config.md "config"). */
export interface ContainerConfig {
  User?: string;
  ExposedPorts?: Record<string, object>;
  Env?: string[];
  Entrypoint?: string[];
  Cmd?: string[];
  Volumes?: Record<string, object>;
  WorkingDir?: string;
  Labels?: Record<string, string>;
  StopSignal?: string;
  [key: string]: unknown;
}

/** Config of one platform's image (OCI image-spec, config.md). */
export interface ImageConfig {
  /** RFC 3339. */
  created?: string;
  architecture: string;
  os: string;
  variant?: string;
  config?: ContainerConfig;
  /** Digests of the uncompressed layers, bottom first. */
  rootfs: { type: 'layers'; diff_ids: string[] };
  history?: HistoryEntry[];
  [key: string]: unknown;
}

const strings = z.record(z.string(), z.string());
const platform = z.looseObject({
  os: z.string().default(''),
  architecture: z.string().default(''),
  variant: z.string().optional(),
  'os.version': z.string().optional(),
});

const descriptor = z.looseObject({
  mediaType: z.string(),
  digest: z.string().refine(isDigest, 'not a sha256 or sha512 digest'),
  size: z.int().nonnegative(),
  platform: platform.optional(),
  annotations: strings.optional(),
  artifactType: z.string().optional(),
  urls: z.array(z.string()).optional(),
  data: z.string().optional(),
});

const common = {
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  artifactType: z.string().optional(),
  subject: descriptor.optional(),
  annotations: strings.optional(),
};

/** Shape of an image manifest; nil slices of Go writers are empty lists. */
export const imageManifestSchema: z.ZodType<ImageManifest> = z.looseObject({
  ...common,
  config: descriptor,
  layers: z.array(descriptor).default([]),
});

/** Shape of an image index. */
export const imageIndexSchema: z.ZodType<ImageIndex> = z.looseObject({
  ...common,
  manifests: z.array(descriptor).default([]),
});

/**
 * Shape of an image config. Signatures and other artifacts borrow the media
 * type with next to nothing inside, so what is missing is empty.
 */
export const imageConfigSchema: z.ZodType<ImageConfig> = z.looseObject({
  created: z.string().optional(),
  architecture: z.string().default(''),
  os: z.string().default(''),
  variant: z.string().optional(),
  config: z
    .looseObject({
      User: z.string().optional(),
      ExposedPorts: z.record(z.string(), z.looseObject({})).optional(),
      Env: z.array(z.string()).optional(),
      Entrypoint: z.array(z.string()).optional(),
      Cmd: z.array(z.string()).optional(),
      Volumes: z.record(z.string(), z.looseObject({})).optional(),
      WorkingDir: z.string().optional(),
      Labels: strings.optional(),
      StopSignal: z.string().optional(),
    })
    .optional(),
  rootfs: z
    .looseObject({
      type: z.literal('layers').default('layers'),
      diff_ids: z.array(z.string()).default([]),
    })
    .prefault({}),
  history: z
    .array(
      z.looseObject({
        created: z.string().optional(),
        created_by: z.string().optional(),
        author: z.string().optional(),
        comment: z.string().optional(),
        empty_layer: z.boolean().optional(),
      }),
    )
    .optional(),
});
