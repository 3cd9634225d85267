import { createHash } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { GraphQLError } from 'graphql';
import type { Clients } from '../../gateway/clients.ts';
import { manifestText } from '../../gateway/operation-manifest.ts';
import {
  PersistedOperations,
  type PersistedOperationsOptions,
} from '../../gateway/persisted-operations.ts';
import type { GraphQLParams } from '../../gateway/types.ts';
import { clientsOf } from './support/credentials.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

const HELLO = 'query Hello { hello }';
const FULL = 'query Full { me { ...Name } }\n\nfragment Name on User { name }';
const OTHERS = 'query Others { others }';
const FREE = 'query Free { free }';

function operation(body: string, name: string) {
  return { id: sha256(body), name, type: 'query' as const, body };
}

let folder: string;
let clients: Clients;
let counts: string[];

beforeAll(() => {
  clients = clientsOf([
    { name: 'acme', kind: 'partner', mode: 'ids-only' },
    { name: 'other', kind: 'partner', mode: 'ids-only' },
    { name: 'web', kind: 'first-party', mode: 'open', automaticPersistedQueries: true },
    { name: 'admin', kind: 'first-party', mode: 'open' },
    { name: 'kiosk', kind: 'first-party', mode: 'safelist' },
    { name: 'mobile', kind: 'first-party', mode: 'log-unknown' },
  ]);
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'manifests-'));
  const operations = [operation(HELLO, 'Hello'), operation(FULL, 'Full')];
  for (const client of ['acme', 'kiosk', 'mobile']) write(client, manifestText(operations));
  write('other', manifestText([operation(OTHERS, 'Others')]));
  counts = [];
});

afterEach(() => rmSync(folder, { recursive: true }));
afterAll(() => clients.close());

function write(client: string, text: string): void {
  writeFileSync(join(folder, `${client}.tmp`), text);
  renameSync(join(folder, `${client}.tmp`), join(folder, `${client}.json`));
}

function open(options: Partial<PersistedOperationsOptions> = {}): PersistedOperations {
  return new PersistedOperations({
    clients,
    directory: folder,
    observe: (outcome, client) => counts.push(`${client} ${outcome}`),
    ...options,
  });
}

function resolver(options: Partial<PersistedOperationsOptions> = {}) {
  const operations = open(options);
  operations.close();
  return (client: string, params: GraphQLParams) => {
    const found = operations.resolve(params, clients.named(client) ?? clients.byHeader(client));
    return found instanceof GraphQLError ? found.extensions.code : found.body;
  };
}

const FORMS: [string, (id: string) => GraphQLParams][] = [
  ['extensions', (id) => ({ extensions: { persistedQuery: { version: 1, sha256Hash: id } } })],
  ['documentId', (id) => ({ documentId: id })],
  ['documentId with its prefix', (id) => ({ documentId: `sha256:${id}` })],
  ['capital letters', (id) => ({ documentId: id.toUpperCase() })],
];

describe('an id', () => {
  it.each(FORMS)('in the form %s runs the registered operation by its name', (_form, params) => {
    const operations = open();
    operations.close();

    expect(operations.resolve(params(sha256(FULL)), clients.named('acme')!)).toEqual({
      body: FULL,
      operationName: 'Full',
    });
    expect(counts).toEqual(['acme registered']);
  });

  it.each(FORMS)(
    'in the form %s is refused when it is unknown, or of another client',
    (_form, params) => {
      const resolve = resolver();

      for (const id of [sha256(FREE), sha256(OTHERS)]) {
        expect(resolve('acme', params(id))).toBe('PERSISTED_QUERY_NOT_FOUND');
      }
      expect(counts).toEqual(['acme refused_not_found', 'acme refused_not_found']);
      expect(resolve('other', params(sha256(OTHERS)))).toBe(OTHERS);
    },
  );

  it('is refused beside a body that is not its own, whatever the mode', () => {
    const resolve = resolver();

    for (const client of ['acme', 'web', 'admin', 'kiosk', 'mobile']) {
      expect(resolve(client, { documentId: sha256(HELLO), query: FREE })).toBe(
        'PERSISTED_QUERY_HASH_MISMATCH',
      );
    }
  });

  it('is refused when the request names two, or is no text', () => {
    const resolve = resolver();
    const two = {
      documentId: sha256(HELLO),
      extensions: { persistedQuery: { version: 1, sha256Hash: sha256(FULL) } },
    };

    expect(resolve('acme', two)).toBe('BAD_REQUEST');
    for (const persistedQuery of [
      { version: 1 },
      { version: 1, sha256Hash: 7 },
      { version: 2, sha256Hash: sha256(HELLO) },
      'x',
    ]) {
      expect(resolve('web', { query: HELLO, extensions: { persistedQuery } })).toBe('BAD_REQUEST');
    }
    expect(resolve('web', {})).toBe('BAD_REQUEST');
  });

  it('cannot be a name that objects have by themselves', () => {
    expect(resolver()('acme', { documentId: '__proto__' })).toBe('PERSISTED_QUERY_NOT_FOUND');
  });
});

