import type { Definitions } from './federation.ts';

interface Reference {
  readonly __typename: string;
  readonly id: string;
}

const BOOKS = [
  { __typename: 'Book', id: 'b1', title: 'Emma', pages: 474, authorId: 'u1', price: 12 },
  { __typename: 'Book', id: 'b2', title: 'Ulysses', pages: 730, authorId: 'u2', price: 20 },
];
const FILMS = [{ __typename: 'Film', id: 'f1', title: 'Ran', minutes: 162, directorId: 'u3' }];
const MEDIA = [...BOOKS, ...FILMS];
const REVIEWS = [
  { id: 'r1', body: 'Good', stars: 5, mediaId: 'b1', authorId: 'u2' },
  { id: 'r2', body: 'Long', stars: 3, mediaId: 'b2', authorId: 'u1' },
  { id: 'r3', body: 'Epic', stars: 5, mediaId: 'f1', authorId: 'u1' },
  { id: 'r4', body: 'Fine', stars: 4, mediaId: 'b1', authorId: 'u3' },
];

/** A graph with an interface object, unions, shared values, computed fields and moved fields. */
export const SHOP: Definitions = {
  catalog: {
    typeDefs: `
      type Query {
        media: [Media!]!
        medium(id: ID!): Media
        book(id: ID!): Book
        books(first: Int = 2): [Book]
        search(text: String): [Found!]!
        nothing: Book
      }
      type Mutation { rename(id: ID!, title: String!): Book }
      union Found = Book | Film | Note
      type Note { text: String! }
      interface Media @key(fields: "id") { id: ID! title(upper: Boolean = false): String! size: Size }
      type Size @shareable { width: Int height: Int }
      type Book implements Media @key(fields: "id") {
        id: ID! title(upper: Boolean = false): String! pages: Int size: Size
        author: User price: Float! weight(unit: Unit = KG): Float
      }
      type Film implements Media @key(fields: "id") {
        id: ID! title(upper: Boolean = false): String! minutes: Int! size: Size director: User @provides(fields: "name")
      }
      type User @key(fields: "id") { id: ID! name: String @external }
      enum Unit { KG LB SECRET @inaccessible }
    `,
    resolvers: {
      Query: {
        media: () => MEDIA,
        medium: (_: unknown, { id }: { id: string }) => MEDIA.find((medium) => medium.id === id),
        book: (_: unknown, { id }: { id: string }) => BOOKS.find((book) => book.id === id),
        books: (_: unknown, { first }: { first: number }) => BOOKS.slice(0, first),
        search: () => [BOOKS[0], FILMS[0], { __typename: 'Note', text: 'hello' }],
        nothing: () => null,
      },
      Mutation: {
        rename: (_: unknown, { id, title }: { id: string; title: string }) => ({
          ...BOOKS.find((book) => book.id === id),
          title,
        }),
      },
      Media: {
        __resolveType: ({ __typename }: Reference) => __typename,
        __resolveReference: ({ id }: Reference) => MEDIA.find((medium) => medium.id === id),
      },
      Book: {
        __resolveReference: ({ id }: Reference) => BOOKS.find((book) => book.id === id),
        title: titled,
        author: ({ authorId }: { authorId: string }) => ({ id: authorId }),
        size: () => ({ width: 10, height: 20 }),
        weight: (_: unknown, { unit }: { unit: string }) => (unit === 'KG' ? 1 : 2.2),
      },
      Film: {
        __resolveReference: ({ id }: Reference) => FILMS.find((film) => film.id === id),
        title: titled,
        director: ({ directorId }: { directorId: string }) => ({
          id: directorId,
          name: 'provided',
        }),
      },
    },
  },
  accounts: {
    typeDefs: `
      type Query { me: User users: [User] }
      type User @key(fields: "id") { id: ID! name: String @shareable email: String! @inaccessible }
    `,
    resolvers: {
      Query: { me: () => ({ id: 'u1' }), users: () => [{ id: 'u1' }, null, { id: 'u3' }] },
      User: {
        __resolveReference: ({ id }: Reference) => ({ id }),
        name: ({ id }: Reference) => `Name of ${id}`,
        email: ({ id }: Reference) => `${id}@example.org`,
      },
    },
  },
  reviews: {
    typeDefs: `
      type Query { topReviews(first: Int): [Review!]! }
      type Media @key(fields: "id") @interfaceObject {
        id: ID! reviews(first: Int): [Review!]! stars: Float
      }
      type Review @key(fields: "id") { id: ID! body: String stars: Int! author: User media: Media }
      type User @key(fields: "id") {
        id: ID! email: String! @external
        reviews(stars: Int): [Review!]!
        greeting: String @requires(fields: "email")
      }
    `,
    resolvers: {
      Query: { topReviews: (_: unknown, { first }: { first?: number }) => REVIEWS.slice(0, first) },
      Media: {
        __resolveReference: ({ id }: Reference) => ({ id }),
        reviews: ({ id }: Reference, { first }: { first?: number }) =>
          REVIEWS.filter(({ mediaId }) => mediaId === id).slice(0, first),
        stars: ({ id }: Reference) => REVIEWS.find(({ mediaId }) => mediaId === id)?.stars,
      },
      Review: {
        __resolveReference: ({ id }: Reference) => REVIEWS.find((review) => review.id === id),
        author: ({ authorId }: { authorId: string }) => ({ id: authorId }),
        media: ({ mediaId }: { mediaId: string }) => ({ id: mediaId }),
      },
      User: {
        __resolveReference: (reference: object) => reference,
        reviews: ({ id }: Reference, { stars }: { stars?: number }) =>
          REVIEWS.filter((review) => review.authorId === id && (!stars || review.stars === stars)),
        greeting: ({ email }: { email: string }) => `Hello ${email}`,
      },
    },
  },
  shipping: {
    typeDefs: `
      type Book @key(fields: "id") {
        id: ID! price: Float! @external weight(unit: Unit = KG): Float @external
        postage: Float @requires(fields: "price weight(unit: LB)")
        pages: Int @override(from: "catalog")
      }
      enum Unit { KG LB SECRET @inaccessible }
    `,
    resolvers: {
      Book: {
        __resolveReference: (reference: object) => reference,
        postage: ({ price, weight }: { price: number; weight: number }) => price + weight,
        pages: () => 1000,
      },
    },
  },
};

function titled({ title }: { title: string }, { upper }: { upper: boolean }): string {
  return upper ? title.toUpperCase() : title;
}
