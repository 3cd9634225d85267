import {
  type ArgumentNode,
  type FragmentDefinitionNode,
  Kind,
  parse,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';

export type Variables = Readonly<Record<string, unknown>>;
export type Item = { readonly __typename: string; readonly [field: string]: unknown };
type Resolver = (source: Item, given: Variables) => unknown;

export interface TinySchema {
  /** What a field gives where the item itself does not hold it. */
  readonly resolvers: Readonly<Record<string, Readonly<Record<string, Resolver>>>>;
  /** The entity that a representation names. */
  readonly entity: (representation: Item) => Item | null;
}

type Write = (source: Item, variables: Variables, into: Record<string, unknown>) => void;

/**
 * An executor over static data, as cheap as one can be: each operation is compiled once to closures,
 * nothing is validated. What a gateway's bench must not measure is the subgraphs.
 */
export class TinySubgraph {
  private readonly operations = new Map<string, Write>();
  private readonly query: Item = { __typename: 'Query' };

  constructor(private readonly schema: TinySchema) {}

  execute(query: string, variables: Variables): { data: Record<string, unknown> } {
    let operation = this.operations.get(query);
    if (operation === undefined) {
      operation = this.compile(query);
      this.operations.set(query, operation);
    }
    const data: Record<string, unknown> = {};
    operation(this.query, variables, data);
    return { data };
  }

  private compile(query: string): Write {
    const fragments = new Map<string, FragmentDefinitionNode>();
    let root: SelectionSetNode | null = null;
    for (const definition of parse(query).definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) {
        fragments.set(definition.name.value, definition);
      } else if (definition.kind === Kind.OPERATION_DEFINITION) {
        root = definition.selectionSet;
      }
    }
    return this.compileSet(root!, fragments);
  }

  private compileSet(
    set: SelectionSetNode,
    fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  ): Write {
    const writes = set.selections.map((selection): Write => {
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value;
        const read = this.reader(selection.name.value, selection.arguments ?? []);
        const below = selection.selectionSet && this.compileSet(selection.selectionSet, fragments);
        if (!below) {
          return (source, variables, into) => {
            into[key] = read(source, variables) ?? null;
          };
        }
        return (source, variables, into) => {
          into[key] = complete(read(source, variables), variables, below);
        };
      }
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value)!;
      const on = fragment.typeCondition?.name.value;
      const inner = this.compileSet(fragment.selectionSet, fragments);
      return (source, variables, into) => {
        if (on === undefined || source.__typename === on) inner(source, variables, into);
      };
    });
    return (source, variables, into) => {
      for (const write of writes) write(source, variables, into);
    };
  }

  private reader(name: string, given: readonly ArgumentNode[]): Resolver {
    if (name === '_entities') {
      // Gateways that send several of these in one operation name their variables differently.
      const representations = given[0]!.value;
      return (_source, variables) =>
        (argumentValue(representations, variables) as Item[]).map((each) =>
          this.schema.entity(each),
        );
    }
    const values = given.map(({ name: { value }, value: node }) => [value, node] as const);
    return (source, variables) => {
      const resolver = this.schema.resolvers[source.__typename]?.[name];
      if (resolver === undefined) return source[name];
      const read: Record<string, unknown> = {};
      for (const [key, node] of values) read[key] = argumentValue(node, variables);
      return resolver(source, read);
    };
  }
}

function complete(value: unknown, variables: Variables, write: Write): unknown {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.map((item) => complete(item, variables, write));
  const into: Record<string, unknown> = {};
  write(value as Item, variables, into);
  return into;
}

function argumentValue(node: ValueNode, variables: Variables): unknown {
  if (node.kind === Kind.VARIABLE) return variables[node.name.value];
  if (node.kind === Kind.INT) return Number(node.value);
  return 'value' in node ? node.value : null;
}
