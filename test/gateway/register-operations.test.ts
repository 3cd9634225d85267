import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readManifest } from '../../gateway/operation-manifest.ts';
import { runRegisterOperations } from '../../gateway/register-operations.ts';
import { compose } from './support/federation.ts';

const SUPERGRAPH = compose({
  shop: {
    typeDefs: `
      type Query {
        product(id: ID!): Product
        products(first: Int!): [Product!]! @listSize(slicingArguments: ["first"])
        everything: [Product!]! @listSize(assumedSize: 60000)
      }
      type Mutation { rename(id: ID!, name: String!): Product }
      type Product @key(fields: "id") { id: ID! name: String related(first: Int = 5): [Product!]! @listSize(slicingArguments: ["first"]) }
    `,
  },
});

let folder: string;
const path = (name: string) => join(folder, name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'register-'));
  mkdirSync(path('operations'));
  writeFileSync(path('supergraph.graphql'), SUPERGRAPH);
  const clients = [
    { name: 'acme', kind: 'partner', mode: 'ids-only', costPerMinute: 100 },
    { name: 'web', kind: 'first-party', mode: 'open' },
  ];
  writeFileSync(path('clients.json'), JSON.stringify({ clients }));
});

afterEach(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  writeFileSync(path(name), text);
  return path(name);
}

function run(...args: string[]): string {
  return runRegisterOperations([
    ...['--supergraph', path('supergraph.graphql'), '--clients', path('clients.json')],
    ...['--manifests', path('manifests'), ...args],
  ]);
}

const register = (...args: string[]) => run('--client', 'acme', ...args);
const manifest = () => readManifest(path('manifests/acme.json'));
const names = () => manifest().map(({ name }) => name);
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('operations:register', () => {
  it('writes ids that are the sha256 of their bodies, and prints each with its cost', () => {
    const output = register(
      file('a.graphql', 'query   Product($id: ID!) { product(id: $id) { ...Card } }'),
      file('b.graphql', 'fragment Card on Product { id, name }'),
      file('c.graphql', 'query Products($first: Int!) { products(first: $first) { id } }'),
    );

    const body =
      'query Product($id: ID!) {\n  product(id: $id) {\n    ...Card\n  }\n}\n\n' +
      'fragment Card on Product {\n  id\n  name\n}';
    expect(manifest()).toEqual([
      { id: sha256(body), name: 'Product', type: 'query', body },
      expect.objectContaining({ name: 'Products' }),
    ]);
    const [products] = manifest().slice(1);
    expect(output.split('\n').slice(0, 3)).toEqual([
      `id${' '.repeat(64)}type   name      cost`,
      `${sha256(body)}  query  Product   1`,
      `${products?.id}  query  Products  10 with $first = 10`,
    ]);
    expect(output).toContain('2 operations, 2 of them new.');
  });

  it('writes the same file for the same operations, in whatever order they come', () => {
    const a = file('a.graphql', 'query A { product(id: 1) { id } }');
    const b = file('b.graphql', 'mutation B { rename(id: 1, name: "x") { id } }');
    register(a, b);
    const first = readFileSync(path('manifests/acme.json'), 'utf8');

    register('--replace', b, a);

    expect(readFileSync(path('manifests/acme.json'), 'utf8')).toBe(first);
  });

  it('keeps what released apps send, until it is told to forget it', () => {
    register(file('a.graphql', 'query A { product(id: 1) { id } }'));
    register(file('a.graphql', 'query A { product(id: 1) { name } }'));
    expect(names()).toEqual(['A', 'A']);

    register('--replace', path('a.graphql'));

    expect(manifest()).toMatchObject([{ body: expect.stringContaining('name') }]);
  });

  it('takes folders, globs and the manifests of other tools', () => {
    file('operations/a.graphql', 'query A { product(id: 1) { id } }');
    file('operations/b.gql', 'query B { product(id: 2) { id } }');
    register(path('operations'));
    const other = path('other.json');
    writeFileSync(other, readFileSync(path('manifests/acme.json')));

    register('--replace', other, path('operations/*.gql'));

    expect(names()).toEqual(['A', 'B']);
  });

  it.each([
    [
      'is not valid',
      'query A { product(id: 1) { prise } }',
      'A: Cannot query field "prise" on type "Product"',
    ],
    [
      'is beyond the depth',
      `query A { product(id: 1) { ${'related { '.repeat(20)} id ${'}'.repeat(20)} } }`,
      'A: The operation exceeds the limit',
    ],
    [
      'costs more than one operation may',
      'query A { everything { id } }',
      'A: costs 60000 points and 100 are allowed',
    ],
    [
      'costs more than the budget of a minute',
      'query A { products(first: 101) { id } }',
      'A: costs 101 points and 100 are allowed',
    ],
    ['lacks a fragment', 'query A { product(id: 1) { ...Lost } }', 'A: Unknown fragment "Lost"'],
    ['has no name', '{ product(id: 1) { id } }', 'a.graphql: an operation has no name'],
    [
      'is defined twice',
      'query A { product(id: 1) { id } } query A { product(id: 2) { id } }',
      'operation A is defined twice',
    ],
    ['does not parse', 'query A {', 'a.graphql: Syntax Error'],
    ['is a schema', 'type A { b: Int }', 'a.graphql: holds type definitions, not operations'],
    ['is nothing', '# nothing', 'Syntax Error'],
  ])('refuses an operation that %s, and writes nothing', (_case, text, message) => {
    const good = file('good.graphql', 'query Good { product(id: 1) { id } }');

    expect(() => register(good, file('a.graphql', text))).toThrow(message);

    expect(existsSync(path('manifests/acme.json'))).toBe(false);
  });

  it.each([
    [['--client', 'nobody', 'x.graphql'], 'has no client "nobody"'],
    [['x.graphql'], '--client NAME is missing'],
    [['--client', 'acme'], 'name the files to register'],
    [['--client', 'acme', '/nowhere/x.graphql'], '/nowhere/x.graphql does not exist'],
    [['--client', 'acme', '--supergraph', '/nowhere', 'x'], '/nowhere cannot be read'],
    [['--other'], "Unknown option '--other'"],
  ])('refuses %j with one clear line', (args, message) => {
    expect(() => run(...args)).toThrow(message);
  });
});

describe('operations:register --check', () => {
  it('passes while every registered operation fits the schema, and names the one that does not', () => {
    register(file('a.graphql', 'query A { product(id: 1) { name } }'));
    expect(run('--check')).toContain('1 operation registered, and all fit');

    const next = compose({
      shop: { typeDefs: 'type Query { product(id: ID!): Product } type Product { id: ID! }' },
    });
    writeFileSync(path('supergraph.graphql'), next);

    expect(() => run('--check')).toThrow(/operations of acme .*\n {2}A: Cannot query field "name"/);
  });

  it('refuses the manifest of a client that is not registered', () => {
    register(file('a.graphql', 'query A { product(id: 1) { name } }'));
    writeFileSync(path('clients.json'), JSON.stringify({ clients: [] }));

    expect(() => run('--check')).toThrow('acme.json is of no client in');
  });
});
