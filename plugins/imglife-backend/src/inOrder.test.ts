import { inOrder } from './inOrder';

describe('inOrder', () => {
  it('does all of it, and says what failed at the end', async () => {
    const done: number[] = [];
    const step = (number: number, error?: Error) => async () => {
      done.push(number);
      if (error) {
        throw error;
      }
    };
    const given = [
      step(1),
      step(2, new TypeError('the catalog is away')),
      step(3),
      step(4, new Error('no such table')),
      step(5),
    ];
    await expect(inOrder(given)).rejects.toThrow(
      'TypeError: the catalog is away; Error: no such table',
    );
    expect(done).toEqual([1, 2, 3, 4, 5]);
    await expect(inOrder([step(6)])).resolves.toBeUndefined();
  });
});
