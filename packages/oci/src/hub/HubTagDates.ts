import { z } from 'zod';
import { errorLike } from '../transport/errorLike';
import type { HostTransport } from '../transport/HostTransport';
import { parseRetryAfter } from '../transport/retryPolicy';
import type { Timing } from '../transport/Timing';

/** When tags were last pushed, as far as it could be learnt. */
export interface TagDates {
  /** ISO 8601 UTC, by tag; of those that were asked for. */
  dates: Map<string, string>;
  /** Why not all were found, for people; absent when every page was read. */
  problem?: string;
}

/** What {@link HubTagDates} works with. */
export interface HubTagDatesOptions {
  /** Of Docker Hub's own API, such as `https://hub.docker.com`. */
  url: string;
  transport: Pick<HostTransport, 'readBeside'>;
  timing: Pick<Timing, 'now'>;
  /** Of all pages of one call together, in milliseconds. */
  timeLimitMs: number;
}

/** Namespace and name; official images are in `library`. */
const HUB_NAME_PARTS = 2;
/** Hub's most. */
const PAGE_SIZE = 100;
/** Past it Hub answers anonymous callers with 403, since autumn 2026. */
const MAX_PAGES = 10;
/** So long nothing is asked after a failure that says nothing else. */
const PAUSE_MS = 900_000;
/** A longer `Retry-After` is not believed: Hub's windows are of six hours. */
const MAX_PAUSE_MS = 6 * 3_600_000;
const PAGE_BYTES = 8 * 1024 * 1024;

const pageSchema = z.looseObject({
  next: z.string().nullish(),
  results: z.array(
    z.looseObject({ name: z.string(), last_updated: z.string().nullish() }),
  ),
});

type Page = z.infer<typeof pageSchema>;

/** The pages end here, though there may be more. */
class PagesEnd extends Error {
  /** Undefined: asking for another repository is worth it at once. */
  readonly pauseMs?: number;

  constructor(problem: string, pauseMs?: number) {
    super(problem);
    this.pauseMs = pauseMs;
  }
}

/**
 * Asks Docker Hub's own API when tags were last pushed, which no registry
 * tells. A convenience that Hub limits as it likes: it is read anonymously,
 * newest tags first, what was read counts, and whatever goes wrong ends the
 * reading and not the caller. After a failure Hub is left alone for a while.
 */
export class HubTagDates {
  readonly #options: HubTagDatesOptions;
  #pausedUntil = 0;
  #pausedFor = '';

  static create(options: HubTagDatesOptions): HubTagDates {
    return new HubTagDates(options);
  }

  private constructor(options: HubTagDatesOptions) {
    this.#options = options;
  }

  /**
   * Throws nothing but the signal's reason.
   *
   * @param repository - such as `library/alpine`
   * @param wanted - reading ends when all of these are found
   */
  async read(
    repository: string,
    wanted: ReadonlySet<string>,
    signal?: AbortSignal,
  ): Promise<TagDates> {
    const dates = new Map<string, string>();
    const isOfHub = repository.split('/').length === HUB_NAME_PARTS;
    if (!wanted.size || !isOfHub) {
      return { dates };
    }
    if (this.#now() < this.#pausedUntil) {
      return { dates, problem: this.#pausedFor };
    }
    const limit = AbortSignal.timeout(this.#options.timeLimitMs);
    const either = signal ? AbortSignal.any([signal, limit]) : limit;
    try {
      await this.#pages(repository, either, page => {
        take(page, wanted, dates);
        return dates.size < wanted.size;
      });
      return { dates };
    } catch (error) {
      signal?.throwIfAborted();
      const problem = this.#failed(error, limit.aborted);
      return { dates, problem };
    }
  }

  /** Until the last page, or `goOn` has enough. */
  async #pages(
    repository: string,
    signal: AbortSignal,
    goOn: (page: Page) => boolean,
  ): Promise<void> {
    for (let number = 1; number <= MAX_PAGES; number += 1) {
      const page = await this.#page(repository, number, signal);
      if (!goOn(page) || !page.next) {
        return;
      }
    }
    throw new PagesEnd(`it has more than ${MAX_PAGES} pages of tags`);
  }

  async #page(
    repository: string,
    number: number,
    signal: AbortSignal,
  ): Promise<Page> {
    const { url, transport, timing } = this.#options;
    const asked = new URL(
      `/v2/repositories/${repository}/tags?page_size=${PAGE_SIZE}&page=${number}&ordering=last_updated`,
      url,
    );
    const answer = await transport.readBeside(asked, {
      limit: PAGE_BYTES,
      signal,
    });
    const { status, header, body } = answer;
    if (status === 200) {
      return parsePage(body, number);
    }
    const problem = `page ${number} of its tags was answered with ${status}`;
    const isOfRepository = status === 404 || (status === 403 && number > 1);
    throw new PagesEnd(
      problem,
      isOfRepository
        ? undefined
        : Math.min(
            parseRetryAfter(header('retry-after'), timing.now()) ?? PAUSE_MS,
            MAX_PAUSE_MS,
          ),
    );
  }

  #failed(error: unknown, timedOut: boolean): string {
    const host = new URL(this.#options.url).host;
    const ended = error instanceof PagesEnd ? error : undefined;
    const reason = timedOut
      ? `it took longer than ${this.#options.timeLimitMs / 1000} s`
      : errorLike(error)?.message ?? String(error);
    const problem = `${host}: ${reason}`;
    const pauseMs = ended ? ended.pauseMs : PAUSE_MS;
    if (pauseMs !== undefined) {
      this.#pausedUntil = this.#now() + pauseMs;
      this.#pausedFor = `${problem}; it is left alone until ${new Date(
        this.#pausedUntil,
      ).toISOString()}`;
      return this.#pausedFor;
    }
    return problem;
  }

  #now(): number {
    return this.#options.timing.now().getTime();
  }
}

function parsePage(body: Buffer, number: number): Page {
  try {
    return pageSchema.parse(JSON.parse(body.toString('utf8')));
  } catch {
    throw new PagesEnd(`page ${number} of its tags cannot be read`, PAUSE_MS);
  }
}

function take(
  { results }: Page,
  wanted: ReadonlySet<string>,
  dates: Map<string, string>,
): void {
  for (const { name, last_updated: pushed } of results) {
    const instant = Date.parse(pushed ?? '');
    if (wanted.has(name) && !dates.has(name) && !Number.isNaN(instant)) {
      dates.set(name, new Date(instant).toISOString());
    }
  }
}
