import { setImmediate as turn } from 'node:timers/promises';
import { Semaphore } from './Semaphore';

it('lets N in, first come first served', async () => {
  const semaphore = Semaphore.create(2);
  const entered: number[] = [];
  const releases: Array<() => void> = [];
  [0, 1, 2, 3].forEach(n =>
    semaphore.acquire().then(release => {
      entered.push(n);
      releases[n] = release;
    }),
  );
  await turn();
  expect(entered).toEqual([0, 1]);
  releases[1]();
  releases[1]();
  await turn();
  expect(entered).toEqual([0, 1, 2]);
  releases[0]();
  await turn();
  expect(entered).toEqual([0, 1, 2, 3]);
});

it('forgets who gave up waiting', async () => {
  const semaphore = Semaphore.create(1);
  const release = await semaphore.acquire();
  const leaving = new AbortController();
  const left = semaphore.acquire(leaving.signal);
  const next = semaphore.acquire();
  leaving.abort(new Error('gone'));
  await expect(left).rejects.toThrow('gone');
  release();
  (await next)();
  await expect(semaphore.acquire(leaving.signal)).rejects.toThrow('gone');
  await expect(semaphore.acquire()).resolves.toBeDefined();
});
