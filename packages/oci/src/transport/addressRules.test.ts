import type { LookupAddress } from 'node:dns';
import { isPublicAddress, literalAddress } from './addressRules';
import { ForbiddenAddressError, guardedLookup } from './guardedLookup';

it.each([
  ['93.184.216.34', true],
  ['2606:2800:220:1::1', true],
  ['::ffff:93.184.216.34', true],
  ['64:ff9b::5db8:d822', true],
  ['127.0.0.1', false],
  ['127.255.255.254', false],
  ['0.0.0.0', false],
  ['10.0.0.1', false],
  ['100.100.100.200', false],
  ['169.254.169.254', false],
  ['172.16.0.1', false],
  ['172.32.0.1', true],
  ['192.0.0.192', false],
  ['192.168.1.1', false],
  ['168.63.129.16', false],
  ['224.0.0.1', false],
  ['255.255.255.255', false],
  ['::', false],
  ['::1', false],
  ['::ffff:127.0.0.1', false],
  ['::ffff:10.0.0.1', false],
  ['64:ff9b::a9fe:a9fe', false],
  ['fd00:ec2::254', false],
  ['fe80::1', false],
  ['ff02::1', false],
])('%s is public: %s', (address, expected) => {
  expect(isPublicAddress(address)).toBe(expected);
});

// odd spellings are set right by URL already
it.each([
  ['http://0x7f.1/', '127.0.0.1'],
  ['http://2130706433/', '127.0.0.1'],
  ['http://[::FFFF:127.0.0.1]/', '::ffff:7f00:1'],
  ['http://example.com/', undefined],
  ['http://1.example.com/', undefined],
])('the address in %s is %s', (url, expected) => {
  expect(literalAddress(new URL(url).hostname)).toBe(expected);
});

describe('guardedLookup', () => {
  const found = (...addresses: string[]): LookupAddress[] =>
    addresses.map(address => ({
      address,
      family: address.includes(':') ? 6 : 4,
    }));
  const lookUp = (addresses: LookupAddress[], all: boolean) =>
    new Promise((resolve, reject) => {
      const guarded = guardedLookup((_, options, callback) => {
        expect(options.all).toBe(true);
        callback(null, addresses);
      });
      guarded('x.io', { all }, (error, address) =>
        error ? reject(error) : resolve(address),
      );
    });

  it('gives public addresses only, in both forms', async () => {
    const mixed = found('10.0.0.1', '93.184.216.34', '::1');
    expect(await lookUp(mixed, true)).toEqual(found('93.184.216.34'));
    expect(await lookUp(mixed, false)).toBe('93.184.216.34');
  });

  it('refuses a name that has none', async () => {
    const failure = lookUp(found('10.0.0.1'), true);
    await expect(failure).rejects.toThrow(ForbiddenAddressError);
    await expect(failure).rejects.toThrow('it leads to x.io (10.0.0.1)');
  });
});
