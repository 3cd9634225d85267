import { createServer } from 'node:http';
import { buildSchema, GraphQLObjectType } from 'graphql';
import { useServer as serveWebSockets } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { Feed, obey, PRODUCT } from '../feed.ts';

/** `graphql-ws.ts PORT`: graphql-ws as its guide shows it, one iterator and execution per client. */
const feed = new Feed();
const schema = buildSchema(`
  type Query { noticeCount: Int }
  type Subscription { noticed: Notice }
  type Notice { id: ID! at: Float! text: String! product: Product! }
  type Product { upc: ID! name: String }
`);
const subscription = schema.getSubscriptionType()!;
subscription.getFields().noticed!.subscribe = async function* () {
  for await (const noticed of feed.read()) yield { noticed };
};
const product = schema.getType('Product');
if (product instanceof GraphQLObjectType) {
  product.getFields().name!.resolve = () => Promise.resolve(PRODUCT.name);
}

const server = createServer();
serveWebSockets({ schema }, new WebSocketServer({ server, path: '/graphql' }));
server.listen(Number(process.argv[2]), '127.0.0.1');
obey(feed);
