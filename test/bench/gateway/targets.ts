import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Peer, providePeer } from '../support/peers.ts';
import { freePort } from '../support/ports.ts';
import { LOAD_CORE, ServerProcess, TARGET_CORE } from '../support/processes.ts';
import { SUBGRAPHS, supergraphFor } from './scenario.ts';

const TYPESCRIPT = ['--import', join(process.cwd(), 'local', 'typescript.mjs')];
const PROGRAMS = 'test/bench/gateway';

export const HIVE: Peer = {
  name: 'hive',
  dependencies: {
    '@graphql-hive/gateway': '2.15.1',
    '@graphql-hive/router-runtime': '1.4.23',
    graphql: '16.14.0',
  },
  overrides: { '@graphql-tools/batch-execute': '10.2.0' },
  programs: [`${PROGRAMS}/peers/hive.config.mjs`],
};

const MERCURIUS: Peer = {
  name: 'mercurius',
  dependencies: {
    mercurius: '16.10.1',
    '@mercuriusjs/gateway': '5.2.0',
    fastify: '5.12.8',
    graphql: '16.14.0',
  },
  programs: [`${PROGRAMS}/peers/mercurius.mjs`],
};

/** Mercurius composes by itself, from Federation 1: one owner of each type, the others extend it. */
const FEDERATION_1: Readonly<Record<string, string>> = {
  accounts: `
    extend type Query { me: User user(id: ID!): User users: [User] }
    type User @key(fields: "id") { id: ID! name: String username: String birthday: Int }
  `,
  inventory: `
    extend type Product @key(fields: "upc") {
      upc: String! @external
      weight: Int @external
      price: Int @external
      inStock: Boolean
      shippingEstimate: Int @requires(fields: "price weight")
    }
  `,
  products: `
    extend type Query { topProducts(first: Int = 5): [Product] }
    type Product @key(fields: "upc") { upc: String! name: String price: Int weight: Int }
  `,
  reviews: `
    type Review @key(fields: "id") {
      id: ID! body: String product: Product author: User @provides(fields: "username")
    }
    extend type User @key(fields: "id") {
      id: ID! @external username: String @external reviews: [Review]
    }
    extend type Product @key(fields: "upc") { upc: String! @external reviews: [Review] }
  `,
};

/** Every target answers at this path, except bare node:http, which has one path per answer. */
const GRAPHQL_PATH = '/graphql';

export interface Target {
  readonly name: string;
  readonly server: ServerProcess;
  readonly path: (load: string) => string;
}

export interface Absent {
  readonly name: string;
  readonly reason: string;
}

/** Starts and stops everything that a run of the bench needs. */
export class Stage {
  readonly targets: Target[] = [];
  readonly absent: Absent[] = [];
  private readonly directory: string;
  private subgraphs: ServerProcess | null = null;
  private urlOf: (name: string) => string = () => '';

  constructor(private readonly pinned: boolean) {
    const parent = join(process.cwd(), '.data');
    mkdirSync(parent, { recursive: true });
    this.directory = mkdtempSync(join(parent, 'bench-'));
  }

  async startSubgraphs(): Promise<void> {
    const port = await freePort();
    this.urlOf = (name) => `http://127.0.0.1:${port}/${name}`;
    this.subgraphs = await ServerProcess.start({
      command: [process.execPath, ...TYPESCRIPT, `${PROGRAMS}/subgraph-server.ts`, String(port)],
      port,
      core: this.pinned ? LOAD_CORE : null,
    });
    writeFileSync(this.file('supergraph.graphql'), supergraphFor(this.urlOf));
    const services = SUBGRAPHS.map((name) => ({
      name,
      url: this.urlOf(name),
      schema: FEDERATION_1[name],
    }));
    writeFileSync(this.file('services.json'), JSON.stringify(services));
  }

  async startParley(name: string, flags: readonly string[]): Promise<void> {
    await this.start(name, (port) => ({
      command: [
        ...[process.execPath, ...TYPESCRIPT, `${PROGRAMS}/targets/parley.ts`],
        ...[this.file('supergraph.graphql'), String(port), ...flags],
      ],
    }));
  }

  async startApollo(name: string): Promise<void> {
    await this.start(
      name,
      (port) => ({
        command: [
          ...[process.execPath, ...TYPESCRIPT, `${PROGRAMS}/targets/apollo.ts`],
          ...[this.file('supergraph.graphql'), String(port)],
        ],
      }),
      () => '/',
    );
  }

  async startBare(name: string, answers: Readonly<Record<string, string>>): Promise<void> {
    const byPath = Object.fromEntries(
      Object.entries(answers).map(([load, text]) => [`/${load}`, text]),
    );
    writeFileSync(this.file('answers.json'), JSON.stringify(byPath));
    await this.start(
      name,
      (port) => ({
        command: [
          ...[process.execPath, ...TYPESCRIPT, `${PROGRAMS}/targets/bare.ts`],
          ...[this.file('answers.json'), String(port)],
        ],
      }),
      (load) => `/${load}`,
    );
  }

  async startHive(
    name: string,
    { planner, coalesce }: { planner: 'javascript' | 'rust'; coalesce: boolean },
    mayInstall: boolean,
  ): Promise<void> {
    const directory = providePeer(HIVE, mayInstall);
    if (directory === null) return this.missing(name);
    await this.start(name, (port) => ({
      command: [
        ...[process.execPath, 'node_modules/@graphql-hive/gateway/dist/bin.js', 'supergraph'],
        ...[this.file('supergraph.graphql'), '--config-path', 'hive.config.mjs'],
        ...['--port', String(port), '--host', '127.0.0.1', '--fork', '1'],
      ],
      cwd: directory,
      env: { BENCH_PLANNER: planner, BENCH_COALESCE: String(coalesce) },
    }));
  }

  async startMercurius(name: string, mayInstall: boolean): Promise<void> {
    const directory = providePeer(MERCURIUS, mayInstall);
    if (directory === null) return this.missing(name);
    await this.start(name, (port) => ({
      command: [process.execPath, 'mercurius.mjs', this.file('services.json'), String(port)],
      cwd: directory,
    }));
  }

  async stop(): Promise<void> {
    await Promise.all(this.targets.map(({ server }) => server.stop()));
    await this.subgraphs?.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private missing(name: string): void {
    this.absent.push({ name, reason: 'not installed' });
  }

  /** A peer that does not start is absent: the bench goes on without it. */
  private async start(
    name: string,
    how: (port: number) => {
      command: readonly string[];
      cwd?: string;
      env?: Readonly<Record<string, string>>;
    },
    path: Target['path'] = () => GRAPHQL_PATH,
  ): Promise<void> {
    const port = await freePort();
    const { env, ...rest } = how(port);
    try {
      const server = await ServerProcess.start({
        ...rest,
        env: { NODE_ENV: 'production', APOLLO_TELEMETRY_DISABLED: 'true', ...env },
        port,
        core: this.pinned ? TARGET_CORE : null,
      });
      this.targets.push({ name, server, path });
    } catch (error) {
      const [reason = ''] = (error as Error).message.split('\n').slice(-1);
      this.absent.push({ name, reason: reason || (error as Error).message });
      process.stderr.write(`${name}: ${(error as Error).message}\n`);
    }
  }

  private file(name: string): string {
    return join(this.directory, name);
  }
}
