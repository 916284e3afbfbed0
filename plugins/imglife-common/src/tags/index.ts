export * from './parseTag';
export * from './compareTags';
export * from './versionKey';
