import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { execute, type GraphQLSchema, parse, subscribe } from 'graphql';
import { inProcessTransport, type SubgraphHandler } from '../../../gateway/execution/in-process.ts';
import {
  type LoadedSupergraph,
  loadSupergraph,
  type SupergraphOptions,
} from '../../../gateway/supergraph.ts';
import type { ActorClaims, RequestContext, SubgraphTransport } from '../../../gateway/types.ts';

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: [
  "@key", "@external", "@requires", "@provides", "@shareable", "@inaccessible", "@override",
  "@interfaceObject", "@authenticated", "@requiresScopes", "@policy", "@cost", "@listSize", "@context", "@fromContext"])
`;

export interface SubgraphDefinition {
  readonly typeDefs: string;
  readonly resolvers?: Record<string, unknown>;
}

export type Definitions = Readonly<Record<string, SubgraphDefinition>>;

/** The supergraph of these subgraphs; throws with every composition error. */
export function compose(
  definitions: Definitions,
  urlOf: (name: string) => string = (name) => `http://${name}.invalid/graphql`,
): string {
  const { supergraphSdl, errors } = composeServices(
    Object.entries(definitions).map(([name, { typeDefs }]) => ({
      name,
      url: urlOf(name),
      typeDefs: parse(LINK + typeDefs),
    })),
  );
  if (errors) throw new Error(errors.map(({ message }) => message).join('\n'));
  return supergraphSdl!;
}

export function schemasOf(definitions: Definitions): Map<string, GraphQLSchema> {
  return new Map(
    Object.entries(definitions).map(([name, { typeDefs, resolvers }]) => [
      name,
      buildSubgraphSchema([{ typeDefs: parse(LINK + typeDefs), resolvers: resolvers as never }]),
    ]),
  );
}

export interface SubgraphCall {
  readonly service: string;
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

/** Subgraphs answering by graphql-js, every call recorded in order. */
export function handlersOf(definitions: Definitions, calls: SubgraphCall[] = []) {
  const handlers = new Map<string, SubgraphHandler>();
  for (const [name, schema] of schemasOf(definitions)) {
    handlers.set(name, {
      async execute({ query, operationName, variables }, claims) {
        calls.push({ service: name, query, variables });
        const result = await execute({
          schema,
          document: parse(query),
          operationName,
          variableValues: variables,
          contextValue: { claims },
        });
        return JSON.parse(JSON.stringify(result)) as object;
      },
      subscribe({ query, operationName, variables }, claims, _meta, sink) {
        let closed = false;
        void (async () => {
          const stream = await subscribe({
            schema,
            document: parse(query),
            operationName,
            variableValues: variables,
            contextValue: { claims },
          });
          if (!(Symbol.asyncIterator in stream)) return sink.error(stream.errors as never);
          for await (const event of stream) {
            if (closed) return;
            sink.next(JSON.parse(JSON.stringify(event)) as never);
          }
          if (!closed) sink.complete();
        })();
        return {
          close() {
            closed = true;
          },
        };
      },
    });
  }
  return handlers;
}

export interface TestGraph {
  readonly supergraph: LoadedSupergraph;
  readonly calls: SubgraphCall[];
  run(
    query: string,
    variables?: Record<string, unknown>,
    claims?: ActorClaims | null,
  ): Promise<{ data?: unknown; errors?: Record<string, unknown>[] }>;
}

/** A graph of in-process subgraphs, and a way to ask it. */
export function graphOf(
  definitions: Definitions,
  options: Partial<SupergraphOptions> & {
    wrap?: (inner: SubgraphTransport) => SubgraphTransport;
  } = {},
): TestGraph {
  const calls: SubgraphCall[] = [];
  const inner = inProcessTransport(handlersOf(definitions, calls));
  const supergraph = loadSupergraph(compose(definitions), {
    introspection: true,
    ...options,
    transport: options.transport ?? options.wrap?.(inner) ?? inner,
  });
  return {
    supergraph,
    calls,
    async run(query, variables = {}, claims = null) {
      const prepared = supergraph.prepare(query, null);
      if ('errors' in prepared)
        return { errors: prepared.errors.map((error) => error.toJSON()) as never };
      const answer = await prepared.execute(variables, contextFor(claims));
      return JSON.parse(answer.json) as { data?: unknown; errors?: Record<string, unknown>[] };
    },
  };
}

export function contextFor(
  claims: ActorClaims | null = null,
  overrides: Partial<RequestContext> = {},
): RequestContext {
  return {
    requestId: 'request-1',
    identity: { key: claims?.sub ?? 'anonymous', claims, expiresAt: null },
    client: { name: 'test', mode: 'open', costPerMinute: null },
    signal: new AbortController().signal,
    deadline: Date.now() + 5_000,
    headers: {},
    ...overrides,
  };
}
