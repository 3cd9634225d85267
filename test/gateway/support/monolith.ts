import {
  buildSchema,
  execute,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  isObjectType,
  parse,
  printSchema,
} from 'graphql';
import { SHOP } from './shop.ts';

type Resolvers = Record<string, Record<string, (...args: never[]) => unknown>>;

/**
 * The shop as one schema, answered by graphql-js: what every answer of the federated shop has to
 * equal. Fields of other subgraphs are joined here by hand.
 */
export function monolithOf(apiSchema: GraphQLSchema) {
  const schema = buildSchema(printSchema(apiSchema));
  const resolvers = joinedResolvers();
  for (const [typeName, fields] of Object.entries(resolvers)) {
    const type = schema.getType(typeName);
    if (!isObjectType(type)) continue;
    for (const [name, resolve] of Object.entries(fields)) {
      const field = type.getFields()[name];
      if (field) field.resolve = resolve as unknown as GraphQLFieldResolver<unknown, unknown>;
    }
  }
  return async (query: string, variables: Record<string, unknown>): Promise<string> => {
    const { data } = await execute({
      schema,
      document: parse(query),
      variableValues: variables,
      contextValue: { claims: null },
    });
    return oneName(JSON.stringify(data));
  };
}

/** @provides answers a name of its own; which of the two a plan uses is its own affair. */
export function oneName(json: string): string {
  return json.replaceAll('"provided"', '"Name of u3"');
}

function joinedResolvers(): Resolvers {
  const joined: Resolvers = {};
  for (const { resolvers } of Object.values(SHOP)) {
    for (const [type, fields] of Object.entries((resolvers ?? {}) as Resolvers)) {
      joined[type] = { ...joined[type], ...fields };
    }
  }
  const catalog = SHOP.catalog!.resolvers as Resolvers;
  const { reviews, stars } = joined.Media!;
  const media = { reviews: reviews!, stars: stars! };
  joined.Book = {
    ...joined.Book,
    ...media,
    pages: () => 1000,
    postage: ({ price }: { price: number }) => price + 2.2,
  };
  joined.Film = { ...joined.Film, ...media };
  joined.Review = {
    ...joined.Review,
    media: ({ mediaId }: { mediaId: string }) =>
      catalog.Media!.__resolveReference!({ id: mediaId } as never),
  };
  joined.User = {
    ...joined.User,
    greeting: ({ id }: { id: string }) => `Hello ${id}@example.org`,
  };
  return joined;
}
