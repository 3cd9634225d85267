import {
  type ConstDirectiveNode,
  type ConstValueNode,
  type DocumentNode,
  type FieldDefinitionNode,
  Kind,
  parse,
  print,
  type SelectionSetNode,
  type TypeDefinitionNode,
  valueFromASTUntyped,
} from 'graphql';
import { REQUIRED_PREFIX, type VariantsByField } from './execution/required-variants.ts';

/** One thing a caller must have to read a field; all of a field's requirements must hold. */
export type AccessRequirement =
  | { readonly kind: 'authenticated' }
  | { readonly kind: 'scopes'; readonly anyOf: readonly (readonly string[])[] }
  | { readonly kind: 'policy'; readonly anyOf: readonly (readonly string[])[] };

export interface ListSize {
  readonly assumedSize: number | null;
  readonly slicingArguments: readonly string[];
  readonly sizedFields: readonly string[];
  readonly requireOneSlicingArgument: boolean;
}

export interface CacheHint {
  readonly maxAge: number | null;
  readonly scope: 'PUBLIC' | 'PRIVATE' | null;
  readonly inheritMaxAge: boolean;
}

/** A field with arguments that a @requires asks for: `Post.comments` with `(limit: 3)`. */
export interface RequiredArguments {
  readonly place: string;
  readonly argumentsText: string;
}

/**
 * What the supergraph says beside its types. Composition data stays @apollo's; this reads only the
 * directives that the gateway itself acts upon. Keys are coordinates: `Type`, `Type.field`,
 * `Type.field(argument:)`.
 */
export interface SupergraphMetadata {
  readonly services: ReadonlyMap<string, { readonly name: string; readonly url: string }>;
  /** subgraph -> type -> key field sets. */
  readonly keys: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;
  /** Names of fields that the planner adds to fetches by itself: keys and required fields. */
  readonly plannedNames: ReadonlySet<string>;
  readonly requiredArguments: ReadonlyMap<string, readonly RequiredArguments[]>;
  readonly requiredVariants: VariantsByField;
  readonly access: ReadonlyMap<string, readonly AccessRequirement[]>;
  readonly requiredFields: ReadonlyMap<string, readonly string[]>;
  readonly costs: ReadonlyMap<string, number>;
  readonly listSizes: ReadonlyMap<string, ListSize>;
  readonly cacheHints: ReadonlyMap<string, CacheHint>;
}

export function readMetadata(supergraphSdl: string): SupergraphMetadata {
  return new MetadataReader(parse(supergraphSdl, { noLocation: true })).read();
}

class MetadataReader implements SupergraphMetadata {
  readonly services = new Map<string, { name: string; url: string }>();
  private readonly serviceByEnumValue = new Map<string, string>();
  readonly keys = new Map<string, Map<string, string[]>>();
  readonly plannedNames = new Set<string>(['__typename']);
  readonly requiredArguments = new Map<string, RequiredArguments[]>();
  readonly requiredVariants = new Map<string, Set<string>>();
  readonly requiredFields = new Map<string, string[]>();
  readonly access = new Map<string, AccessRequirement[]>();
  readonly costs = new Map<string, number>();
  readonly listSizes = new Map<string, ListSize>();
  readonly cacheHints = new Map<string, CacheHint>();
  private readonly names: Readonly<Record<string, string>>;

  constructor(private readonly document: DocumentNode) {
    const links = linksOf(document);
    this.names = {
      authenticated: nameOf(links, 'authenticated', 'authenticated'),
      requiresScopes: nameOf(links, 'requiresScopes', 'requiresScopes'),
      policy: nameOf(links, 'policy', 'policy'),
      cost: nameOf(links, 'cost', 'cost'),
      listSize: nameOf(links, 'cost', 'listSize'),
    };
  }

  read(): SupergraphMetadata {
    for (const definition of this.document.definitions) {
      if (definition.kind === Kind.ENUM_TYPE_DEFINITION) this.readGraphs(definition.values ?? []);
    }
    for (const definition of this.document.definitions) {
      if ('directives' in definition && 'name' in definition && isType(definition)) {
        this.readType(definition);
      }
    }
    return this;
  }

  private readGraphs(
    values: readonly { name: { value: string }; directives?: readonly ConstDirectiveNode[] }[],
  ) {
    for (const value of values) {
      const graph = value.directives?.find(({ name }) => name.value === 'join__graph');
      if (!graph) continue;
      const { name, url } = argumentsOf(graph) as { name: string; url?: string };
      this.services.set(name, { name, url: url ?? '' });
      this.serviceByEnumValue.set(value.name.value, name);
    }
  }

  private readType(type: TypeDefinitionNode): void {
    const typeName = type.name.value;
    for (const directive of type.directives ?? []) {
      this.readShared(typeName, directive);
      if (directive.name.value === 'join__type') this.readKey(typeName, directive);
    }
    if (!('fields' in type)) return;
    for (const field of type.fields ?? []) {
      const coordinate = `${typeName}.${field.name.value}`;
      for (const directive of field.directives ?? []) {
        this.readShared(coordinate, directive);
        if (directive.name.value === 'join__field')
          this.readRequires(typeName, coordinate, directive);
      }
      if (field.kind === Kind.FIELD_DEFINITION) this.readArguments(coordinate, field);
    }
  }

  private readArguments(coordinate: string, field: FieldDefinitionNode): void {
    for (const argument of field.arguments ?? []) {
      for (const directive of argument.directives ?? []) {
        this.readShared(`${coordinate}(${argument.name.value}:)`, directive);
      }
    }
  }

