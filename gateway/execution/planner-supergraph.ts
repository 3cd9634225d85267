import {
  type ASTNode,
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type FieldNode,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  print,
  type SelectionSetNode,
  type TypeNode,
  visit,
} from 'graphql';
import { REQUIRED_PREFIX } from './required-variants.ts';

/**
 * The supergraph as the planner is to see it. Two things that it would get wrong are put differently:
 *
 * - Where a fetch returns to its own subgraph, the planner takes the first key declared there, also
 *   one that the subgraph cannot resolve: keys that can be resolved are put first.
 * - Where several @requires ask one field for different arguments, the planner keeps the arguments
 *   of one: each gets a field of its own, which fetches then call by the true name again.
 */
export function plannerSupergraph(sdl: string): string {
  const document = parse(sdl, { noLocation: true });
  const renamed = new RequiredFields(document).separated();
  const ordered = withResolvableKeysFirst(renamed);
  return ordered === document ? sdl : print(ordered);
}

function withResolvableKeysFirst(document: DocumentNode): DocumentNode {
  const reorder = <T extends { readonly directives?: readonly ConstDirectiveNode[] }>(node: T) => {
    const directives = node.directives ?? [];
    if (!directives.some(isUnresolvable)) return undefined;
    const last = directives.filter(isUnresolvable);
    return { ...node, directives: [...directives.filter((each) => !last.includes(each)), ...last] };
  };
  return visit(document, {
    [Kind.OBJECT_TYPE_DEFINITION]: reorder,
    [Kind.INTERFACE_TYPE_DEFINITION]: reorder,
  });
}

function isUnresolvable({ name, arguments: given }: ConstDirectiveNode): boolean {
  if (name.value !== 'join__type') return false;
  const resolvable = given?.find((argument) => argument.name.value === 'resolvable')?.value;
  return resolvable?.kind === Kind.BOOLEAN && !resolvable.value;
}

/** One set of arguments with which a field is required, and by which subgraphs. */
interface Way {
  readonly argumentsText: string;
  readonly graphs: Set<string>;
}

/** Fields that @requires ask for with arguments, by `Type.field`, and every way they are asked. */
class RequiredFields {
  private readonly types = new Map<string, ObjectTypeDefinitionNode>();
  private readonly interfaces = new Map<string, ReadonlySet<string>>();
  private readonly asked = new Map<string, Way[]>();

  constructor(private readonly document: DocumentNode) {
    for (const definition of document.definitions) {
      if (definition.kind === Kind.OBJECT_TYPE_DEFINITION) {
        this.types.set(definition.name.value, definition);
      } else if (definition.kind === Kind.INTERFACE_TYPE_DEFINITION) {
        const names = definition.fields?.map(({ name }) => name.value);
        this.interfaces.set(definition.name.value, new Set(names));
      }
    }
  }

  separated(): DocumentNode {
    this.eachRequired((set, typeName, graph) => {
      this.walk(set, typeName, (coordinate, field) =>
        this.note(coordinate, argumentsOf(field), graph),
      );
      return null;
    });
    for (const [coordinate, ways] of this.asked) {
      if (ways.length < 2) this.asked.delete(coordinate);
    }
    if (this.asked.size === 0) return this.document;
    const rewritten = this.eachRequired((set, typeName) => print(this.renamed(set, typeName)));
    return visit(rewritten, {
      [Kind.OBJECT_TYPE_DEFINITION]: (type) => ({
        ...type,
        fields: (type.fields ?? []).flatMap((field) => this.withVariants(type, field)),
      }),
    });
  }

  private note(coordinate: string, argumentsText: string, graph: string): void {
    const ways = this.asked.get(coordinate) ?? [];
    this.asked.set(coordinate, ways);
    const way = ways.find((each) => each.argumentsText === argumentsText);
    if (way) way.graphs.add(graph);
    else ways.push({ argumentsText, graphs: new Set([graph]) });
  }

