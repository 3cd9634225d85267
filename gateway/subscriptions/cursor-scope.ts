import { createHash } from 'node:crypto';
import {
  type FieldNode,
  getArgumentValues,
  getVariableValues,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import type { Identity, PreparedOperation } from '../types.ts';
import { canonicalJson } from './canonical-json.ts';

type Variables = Readonly<Record<string, unknown>>;

/**
 * What a cursor is bound to: the root field, its arguments as they are after variables and defaults,
 * and the subject. An alias or another selection is still the same stream.
 */
export function cursorScope(
  prepared: PreparedOperation,
  variables: Variables,
  identity: Identity,
): Buffer {
  const field = rootFieldOf(prepared.operation.selectionSet, prepared);
  const name = field?.name.value ?? '';
  const text = canonicalJson([name, argumentsOf(field, prepared, variables), subjectOf(identity)]);
  return createHash('sha256').update(text).digest();
}

/** Stays the same when a token is refreshed or the rights of its subject change. */
export function subjectOf(identity: Identity): readonly [iss: string, sub: string] | '' {
  return identity.claims ? [identity.claims.iss, identity.claims.sub] : '';
}

function argumentsOf(
  field: FieldNode | null,
  prepared: PreparedOperation,
  variables: Variables,
): Variables {
  const schema = prepared.snapshot.apiSchema;
  const definition = field && schema.getSubscriptionType()?.getFields()[field.name.value];
  if (!definition) return {};
  const definitions = prepared.operation.variableDefinitions ?? [];
  const { coerced } = getVariableValues(schema, definitions, { ...variables });
  return getArgumentValues(definition, field, coerced ?? { ...variables });
}

// The one field of a subscription can be inside fragments.
function rootFieldOf(selections: SelectionSetNode, prepared: PreparedOperation): FieldNode | null {
  for (const selection of selections.selections) {
    if (selection.kind === Kind.FIELD) return selection;
    const inner =
      selection.kind === Kind.INLINE_FRAGMENT
        ? selection.selectionSet
        : fragmentOf(prepared, selection.name.value);
    const found = inner && rootFieldOf(inner, prepared);
    if (found) return found;
  }
  return null;
}

function fragmentOf(prepared: PreparedOperation, name: string): SelectionSetNode | null {
  for (const definition of prepared.document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === name) {
      return definition.selectionSet;
    }
  }
  return null;
}
