import type { LoggerService } from '@backstage/backend-plugin-api';
import type {
  RegistrationAnswer,
  RegistrationResult,
} from '@imglife/backstage-plugin-imglife-common';
import { stringifyError } from '@backstage/errors';
import { eachAtOnce } from '../eachAtOnce';
import { databaseOutage } from './databaseOutage';
import { errorAnswer } from './errorAnswer';

const ITEMS_AT_ONCE = 8;

/**
 * Records the items of a batch, so many at once, and answers each as it would
 * have been answered alone. Items of one image follow one another in their
 * order, so that the last one counts.
 *
 * @param items - as posted, unchecked
 * @param record - records one item, or throws
 */
export async function registerAll(
  items: unknown[],
  record: (
    item: unknown,
  ) => Promise<{ created: boolean; registration: RegistrationAnswer }>,
  logger: LoggerService,
): Promise<RegistrationResult[]> {
  const results = new Array<RegistrationResult>(items.length);
  await eachAtOnce(byImage(items), ITEMS_AT_ONCE, async positions => {
    for (const position of positions) {
      results[position] = await record(items[position]).then(
        ({ created, registration }): RegistrationResult => ({
          status: created ? 201 : 200,
          registration,
        }),
        error => failed(databaseOutage(error), logger),
      );
    }
  });
  return results;
}

function failed(error: unknown, logger: LoggerService): RegistrationResult {
  const answer = errorAnswer(error);
  if (answer.status === 500) {
    logger.error(`An item of a batch: ${stringifyError(error)}`);
  }
  return answer;
}

/** The positions of the items, those of one image together. */
function byImage(items: unknown[]): number[][] {
  const groups = new Map<unknown, number[]>();
  items.forEach((item, position) => {
    const image = (item as { image?: unknown } | null)?.image;
    const key = typeof image === 'string' ? image : { position };
    groups.set(key, [...(groups.get(key) ?? []), position]);
  });
  return [...groups.values()];
}
