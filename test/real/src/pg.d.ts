/** What the tests use of `pg`, which comes without types. */
declare module 'pg' {
  export class Client {
    constructor(options: { connectionString: string });
    connect(): Promise<void>;
    query<Row>(text: string, values?: string[]): Promise<{ rows: Row[] }>;
    end(): Promise<void>;
  }
}
