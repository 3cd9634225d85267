import {
  type DocumentNode,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isObjectType,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { ErrorCode } from '../errors.ts';
import type { AccessRequirement, SupergraphMetadata } from '../supergraph-metadata.ts';
import type { ActorClaims } from '../types.ts';

/** Decides @policy names; without one every policy is refused. */
export type PolicyDecision = (policy: string, claims: ActorClaims) => boolean;

/** The requirements of an operation's fields: which field needs which, by index into `all`. */
export interface OperationAccess {
  readonly all: readonly AccessRequirement[];
  readonly byField: ReadonlyMap<FieldNode, readonly number[]>;
}

/**
 * What each field demands of its reader. A field inherits the demands of its parent type, of the
 * type it returns and of fields it is computed from; a field of an interface inherits those of every
 * implementation, as the caller cannot know which one answers.
 */
export class AccessRules {
  private readonly cache = new Map<string, readonly AccessRequirement[]>();

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly metadata: SupergraphMetadata,
  ) {}

  get empty(): boolean {
    return this.metadata.access.size === 0;
  }

  operation(document: DocumentNode): OperationAccess {
    const all: AccessRequirement[] = [];
    const indexes = new Map<string, number>();
    const byField = new Map<FieldNode, readonly number[]>();
    if (this.empty) return { all, byField };
    const types = new TypeInfo(this.schema);
    const enter = (node: FieldNode): void => {
      const parent = types.getParentType();
      if (!parent) return;
      const needed = this.field(parent, node.name.value).map((requirement) => {
        const text = JSON.stringify(requirement);
        let index = indexes.get(text);
        if (index === undefined) {
          index = all.push(requirement) - 1;
          indexes.set(text, index);
        }
        return index;
      });
      if (needed.length > 0) byField.set(node, needed);
    };
    visit(document, visitWithTypeInfo(types, { Field: { enter } }));
    return { all, byField };
  }

  private field(parent: GraphQLCompositeType, name: string): readonly AccessRequirement[] {
    const coordinate = `${parent.name}.${name}`;
    let known = this.cache.get(coordinate);
    if (known === undefined) {
      this.cache.set(coordinate, []);
      known = this.collect(parent, name);
      this.cache.set(coordinate, known);
    }
    return known;
  }

  private collect(parent: GraphQLCompositeType, name: string): AccessRequirement[] {
    const coordinate = `${parent.name}.${name}`;
    const definition = 'getFields' in parent ? parent.getFields()[name] : undefined;
    const found = [...this.own(parent.name), ...this.own(coordinate)];
    if (definition) found.push(...this.own(getNamedType(definition.type).name));
    for (const required of this.metadata.requiredFields.get(coordinate) ?? []) {
      const [typeName = '', fieldName = ''] = required.split('.');
      const type = this.schema.getType(typeName);
      found.push(...(isObjectType(type) ? this.field(type, fieldName) : this.own(required)));
    }
    if (isAbstractType(parent) && definition) {
      for (const member of this.schema.getPossibleTypes(parent)) {
        found.push(...this.field(member, name));
      }
    }
    return found;
  }

  private own(coordinate: string): readonly AccessRequirement[] {
    return this.metadata.access.get(coordinate) ?? [];
  }
}

/** Null when the requirement holds, else the code that says why not. */
export function refusalCode(
  requirement: AccessRequirement,
  claims: ActorClaims | null,
  decide: PolicyDecision,
): string | null {
  if (claims === null) return ErrorCode.unauthenticated;
  switch (requirement.kind) {
    case 'authenticated':
      return null;
    case 'scopes': {
      const scopes = new Set((claims.scope ?? '').split(' '));
      return holds(requirement.anyOf, (scope) => scopes.has(scope));
    }
    case 'policy':
      return holds(requirement.anyOf, (policy) => decide(policy, claims));
  }
}

function holds(
  anyOf: readonly (readonly string[])[],
  has: (name: string) => boolean,
): string | null {
  return anyOf.some((allOf) => allOf.every(has)) ? null : ErrorCode.forbidden;
}

/** One text per distinct outcome, so that callers with the same rights share a compiled plan. */
export function accessOutcome(
  access: OperationAccess,
  claims: ActorClaims | null,
  decide: PolicyDecision,
): { readonly key: string; readonly codes: readonly (string | null)[] } {
  const codes = access.all.map((requirement) => refusalCode(requirement, claims, decide));
  return { key: codes.map((code) => code ?? '').join(','), codes };
}

/** The fields this outcome denies. */
export function deniedFields(
  access: OperationAccess,
  codes: readonly (string | null)[],
): ReadonlyMap<FieldNode, string> {
  const denied = new Map<FieldNode, string>();
  for (const [field, needed] of access.byField) {
    const code = needed.map((index) => codes[index]).find((each) => each);
    if (code) denied.set(field, code);
  }
  return denied;
}
