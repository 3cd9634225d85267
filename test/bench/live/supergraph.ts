import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import { NOTICES_SDL, PRODUCTS_SDL } from './feed.ts';

/** The two subgraphs of the live bench, under `/notices` and `/products` of one address. */
export function liveSupergraph(origin: string): string {
  const { supergraphSdl, errors } = composeServices([
    { name: 'notices', url: `${origin}/notices`, typeDefs: parse(NOTICES_SDL) },
    { name: 'products', url: `${origin}/products`, typeDefs: parse(PRODUCTS_SDL) },
  ]);
  if (errors) throw new Error(errors.map(({ message }) => message).join('\n'));
  return supergraphSdl!;
}
