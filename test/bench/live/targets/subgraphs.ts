import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { execute, type GraphQLSchema, parse } from 'graphql';
import { useServer as serveWebSockets } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { Feed, NOTICES_SDL, obey, PRODUCT, PRODUCTS_SDL } from '../feed.ts';

/** `subgraphs.ts PORT`: both subgraphs for gateways that reach them over HTTP and graphql-ws. */
const feed = new Feed();
const notices = buildSubgraphSchema([
  {
    typeDefs: parse(NOTICES_SDL),
    resolvers: {
      Subscription: {
        noticed: {
          async *subscribe() {
            for await (const noticed of feed.read()) yield { noticed };
          },
        },
      },
    },
  },
]);
const products = buildSubgraphSchema([
  {
    typeDefs: parse(PRODUCTS_SDL),
    resolvers: {
      Product: { __resolveReference: ({ upc }: { upc: string }) => ({ upc, name: PRODUCT.name }) },
    },
  },
]);

const server = createServer((request, response) => {
  void answer(request, response, request.url === '/products' ? products : notices);
});
serveWebSockets({ schema: notices }, new WebSocketServer({ server, path: '/notices' }));
server.listen(Number(process.argv[2]), '127.0.0.1');
obey(feed);

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  schema: GraphQLSchema,
): Promise<void> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  if (request.method !== 'POST' || body === '') {
    response.writeHead(request.method === 'POST' ? 400 : 405).end();
    return;
  }
  const { query, variables } = JSON.parse(body) as {
    query: string;
    variables?: Record<string, unknown>;
  };
  const result = await execute({ schema, document: parse(query), variableValues: variables });
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(result));
}
