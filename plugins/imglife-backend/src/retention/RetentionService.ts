/** What people and pipelines ask of retention beside its runs. */
export interface RetentionService {
  /**
   * Queues the run that brings an image back from the archive.
   *
   * @param reference - of the removed image, `host/path:tag`
   * @returns the id of the run
   * @throws InputError - no reference with a tag
   * @throws NotFoundError - retention keeps no copy of it
   */
  restore(reference: string, actor: string): Promise<{ id: string }>;
}
