import { formatRepository, resolveImage } from '@imglife/oci';
import { eachAtOnce } from '../eachAtOnce';
import type { MirrorDefinition } from '../definitions/Definitions';
import type { RunContext } from '../runs/RunContext';
import type { MirrorStore } from './MirrorStore';
import type { TagPlaces } from './TagPlaces';

const READ_AT_ONCE = 8;
// Reproducible builds say 1970, or the year of their template
const EARLIEST = Date.parse('2005-01-01T00:00:00Z');

/**
 * Since when upstream tags are there, ISO 8601 UTC: when Docker Hub says that
 * they were pushed, else when their image was made, or when this mirror first
 * saw them where that was earlier. Both are asked for once, and only where our
 * own memory is too short to tell: Hub first, for images count against its
 * quota. A tag that nothing is told of, or whose image a quota forbids to read,
 * counts from when it was seen. A dry run keeps nothing.
 */
export async function readTagAges(
  tags: string[],
  options: {
    mirror: MirrorDefinition;
    places: TagPlaces;
    store: MirrorStore;
    context: RunContext;
    now: () => Date;
  },
): Promise<Map<string, string>> {
  const { mirror, places, store, context, now } = options;
  const upstream = formatRepository(mirror.source);
  const at = now().toISOString();
  const seen = await store.firstSeen(upstream, context.dryRun ? [] : tags, at);
  const youngest = now().getTime() - (mirror.tags.minAgeMs ?? 0);
  const unknown = tags.filter(tag => {
    const known = seen.get(tag);
    const isOld = known && Date.parse(known.firstSeenAt) <= youngest;
    return !isOld && known?.imageCreated === undefined;
  });
  const created = await readPushed(unknown, places, context);
  const untold = unknown.filter(tag => !created.has(tag));
  await eachAtOnce(untold, READ_AT_ONCE, async tag => {
    const instant = await readCreated(tag, places, context);
    if (instant !== undefined) {
      created.set(tag, instant);
    }
  });
  if (!context.dryRun) {
    await store.recordCreated(upstream, created);
  }
  return new Map(
    tags.map(tag => {
      const known = seen.get(tag);
      const made = created.get(tag) ?? known?.imageCreated;
      const first = known?.firstSeenAt ?? at;
      return [tag, made !== undefined && made < first ? made : first];
    }),
  );
}

/** What the registry tells of pushes; nothing where it does not. */
async function readPushed(
  tags: string[],
  places: TagPlaces,
  context: RunContext,
): Promise<Map<string, string>> {
  const { client, repository } = places.source('');
  const { signal } = context;
  const told = await client.readTagDates(repository, new Set(tags), { signal });
  if (told?.problem !== undefined) {
    context.log(
      `${told.dates.size} of ${tags.length} dates of tags were found, the others are read from images: ${told.problem}`,
    );
  }
  return told?.dates ?? new Map();
}

async function readCreated(
  tag: string,
  places: TagPlaces,
  context: RunContext,
): Promise<string | undefined> {
  const source = places.source(tag);
  if (!source.client.canDiscover(1)) {
    return undefined;
  }
  try {
    const { images } = await resolveImage(source, { signal: context.signal });
    const instants = images
      .map(({ config }) => Date.parse(config.created ?? ''))
      .filter(instant => instant >= EARLIEST);
    return instants.length
      ? new Date(Math.max(...instants)).toISOString()
      : undefined;
  } catch (error) {
    context.signal.throwIfAborted();
    context.log(`${tag}: its age cannot be read: ${error}`);
    return undefined;
  }
}
