import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { execute, GraphQLError, parse } from 'graphql';
import { createWebSocketUpstream } from '../../../gateway/execution/websocket-upstream.ts';
import { createPipeline } from '../../../gateway/pipeline.ts';
import type { Authenticate } from '../../../gateway/subscriptions/contract.ts';
import {
  createSubscriptions,
  type Subscriptions,
  type SubscriptionsOptions,
} from '../../../gateway/subscriptions/groups.ts';
import { loadSupergraph } from '../../../gateway/supergraph.ts';
import type { HttpStreamDeps } from '../../../gateway/transports/http-stream.ts';
import { handleMultipart, wantsMultipart } from '../../../gateway/transports/multipart.ts';
import { handleServerSentEvents } from '../../../gateway/transports/server-sent-events.ts';
import {
  attachWebSocket,
  type WebSocketDeps,
  type WebSocketTransport,
} from '../../../gateway/transports/websocket.ts';
import type {
  GraphQLParams,
  SubgraphTransport,
  SupergraphSnapshot,
} from '../../../gateway/types.ts';
import { ReviewSubgraph } from './review-subgraph.ts';

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key"])`;

export const REVIEWS = `${LINK}
  type Query { reviewCount: Int }
  type Mutation { forgetReviews: Int }
  type Subscription { reviewAdded(minStars: Int = 0): Review }
  type Review @key(fields: "id") { id: ID! stars: Int text: String product: Product }
  type Product @key(fields: "upc") { upc: ID! }
`;
export const PRODUCTS = `${LINK}
  type Query { product(upc: ID!): Product slow: Int }
  type Product @key(fields: "upc") { upc: ID! name: String }
`;

/** What the products subgraph can do; a supergraph may know less of it. */
export const PRODUCTS_WITH_STARS = `${PRODUCTS}
  type Review @key(fields: "id") { id: ID! stars: Int }
`;

export const JOINED = 'subscription Live { reviewAdded { id stars product { upc name } } }';

export interface LiveGatewayOptions {
  readonly webSocket?: Partial<WebSocketDeps>;
  readonly http?: Partial<HttpStreamDeps>;
  readonly subscriptions?: Partial<SubscriptionsOptions>;
  readonly signingKey?: { keyId: string; secret: string };
  readonly port?: number;
}

/** The gateway's live half on a real port, between real sockets on both sides. */
export interface LiveGateway {
  readonly reviews: ReviewSubgraph;
  readonly subscriptions: Subscriptions;
  readonly webSocket: WebSocketTransport;
  readonly httpUrl: string;
  readonly url: string;
  readonly port: number;
  readonly server: Server;
  /** How often another subgraph was asked to join an event. */
  joins(): number;
  upstreamSockets(): number;
  reload(reviewsTypeDefs: string, productsTypeDefs?: string): void;
  /** The gateway alone; the subgraph stays. */
  closeGateway(): Promise<void>;
  close(): Promise<void>;
}

export async function startReviews(): Promise<ReviewSubgraph> {
  const reviews = new ReviewSubgraph(buildSubgraphSchema([{ typeDefs: parse(REVIEWS) }]));
  await reviews.start();
  return reviews;
}