  private readKey(typeName: string, directive: ConstDirectiveNode): void {
    const { graph, key } = argumentsOf(directive) as { graph: string; key?: string };
    const service = this.serviceByEnumValue.get(graph);
    if (!key || service === undefined) return;
    const byType = this.keys.get(service) ?? new Map<string, string[]>();
    this.keys.set(service, byType);
    byType.set(typeName, [...(byType.get(typeName) ?? []), key]);
    this.planned(fieldSet(key));
  }

  private readRequires(typeName: string, coordinate: string, directive: ConstDirectiveNode): void {
    const { graph, requires, provides } = argumentsOf(directive) as {
      graph: string;
      requires?: string;
      provides?: string;
    };
    if (provides) this.planned(fieldSet(provides));
    if (!requires) return;
    const set = fieldSet(requires);
    this.planned(set);
    const variants = namesIn(set).filter((name) => name.startsWith(REQUIRED_PREFIX));
    const service = this.serviceByEnumValue.get(graph);
    if (variants.length > 0) {
      this.requiredVariants.set(`${service}:${coordinate}`, new Set(variants));
    }
    const withArguments = argumentsIn(set, typeName);
    append(this.requiredArguments, coordinate, ...withArguments);
    append(this.requiredFields, coordinate, ...topNames(set).map((name) => `${typeName}.${name}`));
  }

  private planned(set: SelectionSetNode): void {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) this.plannedNames.add(selection.name.value);
      if (selection.kind !== Kind.FRAGMENT_SPREAD && selection.selectionSet) {
        this.planned(selection.selectionSet);
      }
    }
  }

  private readShared(coordinate: string, directive: ConstDirectiveNode): void {
    const given = argumentsOf(directive) as Record<string, never>;
    switch (directive.name.value) {
      case this.names.authenticated:
        append(this.access, coordinate, { kind: 'authenticated' });
        break;
      case this.names.requiresScopes:
        append(this.access, coordinate, { kind: 'scopes', anyOf: given.scopes! });
        break;
      case this.names.policy:
        append(this.access, coordinate, { kind: 'policy', anyOf: given.policies! });
        break;
      case this.names.cost:
        this.costs.set(coordinate, Number(given.weight));
        break;
      case this.names.listSize:
        this.listSizes.set(coordinate, {
          assumedSize: given.assumedSize ?? null,
          slicingArguments: given.slicingArguments ?? [],
          sizedFields: given.sizedFields ?? [],
          requireOneSlicingArgument: given.requireOneSlicingArgument ?? true,
        });
        break;
      case 'cacheControl':
        this.cacheHints.set(coordinate, {
          maxAge: given.maxAge ?? null,
          scope: given.scope ?? null,
          inheritMaxAge: given.inheritMaxAge ?? false,
        });
        break;
    }
  }
}

interface Link {
  readonly feature: string;
  readonly as: string | null;
  readonly imports: readonly unknown[];
}

function linksOf(document: DocumentNode): Link[] {
  const links: Link[] = [];
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.SCHEMA_DEFINITION && definition.kind !== Kind.SCHEMA_EXTENSION) {
      continue;
    }
    for (const directive of definition.directives ?? []) {
      if (directive.name.value !== 'link') continue;
      const given = argumentsOf(directive) as { url?: string; as?: string; import?: unknown[] };
      const feature = given.url?.split('/').at(-2);
      if (feature) links.push({ feature, as: given.as ?? null, imports: given.import ?? [] });
    }
  }
  return links;
}

/** What a directive of a linked specification is called in this document. */
function nameOf(links: readonly Link[], feature: string, directive: string): string {
  const link = links.find((candidate) => candidate.feature === feature);
  if (!link) return directive;
  for (const entry of link.imports) {
    if (entry === `@${directive}`) return directive;
    const { name, as } = (typeof entry === 'object' ? entry : {}) as { name?: string; as?: string };
    if (name === `@${directive}`) return (as ?? name).slice(1);
  }
  const prefix = link.as ?? link.feature;
  return directive === feature ? prefix : `${prefix}__${directive}`;
}

function isType(node: { kind: string }): node is TypeDefinitionNode {
  return node.kind.endsWith('TypeDefinition');
}

function argumentsOf(directive: ConstDirectiveNode): Record<string, unknown> {
  return Object.fromEntries(
    (directive.arguments ?? []).map(({ name, value }) => [
      name.value,
      valueFromASTUntyped(value as ConstValueNode),
    ]),
  );
}

function fieldSet(text: string): SelectionSetNode {
  const [definition] = parse(`{${text}}`, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`Not a field set: ${text}`);
  return definition.selectionSet;
}

function topNames(set: SelectionSetNode): string[] {
  return set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection.name.value];
    return selection.kind === Kind.INLINE_FRAGMENT ? topNames(selection.selectionSet) : [];
  });
}

function namesIn(set: SelectionSetNode): string[] {
  return set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return [];
    const below = selection.selectionSet ? namesIn(selection.selectionSet) : [];
    return selection.kind === Kind.FIELD ? [selection.name.value, ...below] : below;
  });
}

function argumentsIn(set: SelectionSetNode, place: string): RequiredArguments[] {
  return set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return [];
    if (selection.kind === Kind.INLINE_FRAGMENT) return argumentsIn(selection.selectionSet, place);
    const here = `${place}.${selection.name.value}`;
    const argumentsText = (selection.arguments ?? []).map(print).sort().join(',');
    const below = selection.selectionSet ? argumentsIn(selection.selectionSet, here) : [];
    return argumentsText === '' ? below : [{ place: here, argumentsText }, ...below];
  });
}

function append<T>(map: Map<string, T[]>, key: string, ...values: readonly T[]): void {
  if (values.length > 0) map.set(key, [...(map.get(key) ?? []), ...values]);
}
