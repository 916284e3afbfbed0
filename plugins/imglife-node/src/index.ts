/**
 * Extension points of the imglife backend plugin.
 *
 * @packageDocumentation
 */
export * from './ImageBuilder';
export * from './imglifeBuildersExtensionPoint';
export * from './ImageSigner';
export * from './imglifeSignersExtensionPoint';
export * from './ImglifeEvents';
