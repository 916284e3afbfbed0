import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RegistryClient } from '../RegistryClient';

it('keeps its connections over HEAD requests', async () => {
  let connections = 0;
  const server = createServer((_, response) => {
    response.writeHead(200, {
      'content-type': 'application/vnd.oci.image.index.v1+json',
      'content-length': 1000,
      'docker-content-digest': `sha256:${'a'.repeat(64)}`,
    });
    response.end();
  }).on('connection', () => {
    connections += 1;
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = RegistryClient.create({
    host: `127.0.0.1:${port}`,
    insecure: true,
    concurrency: 2,
  });
  try {
    for (let round = 0; round < 10; round += 1) {
      await Promise.all([
        client.headManifest('alpine', '3.21'),
        client.headManifest('alpine', '3.22'),
      ]);
    }
    // one may be opened before an answer's own is free again
    expect(connections).toBeLessThanOrEqual(4);
  } finally {
    await client.close();
    server.close();
  }
});
