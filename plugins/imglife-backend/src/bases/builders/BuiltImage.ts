import type { ImageConfig } from '@imglife/oci';

/** One layer as a program has left it on disk. */
export interface BuiltLayer {
  /** absolute */
  file: string;
  /** of the uncompressed archive */
  diffId: string;
  /** how the file is compressed; by its OCI or Docker media type */
  mediaType: string;
  /** of the file, when it is known */
  digest?: string;
}

/** The image of one platform as a program has left it on disk. */
export interface BuiltImage {
  config: ImageConfig;
  /** bottom layer first, the mirror's included */
  layers: BuiltLayer[];
}
