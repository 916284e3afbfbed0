/**
 * The main job against real registries, builders and PostgreSQL.
 *
 * @packageDocumentation
 */
export {};
