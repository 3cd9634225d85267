import { GraphQLError } from 'graphql';
import { ArgsType, Field, Int } from 'type-graphql';
import { PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX } from './shared-types.ts';

@ArgsType()
export class PageArgs {
  @Field(() => Int, {
    defaultValue: PAGE_SIZE_DEFAULT,
    description: `How many to return, 1 to ${PAGE_SIZE_MAX}.`,
  })
  readonly first: number = PAGE_SIZE_DEFAULT;

  @Field(() => String, {
    nullable: true,
    description: 'Return what follows this cursor; null or absent starts at the beginning.',
  })
  readonly after: string | null = null;
}

/** A validated page request. `after` is the sort key of the last row already seen. */
export interface Page {
  readonly first: number;
  readonly after: readonly string[] | null;
}

function badPage(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}

/** Throws BAD_USER_INPUT for a size out of bounds or a cursor that this list did not hand out. */
export function pageOf({ first, after }: PageArgs, keyParts: number): Page {
  if (!Number.isInteger(first) || first < 1 || first > PAGE_SIZE_MAX) {
    throw badPage(`first must be between 1 and ${PAGE_SIZE_MAX}.`);
  }
  if (after === null || after === undefined) return { first, after: null };
  return { first, after: decodeCursor(after, keyParts) };
}

/** Cursors hold the whole sort key, which ends in a unique column, so pages never skip or repeat. */
export function encodeCursor(key: readonly string[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

function decodeCursor(cursor: string, keyParts: number): readonly string[] {
  let key: unknown;
  try {
    key = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    key = null;
  }
  const good =
    Array.isArray(key) &&
    key.length === keyParts &&
    key.every((part) => typeof part === 'string' && part.length <= 200 && !part.includes('\u0000'));
  if (!good) throw badPage('after is not a cursor of this list.');
  return key as string[];
}

export interface Connection<T> {
  readonly edges: readonly { readonly cursor: string; readonly node: T }[];
  readonly nodes: readonly T[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** `rows` holds up to `first + 1` items: the one too many only says that there is a next page. */
export function connectionOf<R, T>(
  rows: readonly R[],
  page: Page,
  keyOf: (row: R) => readonly string[],
  toNode: (row: R) => T,
): Connection<T> {
  const shown = rows.slice(0, page.first);
  const edges = shown.map((row) => ({ cursor: encodeCursor(keyOf(row)), node: toNode(row) }));
  return {
    edges,
    nodes: edges.map((edge) => edge.node),
    pageInfo: { hasNextPage: rows.length > page.first, endCursor: edges.at(-1)?.cursor ?? null },
  };
}
