import {
  type DocumentNode,
  executeSync,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import { collectFields } from './selections.ts';

/** JSON text of each introspection root field, by response name. */
export type IntrospectionTexts = Readonly<Record<string, string>>;

export const NO_INTROSPECTION: IntrospectionTexts = {};

/**
 * `__schema` and `__type` are answered from the API schema alone, by graphql-js; the writer places
 * them among the other fields. Null when the operation asks for neither.
 */
export function compileIntrospection(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): ((variables: Readonly<Record<string, unknown>>) => IntrospectionTexts) | null {
  const fields = introspectionFields(schema, operation, fragments);
  if (fields.length === 0) return null;
  const document: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: [
      { ...operation, selectionSet: { kind: Kind.SELECTION_SET, selections: fields } },
      ...fragments.values(),
    ],
  };
  const run = (variables: Readonly<Record<string, unknown>>): IntrospectionTexts => {
    const { data } = executeSync({ schema, document, variableValues: variables });
    return Object.fromEntries(
      Object.entries(data ?? {}).map(([name, value]) => [name, JSON.stringify(value)]),
    );
  };
  if (operation.variableDefinitions?.length) return run;
  let texts: IntrospectionTexts | null = null;
  return () => (texts ??= run({}));
}

function introspectionFields(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): FieldNode[] {
  const root = operation.operation === 'query' ? schema.getQueryType() : null;
  if (!root) return [];
  return collectFields(schema, fragments, root, [{ set: operation.selectionSet, condition: '' }])
    .flatMap(({ nodes }) => nodes.map(({ node }) => node))
    .filter(({ name }) => name.value === '__schema' || name.value === '__type');
}
