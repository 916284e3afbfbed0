/** The last part of a repository: `myservice` of `reg.example.com/apps/myservice`. */
export function shortName(repository: string): string {
  return repository.slice(repository.lastIndexOf('/') + 1);
}

/** The tag of a `host/path:tag` reference; empty without one. */
export function tagOf(reference: string): string {
  const [name] = reference.split('@');
  const colon = name.lastIndexOf(':');
  return colon > name.lastIndexOf('/') ? name.slice(colon + 1) : '';
}

/** A repository without its host: `apps/myservice` of `reg.example.com/apps/myservice`. */
export function pathOf(repository: string): string {
  return repository.slice(repository.indexOf('/') + 1);
}

/** The repository of a `host/path:tag` reference. */
export function untagged(reference: string): string {
  const tag = tagOf(reference);
  return tag ? reference.slice(0, -tag.length - 1) : reference;
}
