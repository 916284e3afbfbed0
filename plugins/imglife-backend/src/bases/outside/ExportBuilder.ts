import { InputError } from '@backstage/errors';
import type {
  BuildAnswer,
  BuildResult,
  ImageBuilder,
} from '@imglife/backstage-plugin-imglife-node';

/** Id of the builder of bases that are built outside the portal. */
export const EXPORT_BUILDER = 'export';

/**
 * Stands for whoever builds exported contexts. The portal plans such a base as
 * any other and leaves the deed to them.
 */
export class ExportBuilder implements ImageBuilder {
  readonly id = EXPORT_BUILDER;

  static create(): ExportBuilder {
    return new ExportBuilder();
  }

  private constructor() {}

  canBuild(): BuildAnswer {
    return { ok: true };
  }

  /** @throws InputError - always: nothing is built here */
  async build(): Promise<BuildResult> {
    throw new InputError(
      'A base of the builder "export" is built outside: imglife build --output-dir',
    );
  }
}
