import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { GraphQLError, parse } from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import { useServer as serveWebSockets } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import type { SubgraphConfig } from '../config.ts';
import { decodeActor, SignatureVerifier } from '../identity/request-signature.ts';
import type { Logger } from '../logger.ts';
import type { EventResult, GraphQLHost } from './graphql-host.ts';

export const GRAPHQL_PATH = '/graphql';
/** The gateway batches entity lookups; a body larger than this is no batch but a mistake. */
const BODY_BYTES_MAX = 1_048_576;
/** Mutations that wait for the processor are the longest; the gateway gives up no later. */
const OPERATION_TIMEOUT_MS = 30_000;

export interface HttpHostOptions {
  readonly name: string;
  readonly config: SubgraphConfig;
  readonly graphql: GraphQLHost;
  readonly logger: Logger;
  ready(): Promise<boolean>;
  routes(app: FastifyInstance): void;
}

/**
 * The subgraph's doors to other processes. A request that was not signed by the gateway, or by
 * another subgraph, is refused before its body is parsed: `_entities` and `_service` included.
 */
export class HttpHost {
  private readonly app: FastifyInstance;
  private readonly verifier: SignatureVerifier;
  private readonly sockets = new WebSocketServer({ noServer: true, maxPayload: BODY_BYTES_MAX });

  constructor(private readonly options: HttpHostOptions) {
    this.verifier = new SignatureVerifier(options.config.SIGNING_KEYS);
    this.app = fastify({
      bodyLimit: BODY_BYTES_MAX,
      logger: false,
      requestTimeout: OPERATION_TIMEOUT_MS,
    });
    // Raw bytes everywhere: signatures cover bytes, and nothing is parsed before they were checked.
    this.app.removeAllContentTypeParsers();
    this.app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) =>
      done(null, body),
    );
    this.app.get('/health/live', () => ({ status: 'live' }));
    this.app.get('/health/ready', async (_request, reply) => {
      const good = await options.ready().catch(() => false);
      return reply.code(good ? 200 : 503).send({ status: good ? 'ready' : 'not ready' });
    });
    this.app.post(GRAPHQL_PATH, (request, reply) => this.serve(request, reply));
    options.routes(this.app);
    this.serveSockets();
  }

  async listen(): Promise<string> {
    const { HOST, PORT } = this.options.config;
    const address = await this.app.listen({ host: HOST, port: PORT });
    return `${address}${GRAPHQL_PATH}`;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets.clients) socket.close(1012, 'restarting');
    this.sockets.close();
    await this.app.close();
  }

  private async serve(
    request: FastifyRequest,
    reply: { code(status: number): { send(body: unknown): unknown } },
  ) {
    const body = (request.body as Buffer | undefined) ?? Buffer.alloc(0);
    const actor = String(request.headers['parley-actor'] ?? '');
    const signature = request.headers['parley-signature'];
    const refusal = this.verifier.refusal(String(signature ?? ''), {
      method: request.method,
      path: request.url,
      body,
      actor,
    });
    if (refusal !== null) {
      this.options.logger.warn({ refusal }, 'request refused');
      return reply.code(401).send(unsignedAnswer());
    }
    const params = jsonObject(body.toString('utf8'));
    if (!params || typeof params.query !== 'string') {
      return reply.code(400).send({
        errors: [
          {
            message: 'Expected a JSON object with a query.',
            extensions: { code: 'BAD_REQUEST' },
          },
        ],
      });
    }
    const result = await this.options.graphql.execute(
      {
        query: params.query,
        operationName: typeof params.operationName === 'string' ? params.operationName : null,
        variables: (params.variables ?? {}) as Record<string, unknown>,
        kind: 'query',
      },
      decodeActor(actor),
      {
        requestId: String(request.headers['x-request-id'] ?? 'none').slice(0, 100),
        signal: AbortSignal.timeout(OPERATION_TIMEOUT_MS),
        deadline: Date.now() + OPERATION_TIMEOUT_MS,
      },
    );
    return reply.code(200).send(result);
  }

  // The same work over graphql-transport-ws. The socket is the gateway's; each operation on it is
  // signed by itself with the claims of the client it is for.
  private serveSockets(): void {
    serveWebSockets(
      {
        schema: this.options.graphql.schema,
        onConnect: ({ connectionParams }) =>
          this.refusalOf('INIT', '', connectionParams ?? {}) === null,
        onSubscribe: (_context, _id, payload) => this.openStream(payload),
        subscribe: (args) =>
          (args.contextValue as { events: AsyncIterableIterator<EventResult> }).events as never,
      },
      this.sockets,
    );
    this.app.server.on('upgrade', (request, socket, head) => {
      if (request.url !== GRAPHQL_PATH) return socket.destroy();
      this.sockets.handleUpgrade(request, socket, head, (ws) =>
        this.sockets.emit('connection', ws, request),
      );
    });
  }

  private async openStream(payload: SubscribePayload) {
    const { query, operationName = null, variables = {}, extensions = {} } = payload;
    const position = typeof extensions?.position === 'string' ? extensions.position : undefined;
    const signed = JSON.stringify({ query, variables, operationName, position });
    if (this.refusalOf('SUBSCRIBE', signed, extensions ?? {}) !== null)
      return asGraphQLErrors(unsignedAnswer().errors);
    const opened = await this.options.graphql.open(
      {
        query,
        operationName,
        variables: variables ?? {},
        kind: 'subscription',
        ...(position === undefined ? {} : { position }),
      },
      decodeActor(String(extensions?.actor)),
      {
        requestId: String(extensions?.requestId ?? 'none').slice(0, 100),
        signal: new AbortController().signal,
        deadline: Number.POSITIVE_INFINITY,
      },
    );
    if ('errors' in opened) return asGraphQLErrors(opened.errors);
    return {
      schema: this.options.graphql.schema,
      document: parse(query),
      operationName: operationName ?? undefined,
      contextValue: { events: withErrorInstances(opened.events) },
    };
  }

  private refusalOf(
    method: string,
    body: string,
    extensions: Readonly<Record<string, unknown>>,
  ): string | null {
    const actor = String(extensions.actor ?? '');
    return this.verifier.refusal(String(extensions.signature ?? ''), {
      method,
      path: GRAPHQL_PATH,
      body,
      actor,
    });
  }
}

function unsignedAnswer() {
  return { errors: [{ message: 'This request is not signed.', extensions: { code: 'UNSIGNED' } }] };
}

// graphql-ws calls toJSON on every error of a result, so plain ones must become instances.
function asGraphQLErrors(errors: readonly object[]): GraphQLError[] {
  return errors.map((error) => {
    const { message, path, extensions } = error as {
      message: string;
      path?: (string | number)[];
      extensions?: Record<string, unknown>;
    };
    return new GraphQLError(message, { path, extensions });
  });
}

function withErrorInstances(
  events: AsyncIterableIterator<EventResult>,
): AsyncIterableIterator<EventResult> {
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: async () => {
      const step = await events.next();
      if (step.done || !step.value.errors) return step;
      return { done: false, value: { ...step.value, errors: asGraphQLErrors(step.value.errors) } };
    },
    return: async () => (await events.return?.()) ?? { done: true, value: undefined },
  };
}

function jsonObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
