import type {
  ApplicationRow,
  BaseRow,
} from '@imglife/backstage-plugin-imglife-common';
import { entityEnvelopeSchemaValidator } from '@backstage/catalog-model';
import { imageEntities, imageEntityName } from './imageEntities';

const options = {
  namespace: 'imglife',
  applications: 'mapped' as const,
  defaultOwner: 'group:default/unknown',
  baseOwner: () => 'group:default/platform',
};

function base(change: Partial<BaseRow>): BaseRow {
  return {
    repository: 'registry.example.com/bases/alpine',
    name: 'alpine',
    version: '3.21.3-core1.0.0',
    status: 'ok',
    state: 'published',
    eolDate: '2026-11-01',
    ...change,
  } as BaseRow;
}

function application(change: Partial<ApplicationRow>): ApplicationRow {
  return {
    repository: 'registry.example.com/apps/pay',
    tag: '1.0.0',
    status: 'warning',
    eolDate: null,
    owner: 'group:default/payments',
    entityRef: 'component:default/pay',
    base: {
      reference: 'registry.example.com/bases/alpine:3.21.3-core1.0.0',
      digest: null,
      name: 'alpine',
      version: '3.21.3-core1.0.0',
    },
    ...change,
  } as ApplicationRow;
}

describe('imageEntities', () => {
  it('gives valid resources whose relations exist', () => {
    const entities = imageEntities(
      {
        bases: [base({}), base({ status: 'critical', version: '3.19' })],
        applications: [
          application({}),
          application({ tag: '0.9', status: 'critical' }),
          application({
            repository: 'registry.example.com/apps/gone',
            entityRef: 'component:default/gone',
          }),
          application({
            repository: 'registry.example.com/apps/none',
            entityRef: null,
          }),
        ],
        existing: new Set(['component:default/pay']),
      },
      options,
    );
    const validate = entityEnvelopeSchemaValidator();
    entities.forEach(entity => validate(entity));
    expect(entities.map(entity => entity.metadata.title)).toEqual([
      'registry.example.com/bases/alpine',
      'registry.example.com/apps/pay',
    ]);
    const [alpine, pay] = entities;
    expect(alpine.metadata.annotations).toMatchObject({
      'imglife.io/status': 'critical',
      'imglife.io/version': '3.19',
      'imglife.io/eol-date': '2026-11-01',
    });
    expect(alpine.spec.owner).toBe('group:default/platform');
    expect(pay.metadata.annotations?.['imglife.io/status']).toBe('critical');
    expect(pay.spec).toEqual({
      type: 'container-image',
      owner: 'group:default/payments',
      dependsOn: [`resource:imglife/${alpine.metadata.name}`],
      dependencyOf: ['component:default/pay'],
    });
  });

  it.each([
    ['all', 4],
    ['mapped', 2],
    ['none', 1],
  ] as const)('applications: %s gives %i entities', (applications, count) => {
    const entities = imageEntities(
      {
        bases: [base({})],
        applications: [
          application({}),
          application({ repository: 'r.example.com/a', entityRef: null }),
          application({
            repository: 'r.example.com/b',
            base: null,
            entityRef: 'component:default/gone',
          }),
        ],
        existing: new Set(['component:default/pay']),
      },
      { ...options, applications },
    );
    expect(entities).toHaveLength(count);
  });
});

describe('imageEntityName', () => {
  it('is short, valid and its own for every repository', () => {
    const long = `registry.example.com:5000/${'team/'.repeat(30)}service`;
    const names = [long, `${long}2`, 'a.b/c', 'a-b/c', 'a/b.c'].map(
      imageEntityName,
    );
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) {
      expect(name).toMatch(/^[A-Za-z0-9][A-Za-z0-9-]{0,62}$/);
    }
  });
});
