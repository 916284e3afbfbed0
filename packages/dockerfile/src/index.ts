/**
 * Reads Dockerfiles: instructions, words and variables.
 *
 * @packageDocumentation
 */
export * from './DockerfileError';
export * from './expandWord';
export * from './parseDockerfile';
export * from './splitWords';
export { isHeredoc, type Heredoc } from './takeHeredocs';
