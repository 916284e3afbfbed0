import type { ImglifeApi } from '@imglife/backstage-plugin-imglife-common';

const ids = new WeakMap<ImglifeApi, number>();
let lastId = 0;

/**
 * Start of the keys of what was read through one client, so that two clients
 * (or another plugin that caches with the same library) never share an answer.
 */
export function cacheKey(api: ImglifeApi): string {
  let id = ids.get(api);
  if (id === undefined) {
    lastId += 1;
    id = lastId;
    ids.set(api, id);
  }
  return `imglife-${id}`;
}