export async function startLiveGateway(
  options: LiveGatewayOptions = {},
  reviews?: ReviewSubgraph,
): Promise<LiveGateway> {
  const subgraph = reviews ?? (await startReviews());
  let joins = 0;
  const products = buildSubgraphSchema([
    {
      typeDefs: parse(PRODUCTS_WITH_STARS),
      resolvers: {
        Review: { __resolveReference: ({ id }: { id: string }) => ({ id, stars: 1 }) },
        Product: {
          __resolveReference: ({ upc }: { upc: string }) => {
            joins++;
            return { upc, name: `name of ${upc}` };
          },
        },
        Query: {
          product: (_: unknown, { upc }: { upc: string }) => ({ upc, name: `name of ${upc}` }),
        },
      },
    },
  ]);
  const upstream = createWebSocketUpstream({
    urlOf: () => subgraph.url,
    signingKeyOf: () => options.signingKey ?? null,
    settings: { idleMilliseconds: 50, connectMilliseconds: 2_000 },
  });
  const transport: SubgraphTransport = {
    async execute({ serviceName, query, variablesJson, operationName }) {
      if (serviceName !== 'products') return '{"data":{"reviewCount":7,"forgetReviews":3}}';
      const result = await execute({
        schema: products,
        document: parse(query),
        operationName,
        variableValues: JSON.parse(variablesJson) as Record<string, unknown>,
      });
      return JSON.stringify(result);
    },
    subscribe: (request, context, sink) => upstream.subscribe(request, context, sink),
    close: async () => upstream.close(),
  };
  const load = (typeDefs: string, productsTypeDefs = PRODUCTS): SupergraphSnapshot =>
    loadSupergraph(compose(typeDefs, productsTypeDefs, subgraph.url), { transport });
  let snapshot = load(REVIEWS);
  const subscriptions = createSubscriptions({
    transport,
    cursorKeys: [{ id: 1, secret: 'a secret of at least thirty-two bytes' }],
    ...options.subscriptions,
  });
  const pipeline = createPipeline({
    snapshot: () => snapshot,
    costMax: 0,
    coalesceReads: true,
  });
  const deps = { subscriptions, pipeline };
  const server = createServer((request, response) => {
    void (async () => {
      const params = JSON.parse(await bodyOf(request)) as GraphQLParams;
      const outcome = await authenticate({
        headers: {},
        authorization: request.headers.authorization,
      });
      if (outcome instanceof GraphQLError) throw outcome;
      const context = {
        requestId: 'request-1',
        ...outcome,
        signal: new AbortController().signal,
        deadline: Date.now() + 5_000,
        headers: {},
      };
      const handle = wantsMultipart(request) ? handleMultipart : handleServerSentEvents;
      await handle(request, response, { params, context }, { ...deps, ...options.http });
    })();
  });
  const webSocket = attachWebSocket(server, {
    ...deps,
    authenticate,
    drainMilliseconds: 20,
    ...options.webSocket,
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const closeGateway = async (): Promise<void> => {
    await webSocket.close();
    await subscriptions.drain();
    upstream.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    reviews: subgraph,
    subscriptions,
    webSocket,
    server,
    port,
    httpUrl: `http://127.0.0.1:${port}/graphql`,
    url: `ws://127.0.0.1:${port}/graphql`,
    joins: () => joins,
    upstreamSockets: () => upstream.openSockets,
    reload(typeDefs, productsTypeDefs) {
      snapshot = load(typeDefs, productsTypeDefs);
      subscriptions.onSnapshotChanged(snapshot);
    },
    closeGateway,
    async close() {
      await closeGateway();
      await subgraph.stop();
    },
  };
}

/** `Bearer <name> [<rights> [<seconds since the epoch>]]`; anything else is refused. */
const authenticate: Authenticate = async ({ authorization }) => {
  const client = { name: 'test', mode: 'open' as const, costPerMinute: null };
  if (!authorization) {
    return { client, identity: { key: 'anonymous', claims: null, expiresAt: null } };
  }
  const [scheme, sub, scope = 'all', expiresAt] = authorization.split(' ');
  if (scheme !== 'Bearer' || !sub || sub === 'bad') {
    return new GraphQLError('The token is not good.', { extensions: { code: 'UNAUTHENTICATED' } });
  }
  const claims = { iss: 'test', sub, kind: 'member', scope };
  const expiry = expiresAt === undefined ? null : Number(expiresAt);
  return { client, identity: { key: `${sub} ${scope}`, claims, expiresAt: expiry } };
};

function compose(reviewsTypeDefs: string, productsTypeDefs: string, url: string): string {
  const { supergraphSdl, errors } = composeServices([
    { name: 'reviews', url, typeDefs: parse(reviewsTypeDefs) },
    { name: 'products', url: 'http://products.invalid/graphql', typeDefs: parse(productsTypeDefs) },
  ]);
  if (!supergraphSdl) throw new Error(String(errors));
  return supergraphSdl;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}
