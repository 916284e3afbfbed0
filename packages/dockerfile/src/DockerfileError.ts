/** A Dockerfile that is no Dockerfile. @public */
export class DockerfileError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DockerfileError';
  }
}
