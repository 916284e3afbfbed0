/**
 * Real programs for tests: registries, builders, the backend on PostgreSQL.
 *
 * @packageDocumentation
 */
export * from './Buildah';
export * from './DebianRegistry';
export * from './OwnPostgres';
export * from './PostgresDatabases';
export * from './RealBackend';
export * from './Skopeo';
export * from './killTrial';
export * from './runCopies';
export * from './runProgram';
export * from './runReconcileTrial';
export { nodeTransform } from './sources';
