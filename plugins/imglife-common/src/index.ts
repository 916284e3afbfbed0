/**
 * Words both sides of imglife share: schemas, types, permissions and the HTTP
 * client.
 *
 * @packageDocumentation
 */
export * from './schemas/values';
export * from './schemas/primitives';
export * from './schemas/bases';
export * from './schemas/rows';
export * from './schemas/queries';
export * from './schemas/absentFilters';
export * from './schemas/registrations';
export * from './schemas/adoption';
export * from './schemas/history';
export * from './schemas/lineage';
export * from './schemas/mirrors';
export * from './schemas/retention';
export * from './schemas/runs';
export * from './permissions';
export * from './statusReason';
export * from './tags';
export * from './violationsOf';
export * from './client/ImglifeApi';
export * from './client/ImglifeClient';
export * from './client/ImglifeResponseError';
