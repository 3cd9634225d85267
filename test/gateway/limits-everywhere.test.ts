import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Gateway, startGateway } from '../../gateway/server.ts';
import { compose, type Definitions, handlersOf, type SubgraphCall } from './support/federation.ts';
import { SocketClient } from './support/socket-client.ts';

const DEFINITIONS: Definitions = {
  a: {
    typeDefs: `
      type Query { item: Item items: [Item!]! @listSize(assumedSize: 1000) }
      type Item { id: ID item: Item items: [Item!]! @listSize(assumedSize: 1000) }
      type Subscription { added: Item }
    `,
    resolvers: {
      Query: { item: () => ({ id: '1' }), items: () => [] },
      Subscription: {
        added: {
          async *subscribe() {
            yield { added: { id: '1' } };
          },
        },
      },
    },
  },
};

const repeated = (count: number, part: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => part(index)).join(' ');

/** What no caller may send: selections on an item, with the refusal's code and what it says. */
const REFUSED: readonly (readonly [string, string, string])[] = [
  ['bytes', 'OPERATION_LIMIT_EXCEEDED', `id #${'é'.repeat(33_000)}\n`],
  ['tokens', 'OPERATION_LIMIT_EXCEEDED', repeated(1_000, () => 'id')],
  ['aliases', 'OPERATION_LIMIT_EXCEEDED', repeated(16, (i) => `a${i}: __typename`)],
  ['directives', 'OPERATION_LIMIT_EXCEEDED', `id ${repeated(11, () => '@include(if: true)')}`],
  ['depth', 'OPERATION_LIMIT_EXCEEDED', `${'item { '.repeat(15)}id${' }'.repeat(15)}`],
  ['cost', 'COST_LIMIT_EXCEEDED', 'items { items { items { id } } }'],
  ['a field that is not there', 'GRAPHQL_VALIDATION_FAILED', 'itm { id }'],
];

const calls: SubgraphCall[] = [];
let gateway: Gateway;

beforeAll(async () => {
  gateway = await startGateway({
    supergraphSdl: compose(DEFINITIONS),
    handlers: handlersOf(DEFINITIONS, calls),
    // So that what is meant for the limit in front of the parser gets that far.
    bodyBytesMax: 256 * 1024,
    webSocketLimits: { messageBytesMax: 256 * 1024 },
  });
});

afterAll(() => gateway.close());

async function post(query: string, accept: string): Promise<string> {
  const response = await fetch(gateway.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify({ query }),
  });
  return response.text();
}

/** Every way in, each to the whole text of what came back. */
const WAYS: readonly (readonly [string, (selections: string) => Promise<string>])[] = [
  ['POST', (selections) => post(`{ item { ${selections} } }`, 'application/json')],
  [
    'GET',
    async (selections) => {
      const search = new URLSearchParams({ query: `{ item { ${selections} } }` });
      return (await fetch(`${gateway.url}?${search}`)).text();
    },
  ],
  [
    'Server-Sent Events',
    (selections) => post(`subscription { added { ${selections} } }`, 'text/event-stream'),
  ],
  [
    'multipart',
    (selections) =>
      post(
        `subscription { added { ${selections} } }`,
        'multipart/mixed; subscriptionSpec="1.0", application/json',
      ),
  ],
  ['a query on a socket', (selections) => overSocket(`{ item { ${selections} } }`)],
  ['a stream on a socket', (selections) => overSocket(`subscription { added { ${selections} } }`)],
];

async function overSocket(query: string): Promise<string> {
  const client = await SocketClient.connect(gateway.url.replace('http', 'ws'));
  client.subscribe('1', query);
  await client.until(() => client.of('1', 'error').length + client.of('1', 'complete').length > 0);
  client.close();
  return JSON.stringify(client.messages);
}

describe.each(WAYS)('%s', (way, ask) => {
  it('is open to what keeps to the limits', async () => {
    expect(await ask('id')).toContain('"id":"1"');
  });

  // An address of so many bytes is refused before anybody reads it: by node itself, with 431.
  const refused = REFUSED.filter(([limit]) => way !== 'GET' || limit !== 'bytes');

  it.each(refused)('is closed to too many %s', async (_limit, code, selections) => {
    calls.length = 0;

    const text = await ask(selections);

    expect(text).toContain(`"code":"${code}"`);
    expect(text).not.toContain('"data":{');
    expect(calls).toEqual([]);
  });

  it('is closed to introspection, and suggests nothing', async () => {
    calls.length = 0;

    const texts = [await ask('id } __schema { types { name }'), await ask('idd')];

    for (const text of texts) {
      expect(text).toContain('"code":"GRAPHQL_VALIDATION_FAILED"');
      expect(text).not.toMatch(/Did you mean/);
    }
    expect(calls).toEqual([]);
  });
});

it('an address too long to be read is refused by its size', async () => {
  const search = new URLSearchParams({ query: `{ item { id #${'e'.repeat(70_000)}\n} }` });

  expect((await fetch(`${gateway.url}?${search}`)).status).toBe(431);
});

describe('bytes that are not UTF-8', () => {
  it('end a socket with 1007, and no other', async () => {
    const url = gateway.url.replace('http', 'ws');
    const [bad, good] = [await SocketClient.connect(url), await SocketClient.connect(url)];
    const message = Buffer.from(
      '{"id":"1","type":"subscribe","payload":{"query":"{ item { id } }"}}',
    );
    message[8] = 0xff;

    bad.socket.send(message, { binary: false });
    await bad.untilClosed();
    good.subscribe('1', '{ item { id } }');
    await good.until(() => good.of('1', 'complete').length === 1);

    expect(bad.closed?.code).toBe(1007);
    expect(bad.of('1', 'next')).toEqual([]);
    good.close();
  });
});
