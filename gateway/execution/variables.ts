import {
  GraphQLError,
  type GraphQLSchema,
  getVariableValues,
  type OperationDefinitionNode,
  type TypeNode,
} from 'graphql';
import { ErrorCode } from '../errors.ts';

type Variables = Readonly<Record<string, unknown>>;

export type CoercedVariables =
  | { readonly coerced: Variables; readonly errors?: undefined }
  | { readonly errors: readonly GraphQLError[]; readonly coerced?: undefined };

const NONE: CoercedVariables = { coerced: {} };

/** More complaints than this help nobody. */
const COERCION_ERRORS_MAX = 10;

/**
 * Compiles the coercion of an operation's variables. Built-in scalars of the right JavaScript type
 * are taken as they are; anything else goes through graphql-js, whose errors the client gets.
 */
export function compileVariables(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
): (variables: Variables) => CoercedVariables {
  const definitions = operation.variableDefinitions ?? [];
  if (definitions.length === 0) return () => NONE;
  const checks = definitions.map(({ variable, type, defaultValue }) => ({
    name: variable.name.value,
    check: defaultValue ? null : quickCheck(type),
  }));
  const quick = checks.every(({ check }) => check !== null);
  return (variables) => {
    if (quick && checks.every(({ name, check }) => check!(variables[name]))) {
      return { coerced: variables };
    }
    const result = getVariableValues(schema, definitions, variables, {
      maxErrors: COERCION_ERRORS_MAX,
    });
    return result.errors ? { errors: result.errors.map(coded) } : { coerced: result.coerced };
  };
}

function quickCheck(type: TypeNode): ((value: unknown) => boolean) | null {
  if (type.kind !== 'NonNullType' || type.type.kind !== 'NamedType') return null;
  switch (type.type.name.value) {
    case 'ID':
    case 'String':
      return (value) => typeof value === 'string';
    case 'Int':
      return (value) => typeof value === 'number' && (value | 0) === value;
    case 'Boolean':
      return (value) => typeof value === 'boolean';
    default:
      return null;
  }
}

function coded(error: GraphQLError): GraphQLError {
  return new GraphQLError(error.message.replace(/ ?Did you mean .*$/s, ''), {
    nodes: error.nodes,
    extensions: { code: ErrorCode.badUserInput },
  });
}