describe('mode ids-only', () => {
  it('takes no document by itself, be it registered or not', () => {
    const resolve = resolver();

    expect(resolve('acme', { query: HELLO })).toBe('OPERATION_ID_REQUIRED');
    expect(resolve('acme', { query: FREE })).toBe('OPERATION_ID_REQUIRED');
    expect(counts).toEqual(['acme refused_id_required', 'acme refused_id_required']);
  });

  it('takes a document beside its own id, if that is registered', () => {
    const resolve = resolver();

    expect(resolve('acme', { documentId: sha256(HELLO), query: HELLO })).toBe(HELLO);
    expect(resolve('acme', { documentId: sha256(FREE), query: FREE })).toBe(
      'PERSISTED_QUERY_NOT_IN_LIST',
    );
    expect(resolve('acme', { documentId: sha256(FREE) })).toBe('PERSISTED_QUERY_NOT_FOUND');
  });
});

describe('mode safelist', () => {
  it('runs the registered text of a document that differs in layout and order only', () => {
    const resolve = resolver();
    const relaid = '# comment\nfragment Name on User { name, }\nquery   Full{me{...Name}}';

    expect(resolve('kiosk', { query: relaid })).toBe(FULL);
    expect(resolve('kiosk', { query: relaid })).toBe(FULL);
    expect(resolve('kiosk', { query: HELLO })).toBe(HELLO);
  });

  it.each([
    FREE,
    'query Hello { hello hello }',
    'query Hi { hello }',
    'query Hello { hi: hello }',
    'query Hello { hello } query Free { free }',
    'query Hello { hello',
    `query Hello { hello ${'x '.repeat(5_000)} }`,
  ])('refuses %.60s', (query) => {
    expect(resolver()('kiosk', { query })).toBe('PERSISTED_QUERY_NOT_IN_LIST');
  });

  it('asks for the document when it does not know the id', () => {
    expect(resolver()('kiosk', { documentId: sha256(FREE) })).toBe('PERSISTED_QUERY_NOT_FOUND');
  });
});

describe('mode log-unknown', () => {
  it('runs every document, and reports once each that is not registered', () => {
    const unregistered: unknown[] = [];
    const resolve = resolver({ onUnregistered: (...unknown) => unregistered.push(unknown) });

    expect(resolve('mobile', { query: HELLO.replaceAll(' ', '  ') })).toBe(HELLO);
    expect(resolve('mobile', { query: FREE, operationName: 'Free' })).toBe(FREE);
    expect(resolve('mobile', { query: FREE, operationName: 'Free' })).toBe(FREE);

    expect(unregistered).toEqual([['mobile', sha256(FREE), 'Free']]);
    expect(counts).toEqual(['mobile registered', 'mobile unregistered', 'mobile unregistered']);
  });
});

describe('mode open', () => {
  it('runs what it is sent, of callers that name no client only where that is allowed', () => {
    const resolve = resolver();

    expect(resolve('admin', { query: FREE })).toBe(FREE);
    expect(resolve('stranger', { query: FREE })).toBe('OPERATION_ID_REQUIRED');
  });
});

