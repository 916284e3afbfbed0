import type { BasePublishedPayload } from './BaseHooks';
import { publishedNotification } from './publishedNotification';
import type { MirrorTag } from './planBuilds';

const published: BasePublishedPayload = {
  event: 'imglife.base.published',
  name: 'java/jre',
  reference: 'reg.test/bases/java/jre:21-core1.0.0@sha256:1',
  repository: 'reg.test/bases/java/jre',
  tag: '21-core1.0.0',
  digest: 'sha256:1',
  upstreamVersion: '21',
  coreVersion: '1.0.0',
  reasons: ['mirror-moved', 'platforms'],
  inputHash: 'a',
  runId: null,
  builtAt: '2026-06-01T00:00:00.000Z',
};

function scopeOf(mirror: Partial<MirrorTag>) {
  const identity = { mirror: { family: '-slim', ...mirror } as MirrorTag };
  return publishedNotification(published, identity, ['user:default/a']).payload
    .scope;
}

describe('publishedNotification', () => {
  it('names the image by digest, and where the portal shows it', () => {
    const mirror = { cycle: '21', family: '' } as MirrorTag;
    const recipients = ['group:default/platform', 'user:default/ann'];
    expect(publishedNotification(published, { mirror }, recipients)).toEqual({
      recipients: { type: 'entity', entityRef: recipients },
      payload: {
        title: 'Base java/jre is published as 21-core1.0.0',
        description:
          'reg.test/bases/java/jre:21-core1.0.0@sha256:1 (mirror-moved, platforms)',
        link: '/imglife/bases?search=reg.test%2Fbases%2Fjava%2Fjre%3A21-core1.0.0',
        severity: 'normal',
        topic: 'imglife',
        scope: 'imglife:base:java/jre:21',
      },
    });
  });

  it('is one thread per base and cycle, where there is none per family', () => {
    expect(scopeOf({ cycle: '21', osCycle: '3.21' })).toMatch(/:21$/);
    expect(scopeOf({ osCycle: '3.21' })).toMatch(/:3\.21$/);
    expect(scopeOf({})).toMatch(/:-slim$/);
  });
});
