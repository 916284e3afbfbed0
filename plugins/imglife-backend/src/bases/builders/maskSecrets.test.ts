import { maskSecrets } from './maskSecrets';

describe('maskSecrets', () => {
  it.each([
    ['a secret1 b secret1', ['secret1'], 'a *** b ***'],
    ['https://u:p%40ss%2F@host', ['p@ss/'], 'https://u:***@host'],
    ['token cEBzcy8=', ['p@ss/'], 'token ***'],
    ['first second', ['first\nsecond\n'], '*** ***'],
    ['longer-secret', ['longer', 'longer-secret'], '***'],
    ['abc', ['abc', '', ' '], 'abc'],
    ['nothing', [], 'nothing'],
  ])('%j without %j', (text, secrets, masked) => {
    expect(maskSecrets(text, secrets)).toBe(masked);
  });
});
