import type { Schema } from '@apollo/federation-internals';
import type { QueryPlanner } from '@apollo/query-planner';
import type {
  DocumentNode,
  FragmentDefinitionNode,
  GraphQLSchema,
  OperationDefinitionNode,
} from 'graphql';
import type { IntrospectionTexts } from './introspection.ts';

/** What planning needs of one supergraph version. */
export interface Planning {
  readonly apiSchema: GraphQLSchema;
  readonly federationApiSchema: Schema;
  readonly planner: QueryPlanner;
  /** Characters of `data` in one answer; larger ones are refused instead of sent. */
  readonly answerCharactersMax: number;
}

/** A parsed and validated operation, before it is known who asks. */
export interface OperationSource {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly operationName: string | null;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly planKeys: ReadonlyMap<string, string>;
  readonly introspect:
    | ((variables: Readonly<Record<string, unknown>>) => IntrospectionTexts)
    | null;
}
