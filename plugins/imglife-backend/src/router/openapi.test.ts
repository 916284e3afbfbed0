import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { allRoutes } from './allRoutes';
import { openApiDocument } from './openapi';

const file = path.join(__dirname, '../../openapi.yaml');

describe('openapi.yaml', () => {
  const routes = allRoutes({} as never);
  const document = JSON.parse(JSON.stringify(openApiDocument(routes)));

  it('is what the routes are composed to; UPDATE_OPENAPI=1 writes it', async () => {
    const yaml = stringify(document, { aliasDuplicateObjects: false });
    if (process.env.UPDATE_OPENAPI) {
      await writeFile(file, yaml);
    }
    expect(parse(await readFile(file, 'utf8'))).toEqual(document);
  });

  it('has every route of the contract, with the permission it needs', () => {
    const found = Object.entries<Record<string, any>>(document.paths).flatMap(
      ([route, methods]) =>
        Object.entries(methods).map(
          ([method, operation]) =>
            `${method} ${route} ${operation['x-permission'] ?? '-'}`,
        ),
    );
    expect(found.sort()).toEqual(
      [
        'get /health -',
        'get /v1/summary imglife.image.read',
        'get /v1/mirrors imglife.image.read',
        'get /v1/bases imglife.image.read',
        'get /v1/applications imglife.image.read',
        'post /v1/bases/withdraw imglife.base.withdraw',
        'get /v1/bases/export imglife.base.publish',
        'post /v1/bases/published imglife.base.publish',
        'get /v1/check imglife.image.read',
        'post /v1/registrations imglife.registration.create',
        'post /v1/registrations/batch imglife.registration.create',
        'delete /v1/registrations imglife.registration.delete',
        'get /v1/images/history imglife.image.read',
        'get /v1/images/lineage imglife.image.read',
        'get /v1/adoption imglife.image.read',
        'get /v1/transitions imglife.image.read',
        'get /v1/entities/{kind}/{namespace}/{name} imglife.image.read',
        'get /v1/report imglife.image.read',
        'post /v1/mirrors/accept imglife.run.create',
        'post /v1/retention/restore imglife.retention.run',
        'post /v1/runs imglife.run.create',
        'get /v1/runs imglife.image.read',
        'get /v1/runs/{id} imglife.image.read',
        'get /v1/runs/{id}/log imglife.image.read',
        'post /v1/runs/{id}/cancel imglife.run.cancel',
      ].sort(),
    );
  });

  it('lets references stand unescaped in a query', () => {
    const { parameters } = document.paths['/v1/check'].get;
    expect(parameters).toContainEqual(
      expect.objectContaining({ name: 'base', allowReserved: true }),
    );
  });
});
