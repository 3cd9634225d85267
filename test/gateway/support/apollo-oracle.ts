import { operationFromDocument, Supergraph } from '@apollo/federation-internals';
import { QueryPlanner } from '@apollo/query-planner';
import { execute, parse } from 'graphql';
import { compose, type Definitions, schemasOf } from './federation.ts';

process.env.APOLLO_TELEMETRY_DISABLED = 'true';
const { buildOperationContext, executeQueryPlan } = await import('@apollo/gateway');

/** Answers by @apollo/gateway's own executor on the same subgraphs, as an independent opinion. */
export function apolloOracle(definitions: Definitions) {
  const supergraph = Supergraph.build(compose(definitions), { supportedFeatures: null });
  const apiSchema = supergraph.apiSchema();
  const schema = apiSchema.toGraphQLJSSchema();
  const planner = new QueryPlanner(supergraph);
  const services = Object.fromEntries(
    [...schemasOf(definitions)].map(([name, subgraph]) => [
      name,
      {
        async process({ request }: { request: { query: string; variables: never } }) {
          const result = await execute({
            schema: subgraph,
            document: parse(request.query),
            variableValues: request.variables,
            contextValue: { claims: null },
          });
          return JSON.parse(JSON.stringify(result)) as object;
        },
      },
    ]),
  );
  return async (query: string, variables: Record<string, unknown> = {}): Promise<unknown> => {
    const document = parse(query);
    const queryPlan = planner.buildQueryPlan(operationFromDocument(apiSchema, document));
    const operationContext = buildOperationContext({ schema, operationDocument: document });
    const requestContext = { request: { query, variables }, metrics: {}, logger: console, schema };
    const result = await executeQueryPlan(
      queryPlan,
      services as never,
      requestContext as never,
      operationContext,
      supergraph.schema.toGraphQLJSSchema(),
      apiSchema,
    );
    return JSON.parse(JSON.stringify(result.data ?? null));
  };
}