describe('automatic persisted queries', () => {
  const byHash = (body: string) => ({
    extensions: { persistedQuery: { version: 1, sha256Hash: sha256(body) } },
  });

  it('ask for the document once, and for this client alone', () => {
    const operations = open();
    operations.close();
    const web = clients.named('web')!;

    const refused = operations.resolve(byHash(FREE), web);
    expect(refused).toMatchObject({
      message: 'PersistedQueryNotFound',
      extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' },
    });
    expect(operations.resolve({ ...byHash(FREE), query: FREE }, web)).toEqual({ body: FREE });
    expect(operations.resolve(byHash(FREE), web)).toEqual({ body: FREE });
    expect(operations.resolve(byHash(FREE), clients.named('admin')!)).toBeInstanceOf(GraphQLError);
    expect(counts).toEqual([
      'web refused_not_found',
      'web free',
      'web stored',
      'web automatic',
      'admin refused_not_found',
    ]);
  });

  it('store nothing under a hash that is not its own', () => {
    const resolve = resolver();

    expect(resolve('web', { ...byHash(HELLO), query: FREE })).toBe('PERSISTED_QUERY_HASH_MISMATCH');
    expect(resolve('web', byHash(HELLO))).toBe('PERSISTED_QUERY_NOT_FOUND');
    expect(resolve('web', byHash(FREE))).toBe('PERSISTED_QUERY_NOT_FOUND');
  });

  it('are not kept for a client that has them off, which may send the document all the same', () => {
    const resolve = resolver();

    expect(resolve('admin', { ...byHash(FREE), query: FREE })).toBe(FREE);
    expect(resolve('admin', byHash(FREE))).toBe('PERSISTED_QUERY_NOT_FOUND');
  });

  it('are bounded: what is not used makes room', () => {
    const resolve = resolver();
    const bodies = Array.from({ length: 5_100 }, (_, index) => `{ f${index} }`);
    for (const query of bodies) resolve('web', { ...byHash(query), query });

    const kept = bodies.filter((body) => resolve('web', byHash(body)) === body);

    expect(kept).toHaveLength(5_000);
  });
});

describe('a manifest', () => {
  it.each([
    [
      [{ ...operation(HELLO, 'Hello'), body: FREE }],
      `operation Hello has the id ${sha256(HELLO)}, but its body is ${sha256(FREE)}`,
    ],
    [[operation(HELLO, 'Hello'), operation(HELLO, 'Hello')], 'operation Hello is listed twice'],
    [[operation(HELLO, 'Hi')], 'operation Hi is named Hello in its body'],
    [
      [{ ...operation(HELLO, 'Hello'), type: 'mutation' }],
      'operation Hello is a query, not a mutation',
    ],
    [[operation('query {', 'Bad')], 'operation Bad cannot be parsed: Syntax Error'],
    [
      [operation(`${HELLO} ${FREE}`, 'Hello')],
      'operation Hello does not hold exactly one operation',
    ],
  ])('is refused at the start: case %#', (operations, message) => {
    write(
      'acme',
      JSON.stringify({ format: 'apollo-persisted-query-manifest', version: 1, operations }),
    );

    expect(() => open()).toThrow(`${join(folder, 'acme.json')}: ${message}`);
  });

  it('is refused in another format or version, and when it is no JSON', () => {
    for (const text of [
      '{"format":"apollo-persisted-query-manifest","version":2,"operations":[]}',
      '{"format":"other","version":1,"operations":[]}',
      '{',
    ]) {
      write('acme', text);
      expect(() => open()).toThrow(join(folder, 'acme.json'));
    }
  });

  it('takes effect when it changes, and stays as it was when the new one is unusable', async () => {
    const failures: string[] = [];
    const operations = open({ onReloadFailed: ({ message }) => failures.push(message) });
    const acme = clients.named('acme')!;
    const runs = (body: string) =>
      !(operations.resolve({ documentId: sha256(body) }, acme) instanceof GraphQLError);
    const until = async (isDone: () => boolean) => {
      while (!isDone()) await new Promise((resolve) => setTimeout(resolve, 20));
    };

    write('acme', manifestText([operation(HELLO, 'Hello'), operation(FREE, 'Free')]));
    await until(() => runs(FREE));
    expect([runs(HELLO), runs(FULL)]).toEqual([true, false]);

    write('acme', manifestText([{ ...operation(FREE, 'Free'), body: OTHERS }]));
    await until(() => failures.length > 0);
    expect([runs(HELLO), runs(FREE), runs(OTHERS)]).toEqual([true, true, false]);

    rmSync(join(folder, 'acme.json'));
    await until(() => !runs(HELLO));
    operations.close();
  });

  it('gives each operation once to be planned ahead, with and without its name', () => {
    const operations = open();
    operations.close();

    const planned = [...operations.allOperations()].map(({ body, operationName }) => [
      body,
      operationName,
    ]);

    expect(planned).toHaveLength(6);
    expect(planned).toEqual(
      expect.arrayContaining([
        [HELLO, null],
        [HELLO, 'Hello'],
        [OTHERS, 'Others'],
      ]),
    );
  });
});
