import { sendNotification } from './sendNotification';

const notification = {
  recipients: { type: 'entity', entityRef: 'group:default/platform' },
  payload: { title: 'published' },
} as const;

describe('sendNotification', () => {
  let lines: string[];

  beforeEach(() => {
    lines = [];
  });

  function send(
    service: () => Promise<void>,
    signal: AbortSignal = new AbortController().signal,
  ) {
    return sendNotification({ send: service }, notification, {
      log: line => lines.push(line),
      signal,
      timeoutMs: 50,
    });
  }

  it('says nothing of what was taken', async () => {
    expect(await send(async () => {})).toBe(true);
    expect(lines).toEqual([]);
  });

  it.each<[string, () => Promise<void>, AbortSignal | undefined, string]>([
    [
      'a portal without notifications',
      async () => {
        throw new Error('Request failed with status 404');
      },
      undefined,
      'Request failed with status 404',
    ],
    [
      'no answer',
      () => new Promise(() => {}),
      undefined,
      'no answer within 0.05 s',
    ],
    [
      'the end of the run',
      () => new Promise(() => {}),
      AbortSignal.abort(new Error('cancelled')),
      'cancelled',
    ],
  ])('only warns of %s', async (_, service, signal, said) => {
    expect(await send(service, signal)).toBe(false);
    expect(lines).toEqual([`warning: notification failed: ${said}`]);
  });
});
