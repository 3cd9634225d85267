import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import { type Item, TinySubgraph } from './tiny-subgraph.ts';

/**
 * The shape of the well-known public benchmark of federation gateways: four subgraphs of users,
 * stock, products and reviews, static data, and a query that goes around them several times.
 */
export const SUBGRAPHS = ['accounts', 'inventory', 'products', 'reviews'] as const;
export type SubgraphName = (typeof SUBGRAPHS)[number];

const USERS: readonly Item[] = ['Asha', 'Bo', 'Carla', 'Dipak', 'Esi', 'Farid'].map(
  (name, index) => ({
    __typename: 'User',
    id: String(index + 1),
    name: `${name} ${'Moreau,Okafor,Lindqvist,Tanaka,Mensah,Haddad'.split(',')[index]}`,
    username: name.toLowerCase(),
    birthday: 631_152_000 + index * 86_400,
  }),
);

const PRODUCTS: readonly Item[] = [
  ['Bench', 849, 120],
  ['Wardrobe', 1_349, 900],
  ['Mug', 12, 30],
  ['Stool', 459, 110],
  ['Screen', 1_199, 950],
  ['Lantern', 6_499, 280],
  ['Stove', 3_799, 1_900],
  ['Freezer', 98_000, 5_800],
  ['Divan', 9_499, 760],
].map(([name, price, weight], index) => ({
  __typename: 'Product',
  upc: String(index + 1),
  name,
  price,
  weight,
  inStock: index % 3 !== 1,
}));

const SENTENCES = [
  'It arrived two days early, wrapped well, and the finish is better than the pictures make it look.',
  'The screws were sorted and labelled, so putting it together took one evening and no swearing.',
  'After a month of daily use nothing has come loose, faded or started to make a noise.',
  'Support answered within the hour when I asked about a spare part, and sent it free of charge.',
  'I would have paid a little more for a longer cable and a manual in more than one language.',
];

/** Characters of each body, and the product it is about. */
const REVIEWS_OF: readonly (readonly [number, number])[] = [
  [446, 1],
  [288, 1],
  [273, 1],
  [146, 1],
  [446, 2],
  [288, 2],
  [273, 2],
  [146, 2],
  [146, 3],
  [146, 4],
  [880, 4],
];

const REVIEWS: readonly Item[] = REVIEWS_OF.map(([length, product], index) => ({
  __typename: 'Review',
  id: String(index + 1),
  body: bodyOf(length, index),
  product: { __typename: 'Product', upc: String(product) },
}));

function bodyOf(length: number, from: number): string {
  let body = '';
  for (let i = from; body.length < length; i++) body += `${SENTENCES[i % SENTENCES.length]} `;
  return body.slice(0, length);
}

const AUTHOR: Item = { __typename: 'User', id: USERS[0]!.id, username: USERS[0]!.username };
const TOP_PRODUCTS_DEFAULT = 5;

export const TYPE_DEFS: Readonly<Record<SubgraphName, string>> = {
  accounts: `
    type Query { me: User user(id: ID!): User users: [User] }
    type User @key(fields: "id") { id: ID! name: String username: String @shareable birthday: Int }
  `,
  inventory: `
    type Product @key(fields: "upc") {
      upc: String!
      weight: Int @external
      price: Int @external
      inStock: Boolean
      shippingEstimate: Int @requires(fields: "price weight")
    }
  `,
  products: `
    type Query { topProducts(first: Int = 5): [Product] }
    type Product @key(fields: "upc") { upc: String! name: String price: Int weight: Int }
  `,
  reviews: `
    type Review @key(fields: "id") {
      id: ID! body: String product: Product author: User @provides(fields: "username")
    }
    type User @key(fields: "id") { id: ID! username: String @external reviews: [Review] }
    type Product @key(fields: "upc") { upc: String! reviews: [Review] }
  `,
};

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: [
  "@key", "@external", "@requires", "@provides", "@shareable"])
`;

export function supergraphFor(urlOf: (name: SubgraphName) => string): string {
  const { supergraphSdl, errors } = composeServices(
    SUBGRAPHS.map((name) => ({
      name,
      url: urlOf(name),
      typeDefs: parse(LINK + TYPE_DEFS[name]),
    })),
  );
  if (errors) throw new Error(errors.map(({ message }) => message).join('\n'));
  return supergraphSdl!;
}

export function createSubgraphs(): ReadonlyMap<SubgraphName, TinySubgraph> {
  const users = byKey(USERS, 'id');
  const products = byKey(PRODUCTS, 'upc');
  const reviews = byKey(REVIEWS, 'id');
  return new Map([
    [
      'accounts',
      new TinySubgraph({
        resolvers: {
          Query: {
            me: () => USERS[0],
            user: (_query, { id }) => users.get(String(id)),
            users: () => USERS,
          },
        },
        entity: ({ id }) => users.get(id as string) ?? null,
      }),
    ],
    [
      'inventory',
      new TinySubgraph({
        resolvers: { Product: { shippingEstimate } },
        entity: (representation) => ({
          ...representation,
          inStock: products.get(representation.upc as string)?.inStock ?? null,
        }),
      }),
    ],
    [
      'products',
      new TinySubgraph({
        resolvers: {
          Query: {
            topProducts: (_query, { first }) =>
              PRODUCTS.slice(0, (first as number | undefined) ?? TOP_PRODUCTS_DEFAULT),
          },
        },
        entity: ({ upc }) => products.get(upc as string) ?? null,
      }),
    ],
    [
      'reviews',
      new TinySubgraph({
        resolvers: {
          Review: { author: () => AUTHOR },
          User: { reviews: () => REVIEWS.slice(0, 2) },
          Product: {
            reviews: ({ upc }) =>
              REVIEWS.filter(({ product }) => (product as unknown as Item).upc === upc),
          },
        },
        entity: (each) =>
          each.__typename === 'Review' ? (reviews.get(each.id as string) ?? null) : each,
      }),
    ],
  ]);
}

function shippingEstimate({ price, weight }: Item): number | null {
  if (typeof price === 'number' && price > 1_000) return 0;
  return typeof weight === 'number' ? Math.floor(weight / 2) : null;
}

function byKey(items: readonly Item[], key: string): ReadonlyMap<string, Item> {
  return new Map(items.map((item) => [item[key] as string, item]));
}

export interface Load {
  readonly name: 'small' | 'medium' | 'deep';
  /** Sent in turn. */
  readonly bodies: readonly string[];
}

const DEEP = `
  fragment User on User { id username name }
  fragment Review on Review { id body }
  fragment Product on Product { inStock name price shippingEstimate upc weight }
  query Deep {
    users {
      ...User
      reviews {
        ...Review
        product {
          ...Product
          reviews { ...Review author { ...User reviews { ...Review product { ...Product } } } }
        }
      }
    }
    topProducts {
      ...Product
      reviews { ...Review author { ...User reviews { ...Review product { ...Product } } } }
    }
  }`;

export const LOADS: readonly Load[] = [
  {
    name: 'small',
    bodies: USERS.map(({ id }) =>
      JSON.stringify({
        query: 'query Small($id: ID!) { user(id: $id) { id name username } }',
        variables: { id },
      }),
    ),
  },
  {
    name: 'medium',
    bodies: [
      JSON.stringify({
        query: 'query Medium { topProducts(first: 10) { upc name price inStock } }',
      }),
    ],
  },
  { name: 'deep', bodies: [JSON.stringify({ query: DEEP })] },
];
