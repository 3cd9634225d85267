import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type RegisteredClient, readClientFile } from './clients.ts';
import { ConfigError, readConfig } from './config.ts';
import { readOperationFiles } from './operation-files.ts';
import {
  type ManifestOperation,
  manifestText,
  readManifest,
  readManifests,
} from './operation-manifest.ts';
import { type OperationReport, reportOn, reportTable } from './operation-report.ts';
import { COST_MAX } from './server.ts';
import { loadSupergraph } from './supergraph.ts';
import type { SubgraphTransport, SupergraphSnapshot } from './types.ts';

// `npm run operations:register`: writes a client's manifest, and checks manifests in CI.

const USAGE = `Registers operations for a client: validates and prices them, and writes its manifest.

  npm run operations:register -- --client NAME FILES
  npm run operations:register -- --check

  FILES              .graphql files, folders of them, globs, or manifests (.json)
  --client NAME      a client of the registry
  --replace          forget what is registered; without it, released versions of an app go on
  --check            write nothing: every manifest must fit the supergraph
  --supergraph FILE  default schema/supergraph.graphql
  --clients FILE     default schema/clients.json
  --manifests DIR    default schema/persisted-operations
`;

type Flags = ReturnType<typeof flagsOf>['values'];

/** Runs the command; returns what it prints. Throws ConfigError and then has written nothing. */
export function runRegisterOperations(args: readonly string[]): string {
  const { values: flags, positionals } = flagsOf(args);
  if (flags.help) return USAGE;
  const clients = readClientFile(flags.clients);
  const snapshot = supergraphOf(flags.supergraph);
  if (flags.check) return check(flags, clients, snapshot);
  if (flags.client === undefined) throw new ConfigError('--client NAME is missing; try --help');
  const client = clients.find(({ name }) => name === flags.client);
  if (!client) throw new ConfigError(`${flags.clients} has no client "${flags.client}"`);
  if (positionals.length === 0) throw new ConfigError('name the files to register; try --help');
  return register(flags, client, positionals, snapshot);
}

function register(
  flags: Flags,
  client: RegisteredClient,
  paths: readonly string[],
  snapshot: SupergraphSnapshot,
): string {
  const file = join(flags.manifests, `${client.name}.json`);
  const given = readOperationFiles(paths);
  if (given.length === 0) throw new ConfigError('the files hold no operation');
  const kept = flags.replace || !existsSync(file) ? [] : readManifest(file);
  const byId = new Map([...kept, ...given].map((operation) => [operation.id, operation]));
  const reports = reportsOf([...byId.values()], client, snapshot);
  refuseProblems(reports, client.name);
  mkdirSync(flags.manifests, { recursive: true });
  replaceFile(file, manifestText(byId.values()));
  const added = given.filter(({ id }) => !kept.some((operation) => operation.id === id)).length;
  return `${reportTable(reports)}\n\n${file}: ${counted(byId.size)}, ${added} of them new.\n`;
}

function check(
  flags: Flags,
  clients: readonly RegisteredClient[],
  snapshot: SupergraphSnapshot,
): string {
  let count = 0;
  for (const [name, operations] of readManifests(flags.manifests)) {
    const client = clients.find((each) => each.name === name);
    if (!client) throw new ConfigError(`${name}.json is of no client in ${flags.clients}`);
    refuseProblems(reportsOf(operations, client, snapshot), name);
    count += operations.length;
  }
  return `${counted(count)} registered, and all fit ${flags.supergraph}.\n`;
}

function counted(operations: number): string {
  return operations === 1 ? '1 operation' : `${operations} operations`;
}

function reportsOf(
  operations: readonly ManifestOperation[],
  { costPerMinute }: RegisteredClient,
  snapshot: SupergraphSnapshot,
): OperationReport[] {
  const costMax = readConfig(process.env).GATEWAY_COST_MAX ?? COST_MAX;
  return operations
    .map((operation) => reportOn(operation, snapshot, { costMax, costPerMinute }))
    .sort((a, b) => (a.operation.name < b.operation.name ? -1 : 1));
}

function refuseProblems(reports: readonly OperationReport[], client: string): void {
  const lines = reports.flatMap(({ operation, problems }) =>
    problems.map((problem) => `  ${operation.name}: ${problem}`),
  );
  if (lines.length === 0) return;
  throw new ConfigError(`operations of ${client} cannot be registered:\n${lines.join('\n')}`);
}

/** Nothing is executed here: the gateway's own preparation does not call a subgraph. */
const NO_SUBGRAPHS: SubgraphTransport = {
  execute: () => Promise.reject(new Error('no subgraph is called to register operations')),
  subscribe: () => ({ close: () => {} }),
  close: () => Promise.resolve(),
};

function supergraphOf(file: string): SupergraphSnapshot {
  let sdl: string;
  try {
    sdl = readFileSync(file, 'utf8');
  } catch {
    throw new ConfigError(`${file} cannot be read; name the supergraph with --supergraph FILE`);
  }
  const { GATEWAY_ASSUMED_LIST_SIZE, GATEWAY_DEPTH_MAX } = readConfig(process.env);
  return loadSupergraph(sdl, {
    transport: NO_SUBGRAPHS,
    suggestions: true,
    ...(GATEWAY_ASSUMED_LIST_SIZE && { cost: { assumedListSize: GATEWAY_ASSUMED_LIST_SIZE } }),
    ...(GATEWAY_DEPTH_MAX !== undefined && { limits: { depthMax: GATEWAY_DEPTH_MAX } }),
  });
}

/** A running gateway reads the file whenever it changes: it is replaced whole or not at all. */
function replaceFile(file: string, text: string): void {
  const draft = `${file}.${process.pid}.tmp`;
  writeFileSync(draft, text);
  renameSync(draft, file);
}

function flagsOf(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        client: { type: 'string' },
        replace: { type: 'boolean', default: false },
        check: { type: 'boolean', default: false },
        supergraph: { type: 'string', default: 'schema/supergraph.graphql' },
        clients: { type: 'string', default: 'schema/clients.json' },
        manifests: { type: 'string', default: 'schema/persisted-operations' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new ConfigError(`${(error as Error).message.split('. ')[0]}; try --help`);
  }
}

if (process.argv[1]?.endsWith('gateway/register-operations.ts')) {
  try {
    process.stdout.write(runRegisterOperations(process.argv.slice(2)));
  } catch (error) {
    process.stderr.write(`operations:register: ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
