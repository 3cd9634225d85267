import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, it } from '@jest/globals';

/** What each layer of a subgraph may import. Read top to bottom: the arrow only ever points down. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  schema: ['schema', 'application', 'domain', 'kernel'],
  webhooks: ['webhooks', 'application', 'domain', 'kernel'],
  events: ['events', 'application', 'domain', 'kernel'],
  operations: ['operations', 'persistence', 'application', 'domain', 'kernel'],
  persistence: ['persistence', 'events', 'application', 'domain', 'kernel'],
  neighbours: ['neighbours', 'application', 'domain', 'kernel'],
  onboarding: ['onboarding', 'application', 'domain', 'kernel'],
  processor: ['processor', 'application', 'domain', 'kernel'],
  application: ['application', 'domain', 'kernel'],
  domain: ['domain', 'kernel'],
  kernel: ['kernel'],
};

/** The kernel's own parts that a domain may use: no database, no GraphQL, no network. */
const PURE_KERNEL =
  /^subgraphs\/kernel\/(errors|state-machine|money|ids|clock|text|policy|events\/envelope)\.ts$/;

interface Place {
  readonly subgraph: string;
  readonly layer: string;
}

function placeOf(path: string): Place {
  const [, subgraph = '', layer = ''] = path.split('/');
  return subgraph === 'kernel' ? { subgraph, layer: 'kernel' } : { subgraph, layer };
}

function importsOf(source: string): string[] {
  return [...source.matchAll(/(?:from|import)\s+'([^']+)'/g)].map(([, target = '']) => target);
}

/** Every import in `source` that crosses a border it may not cross. */
function trespasses(path: string, source: string): string[] {
  const from = placeOf(path);
  return importsOf(source).filter((target) => {
    if (!target.startsWith('.')) return from.layer === 'domain';
    const resolved = posix.join(posix.dirname(path), target);
    const to = placeOf(resolved);
    if (!resolved.startsWith('subgraphs/')) return true;
    if (to.subgraph !== from.subgraph && to.subgraph !== 'kernel') return true;
    if (from.layer === 'domain' && to.layer === 'kernel') return !PURE_KERNEL.test(resolved);
    return !MAY_IMPORT[from.layer]?.includes(to.layer);
  });
}

describe('layers', () => {
  const files = globSync('subgraphs/*/*/**/*.ts').concat(globSync('subgraphs/kernel/*.ts'));

  it('finds the five subgraphs and the kernel', () => {
    expect(new Set(files.map((path) => path.split('/')[1]))).toEqual(
      new Set(['kernel', 'catalog', 'conversations', 'orders', 'payments', 'seller-accounts']),
    );
  });

  it('imports only downwards', () => {
    const found = files.flatMap((path) =>
      trespasses(path, readFileSync(path, 'utf8')).map((target) => `${path} -> ${target}`),
    );

    expect(found).toEqual([]);
  });

  it('is not imported from server.ts of any subgraph', () => {
    const found = files.filter((path) =>
      /from '[^']*\/server\.ts'/.test(readFileSync(path, 'utf8')),
    );

    expect(found).toEqual([]);
  });

  it('keeps every noun of the business out of the gateway', () => {
    const found = globSync('gateway/**/*.ts').flatMap((path) =>
      importsOf(readFileSync(path, 'utf8'))
        .filter((target) => posix.join(posix.dirname(path), target).startsWith('subgraphs/'))
        .map((target) => `${path} -> ${target}`),
    );

    expect(found).toEqual([]);
  });

  it('keeps what is local out of what runs in production', () => {
    const found = [...globSync('gateway/**/*.ts'), ...globSync('subgraphs/**/*.ts')].filter(
      (path) =>
        importsOf(readFileSync(path, 'utf8')).some((target) =>
          /^(local|test)\//.test(posix.join(posix.dirname(path), target)),
        ),
    );

    expect(found).toEqual([]);
  });

  // A rule that cannot fail guards nothing: each of these must be caught.
  it.each([
    ['domain reaching up', 'subgraphs/payments/domain/x.ts', '../persistence/payment.schema.ts'],
    ['domain using a package', 'subgraphs/payments/domain/x.ts', 'graphql'],
    [
      'domain using the database',
      'subgraphs/payments/domain/x.ts',
      '../../kernel/persistence/transaction.ts',
    ],
    ['a neighbour', 'subgraphs/payments/application/x.ts', '../../orders/domain/order.ts'],
    [
      'a use case reading a table',
      'subgraphs/orders/application/x.ts',
      '../persistence/order.store.ts',
    ],
    [
      'kernel knowing a subgraph',
      'subgraphs/kernel/graphql/x.ts',
      '../../payments/domain/payment.ts',
    ],
    ['a subgraph using the gateway', 'subgraphs/orders/schema/x.ts', '../../../gateway/server.ts'],
  ])('catches %s', (_case, path, target) => {
    expect(trespasses(path, `import { x } from '${target}';`)).toEqual([target]);
  });

  it('lets a use case use the domain and the kernel', () => {
    const source =
      "import { x } from '../domain/order.ts';\nimport type { y } from '../../kernel/policy.ts';";

    expect(trespasses('subgraphs/orders/application/x.ts', source)).toEqual([]);
  });
});

describe('time and chance', () => {
  // Use cases take the clock and fresh ids as arguments, so that a simulation can replay them.
  it('are asked for by no domain and no use case', () => {
    const found = [
      ...globSync('subgraphs/*/domain/**/*.ts'),
      ...globSync('subgraphs/*/application/**/*.ts'),
    ].filter((path) =>
      /Date\.now\(|new Date\(\)|Math\.random\(|setTimeout\(|randomUUID/.test(
        readFileSync(path, 'utf8'),
      ),
    );

    expect(found).toEqual([]);
  });
});
