import { proxyFor } from './proxyFor';

const PROXY = 'http://proxy.corp:3128';

it.each<[string, Record<string, string>, string | undefined]>([
  ['https://r.io/v2/', { HTTPS_PROXY: PROXY }, PROXY],
  ['https://r.io/v2/', { https_proxy: PROXY }, PROXY],
  ['https://r.io/v2/', { https_proxy: '', HTTPS_PROXY: PROXY }, undefined],
  ['https://r.io/v2/', { HTTP_PROXY: PROXY }, undefined],
  ['http://r.io/v2/', { HTTP_PROXY: PROXY }, PROXY],
  ['http://r.io/v2/', { HTTP_PROXY: 'proxy.corp:3128' }, PROXY],
  ['http://127.0.0.1:5000/', { HTTP_PROXY: PROXY }, undefined],
  ['http://[::1]:5000/', { HTTP_PROXY: PROXY }, undefined],
  ['http://localhost:5000/', { HTTP_PROXY: PROXY }, undefined],
  ['http://r.io/', { HTTP_PROXY: PROXY, NO_PROXY: '*' }, undefined],
  ['http://r.io/', { HTTP_PROXY: PROXY, NO_PROXY: 'x.io, r.io' }, undefined],
  ['http://a.r.io/', { HTTP_PROXY: PROXY, NO_PROXY: 'r.io' }, undefined],
  ['http://a.r.io/', { HTTP_PROXY: PROXY, NO_PROXY: '.R.io' }, undefined],
  ['http://a.r.io/', { HTTP_PROXY: PROXY, no_proxy: '*.r.io' }, undefined],
  ['http://other.io/', { HTTP_PROXY: PROXY, NO_PROXY: 'r.io' }, PROXY],
  ['http://xr.io/', { HTTP_PROXY: PROXY, NO_PROXY: 'r.io' }, PROXY],
  ['http://r.io:81/', { HTTP_PROXY: PROXY, NO_PROXY: 'r.io:81' }, undefined],
  ['http://r.io/', { HTTP_PROXY: PROXY, NO_PROXY: 'r.io:81' }, PROXY],
  ['https://r.io/', { HTTPS_PROXY: PROXY, NO_PROXY: 'r.io:443' }, undefined],
  [
    'http://10.1.2.3/',
    { HTTP_PROXY: PROXY, NO_PROXY: '10.0.0.0/8' },
    undefined,
  ],
  ['http://11.1.2.3/', { HTTP_PROXY: PROXY, NO_PROXY: '10.0.0.0/8' }, PROXY],
  ['http://r.io/', { HTTP_PROXY: PROXY, NO_PROXY: '10.0.0.0/8' }, PROXY],
  ['http://10.1.2.3/', { HTTP_PROXY: PROXY, NO_PROXY: '10.1.2.3' }, undefined],
  ['http://[fd00::1]/', { HTTP_PROXY: PROXY, NO_PROXY: 'fd00::/8' }, undefined],
  ['http://r.io/', { HTTP_PROXY: PROXY, NO_PROXY: 'bad/net,,' }, PROXY],
])('%s with %j goes through %s', (url, variables, expected) => {
  const proxy = proxyFor(new URL(url), { variables });
  expect(proxy?.href).toBe(expected && `${expected}/`);
});

it('names the variable and not its value', () => {
  const variables = { https_proxy: 'socks5://u:hush@x' };
  expect(() => proxyFor(new URL('https://r.io'), { variables })).toThrow(
    /^HTTPS_PROXY must be the URL of an HTTP proxy$/,
  );
});
