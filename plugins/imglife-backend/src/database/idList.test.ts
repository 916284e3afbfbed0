import { idList } from './idList';

describe('idList', () => {
  it.each([
    [[], '(NULL)'],
    [[7], '(7)'],
    [[1, 2, 30], '(1,2,30)'],
  ])('%j', (ids, sql) => {
    expect(idList(ids)).toBe(sql);
  });

  it.each([1.5, NaN, '1' as never])('takes no %p', id => {
    expect(() => idList([id])).toThrow(TypeError);
  });
});