  /** Visits every `requires` of an object type; the text returned replaces it. */
  private eachRequired(
    replace: (set: SelectionSetNode, typeName: string, graph: string) => string | null,
  ): DocumentNode {
    const replaced = (directive: ConstDirectiveNode, typeName: string) => {
      const value = argumentOf(directive, 'requires');
      if (directive.name.value !== 'join__field' || value === null) return undefined;
      const text = replace(fieldSet(value), typeName, argumentOf(directive, 'graph') ?? '');
      if (text === null) return undefined;
      const required = { kind: Kind.STRING, value: text.slice(1, -1).replace(/\s+/g, ' ').trim() };
      return {
        ...directive,
        arguments: directive.arguments!.map((argument) =>
          argument.name.value === 'requires' ? { ...argument, value: required } : argument,
        ),
      };
    };
    return visit(this.document, {
      [Kind.OBJECT_TYPE_DEFINITION]: (type) =>
        visit(type as ASTNode, {
          [Kind.DIRECTIVE]: (directive) =>
            replaced(directive as ConstDirectiveNode, type.name.value),
        }),
    });
  }

  private walk(
    set: SelectionSetNode,
    typeName: string | null,
    found: (coordinate: string, field: FieldNode) => void,
  ): void {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) continue;
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        const on = selection.typeCondition?.name.value ?? typeName;
        this.walk(selection.selectionSet, on, found);
        continue;
      }
      if (typeName === null || !this.types.has(typeName)) continue;
      if (this.fieldOf(typeName, selection.name.value)?.arguments?.length) {
        found(`${typeName}.${selection.name.value}`, selection);
      }
      const below = this.typeBelow(typeName, selection.name.value);
      if (selection.selectionSet) this.walk(selection.selectionSet, below, found);
    }
  }

  private renamed(set: SelectionSetNode, typeName: string): SelectionSetNode {
    const names = new Map<FieldNode, string>();
    this.walk(set, typeName, (coordinate, field) => {
      const text = argumentsOf(field);
      const index =
        this.asked.get(coordinate)?.findIndex((way) => way.argumentsText === text) ?? -1;
      if (index >= 0) names.set(field, variantName(field.name.value, index));
    });
    return visit(set, {
      [Kind.FIELD]: {
        // Entered before its children are replaced: the map is of the nodes as they were parsed.
        enter: (field) => {
          const value = names.get(field);
          return value === undefined
            ? undefined
            : { ...field, name: { kind: Kind.NAME, value } as const };
        },
      },
    });
  }

  /** A subgraph must not name as external what it does not require. */
  private withVariants(
    type: ObjectTypeDefinitionNode,
    field: FieldDefinitionNode,
  ): FieldDefinitionNode[] {
    const ways = this.asked.get(`${type.name.value}.${field.name.value}`);
    if (ways === undefined) return [field];
    const variants = ways.map(({ graphs }, index) => ({
      ...externalIn(field, (graph) => graphs.has(graph)),
      name: { kind: Kind.NAME, value: variantName(field.name.value, index) } as const,
    }));
    const isNeeded = type.interfaces?.some((each) =>
      this.interfaces.get(each.name.value)?.has(field.name.value),
    );
    return [isNeeded ? field : externalIn(field, () => false), ...variants];
  }

  private fieldOf(typeName: string, name: string): FieldDefinitionNode | undefined {
    return this.types.get(typeName)?.fields?.find((field) => field.name.value === name);
  }

  private typeBelow(typeName: string, fieldName: string): string | null {
    let type: TypeNode | undefined = this.fieldOf(typeName, fieldName)?.type;
    while (type && type.kind !== Kind.NAMED_TYPE) type = type.type;
    return type?.name.value ?? null;
  }
}

function externalIn(
  field: FieldDefinitionNode,
  keeps: (graph: string) => boolean,
): FieldDefinitionNode {
  const directives = field.directives?.filter(
    (directive) =>
      argumentOf(directive, 'external') === null || keeps(argumentOf(directive, 'graph') ?? ''),
  );
  return { ...field, directives };
}

/** A constant as text; null when it is not given, or false. */
function argumentOf(directive: ConstDirectiveNode, name: string): string | null {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value;
  if (value?.kind === Kind.BOOLEAN) return value.value ? 'true' : null;
  return value && 'value' in value ? value.value : null;
}

function variantName(fieldName: string, index: number): string {
  return `${REQUIRED_PREFIX}${index}_${fieldName}`;
}

function argumentsOf(field: FieldNode): string {
  return (field.arguments ?? []).map(print).sort().join(',');
}

function fieldSet(text: string): SelectionSetNode {
  const [definition] = parse(`{${text}}`, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`Not a field set: ${text}`);
  return definition.selectionSet;
}
