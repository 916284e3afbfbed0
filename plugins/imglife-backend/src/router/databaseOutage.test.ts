import { InputError, ServiceUnavailableError } from '@backstage/errors';
import { databaseOutage } from './databaseOutage';

function coded(code: string, name = 'error'): Error {
  return Object.assign(new Error('said by the driver'), { code, name });
}

describe('databaseOutage', () => {
  it.each([
    ['a server that shuts down', coded('57P01')],
    ['a server that starts', coded('57P03')],
    ['a broken session', coded('08006')],
    ['no connection left', coded('53300')],
    ['nobody listens', coded('ECONNREFUSED', 'Error')],
    [
      'nobody listens on any address',
      new AggregateError([coded('ECONNREFUSED', 'Error')]),
    ],
    ['a session that ended', new Error('Connection terminated unexpectedly')],
    [
      'a full pool',
      Object.assign(new Error('Knex: Timeout acquiring a connection.'), {
        name: 'KnexTimeoutError',
      }),
    ],
  ])('answers 503 and names the database: %s', (_what, error) => {
    const answer = databaseOutage(error) as Error;
    expect(answer).toBeInstanceOf(ServiceUnavailableError);
    expect(answer.message).toMatch(/^the database cannot be reached/);
  });

  it.each([
    ['a fault of the caller', new InputError('image: missing')],
    ['a fault of a statement', coded('23505')],
    ['a fault of ours', new TypeError('x is not a function')],
    ['a registry that is away', coded('ECONNREFUSED', 'RegistryError')],
    ['no error at all', 'text'],
  ])('leaves %s as it is', (_what, error) => {
    expect(databaseOutage(error)).toBe(error);
  });
});
