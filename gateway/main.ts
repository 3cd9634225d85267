import { type Logger, pino } from 'pino';
import { type CommandLine, readCommandLine, USAGE } from './command-line.ts';
import { ConfigError, type GatewayConfig, readConfig } from './config.ts';
import type { EdgePolicy } from './edge-policy.ts';
import { createMetrics, type GatewayMetrics } from './plugins/metrics.ts';
import { type Gateway, startGateway } from './server.ts';
import type { Explorer } from './transports/http.ts';

const FORCED_EXIT_MS = 15_000;
const OPEN_IN_PRODUCTION =
  'gateway: everybody can send any operation, as nobody: set GATEWAY_ISSUERS and GATEWAY_CLIENTS_FILE, or --manifests; --open if that is meant\n';

try {
  const commandLine = readCommandLine(process.argv.slice(2));
  if (commandLine.help) process.stdout.write(USAGE);
  else await serve(commandLine);
} catch (error) {
  process.stderr.write(`gateway: ${lineFor(error)}\n`);
  process.exitCode = 1;
}

async function serve(commandLine: CommandLine): Promise<void> {
  const config = readConfig(process.env);
  const logger = pino({ level: config.LOG_LEVEL });
  const metrics = createMetrics();
  const policy = await policyFor(commandLine, config, logger, metrics);
  await policy?.ready();
  const introspection = config.GATEWAY_INTROSPECTION ?? config.NODE_ENV !== 'production';
  const gateway = await startGateway({
    ...policy?.gatewayOptions,
    supergraphFile: commandLine.supergraphFile,
    subgraphUrls: commandLine.subgraphUrls,
    port: commandLine.port ?? config.PORT,
    host: commandLine.host ?? config.HOST,
    introspection,
    explorer: introspection ? await explorer() : null,
    costMax: config.GATEWAY_COST_MAX,
    assumedListSize: config.GATEWAY_ASSUMED_LIST_SIZE,
    limits: config.GATEWAY_DEPTH_MAX === undefined ? {} : { depthMax: config.GATEWAY_DEPTH_MAX },
    coalesceReads: config.GATEWAY_COALESCE_READS,
    propagateHeaders: config.GATEWAY_PROPAGATE_HEADERS,
    requestTimeoutMs: config.GATEWAY_REQUEST_TIMEOUT_MS,
    http: {
      queryTimeoutMs: config.GATEWAY_QUERY_TIMEOUT_MS,
      mutationTimeoutMs: config.GATEWAY_MUTATION_TIMEOUT_MS,
    },
    cors: { origins: config.GATEWAY_CORS_ORIGINS },
    cursorKeys: config.GATEWAY_CURSOR_KEYS,
    signingKeys: config.GATEWAY_SIGNING_KEYS,
    logger,
    metrics,
  });
  policy?.attach(gateway.subscriptions);
  process.stdout.write(`Serving ${gateway.url}\n`);
  closeOnSignals(gateway);
}

/** The explorer is of no use without introspection: the one goes with the other. */
async function explorer(): Promise<Explorer> {
  const { createExplorer } = await import('./explorer/explorer.ts');
  return createExplorer({ graphqlUrl: '/graphql', clientName: 'explorer' });
}

/**
 * Without issuers, clients and manifests everybody may send everything and is nobody: subgraphs see
 * no claims. Any supergraph can be served so; in production it is said, unless --open means it.
 */
async function policyFor(
  { manifests, open }: CommandLine,
  config: GatewayConfig,
  logger: Logger,
  metrics: GatewayMetrics,
): Promise<EdgePolicy | null> {
  const { GATEWAY_CLIENTS_FILE: clientsFile, GATEWAY_ISSUERS: issuers } = config;
  if (manifests === null && clientsFile === undefined && issuers.length === 0) {
    if (!open && config.NODE_ENV === 'production') process.stderr.write(OPEN_IN_PRODUCTION);
    return null;
  }
  const { createEdgePolicy } = await import('./edge-policy.ts');
  return createEdgePolicy({
    issuers,
    clientsFile,
    manifestDirectory: manifests ?? undefined,
    defaultMode:
      config.GATEWAY_DEFAULT_CLIENT_MODE ??
      (config.NODE_ENV === 'production' ? 'ids-only' : 'open'),
    userCostPerMinute: config.GATEWAY_USER_COST_PER_MINUTE,
    anonymousCostPerMinute: config.GATEWAY_ANONYMOUS_COST_PER_MINUTE,
    trustedProxies: config.GATEWAY_TRUSTED_PROXIES,
    storeUrl: config.GATEWAY_STORE_URL,
    observeOperation: metrics.clientOperation,
    logger,
  });
}

/** The first signal lets what runs finish; the second does not wait. */
function closeOnSignals(gateway: Gateway): void {
  let asked = false;
  const stop = () => {
    if (asked) process.exit(1);
    asked = true;
    setTimeout(() => process.exit(1), FORCED_EXIT_MS).unref();
    gateway.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

function lineFor(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  const { code, message, path, port } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'ENOENT') return `${path} does not exist`;
  if (code === 'EACCES') return `${path ?? `port ${port}`} may not be used by this user`;
  if (code === 'EISDIR') return 'the supergraph is a folder, not a file';
  if (code === 'EADDRINUSE') return `port ${port} is in use; choose another with --port`;
  return `the supergraph cannot be served: ${(message ?? String(error)).split('\n')[0]}`;
}
