import {
  type DirectiveNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** A selection set and the condition on variables `v`, as JavaScript, under which it counts. */
export interface ConditionalSelections {
  readonly set: SelectionSetNode;
  readonly condition: Condition;
}

/** JavaScript over `v`; the empty text is "always". */
export type Condition = string;

export interface CollectedNode {
  readonly node: FieldNode;
  readonly condition: Condition;
  /** Its place among all fields collected with it. */
  readonly position: number;
}

export interface CollectedField {
  readonly responseName: string;
  readonly nodes: CollectedNode[];
}

/** Null when a literal @skip or @include rules the node out for good. */
export function conditionOf(directives: readonly DirectiveNode[] | undefined): Condition | null {
  let condition: Condition = '';
  for (const directive of directives ?? []) {
    const name = directive.name.value;
    if (name !== 'skip' && name !== 'include') continue;
    const value = directive.arguments?.find((argument) => argument.name.value === 'if')?.value;
    if (value?.kind === 'BooleanValue') {
      if (value.value === (name === 'skip')) return null;
    } else if (value?.kind === 'Variable') {
      const test = `v.${value.name.value}===true`;
      condition = and(condition, name === 'skip' ? `!(${test})` : test);
    }
  }
  return condition;
}

export function and(left: Condition, right: Condition): Condition {
  if (left === '' || left === right) return right;
  return right === '' ? left : `${left}&&${right}`;
}

/** The condition under which any of these counts. */
export function anyOf(conditions: readonly Condition[]): Condition {
  if (conditions.includes('')) return '';
  return [...new Set(conditions)].map((condition) => `(${condition})`).join('||');
}

/** Collects the fields of one object type, in the order of the specification's CollectFields. */
export function collectFields(
  schema: GraphQLSchema,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  type: GraphQLObjectType | GraphQLInterfaceType,
  selections: readonly ConditionalSelections[],
): CollectedField[] {
  const fields = new Map<string, CollectedField>();
  let position = 0;
  const visit = (nodes: readonly SelectionNode[], outer: Condition): void => {
    for (const node of nodes) {
      const own = conditionOf(node.directives);
      if (own === null) continue;
      const condition = and(outer, own);
      if (node.kind === 'Field') {
        const responseName = node.alias?.value ?? node.name.value;
        let field = fields.get(responseName);
        if (field === undefined) {
          field = { responseName, nodes: [] };
          fields.set(responseName, field);
        }
        field.nodes.push({ node, condition, position: position++ });
        continue;
      }
      const fragment = node.kind === 'InlineFragment' ? node : fragments.get(node.name.value);
      if (fragment && applies(schema, type, fragment.typeCondition?.name.value)) {
        visit(fragment.selectionSet.selections, condition);
      }
    }
  };
  for (const { set, condition } of selections) visit(set.selections, condition);
  return [...fields.values()];
}

function applies(schema: GraphQLSchema, type: GraphQLNamedType, on: string | undefined): boolean {
  if (on === undefined || on === type.name) return true;
  const condition = schema.getType(on);
  return (
    isAbstractType(condition) &&
    (isObjectType(type) || isInterfaceType(type)) &&
    schema.isSubType(condition, type)
  );
}

/** The selections below a collected field, each with the condition of the node it came from. */
export function subselections(field: CollectedField): ConditionalSelections[] {
  const selections: ConditionalSelections[] = [];
  for (const { node, condition } of field.nodes) {
    if (node.selectionSet) selections.push({ set: node.selectionSet, condition });
  }
  return selections;
}

/**
 * The condition under which what is selected differs between the members of an abstract type; null
 * when it never does.
 */
export function dependsOnType(
  schema: GraphQLSchema,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  type: GraphQLNamedType,
  selections: readonly ConditionalSelections[],
): Condition | null {
  const found: Condition[] = [];
  const visit = (nodes: readonly SelectionNode[], outer: Condition): void => {
    for (const node of nodes) {
      const own = conditionOf(node.directives);
      if (own === null) continue;
      const condition = and(outer, own);
      if (node.kind === 'Field') {
        if (node.name.value === '__typename') found.push(condition);
        continue;
      }
      const fragment = node.kind === 'InlineFragment' ? node : fragments.get(node.name.value);
      if (!fragment) continue;
      if (!applies(schema, type, fragment.typeCondition?.name.value)) found.push(condition);
      else visit(fragment.selectionSet.selections, condition);
    }
  };
  for (const { set, condition } of selections) visit(set.selections, condition);
  return found.length === 0 ? null : anyOf(found);
}

/** Where a field is written, and the condition under which it is written just there. */
export interface Placement {
  readonly field: CollectedField;
  readonly condition: Condition;
  readonly position: number;
}

/**
 * A field stands where it is first selected; with @skip and @include that depends on the variables,
 * so it has a place for each selection, of which at most one applies.
 */
export function placementsOf(fields: readonly CollectedField[]): Placement[] {
  return fields.flatMap(placesOf).sort((left, right) => left.position - right.position);
}

function placesOf(field: CollectedField): Placement[] {
  const places: Placement[] = [];
  const earlier: Condition[] = [];
  for (const { condition, position } of field.nodes) {
    if (earlier.includes(condition)) continue;
    const first = earlier.length === 0 ? condition : and(condition, `!(${anyOf(earlier)})`);
    places.push({ field, condition: first, position });
    if (condition === '') break;
    earlier.push(condition);
  }
  return places;
}
