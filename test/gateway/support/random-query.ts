import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isLeafType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql';

const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  ID: ['"b1"', '"b2"', '"f1"', '"zz"'],
  Int: ['1', '2', '5'],
  Boolean: ['true', 'false'],
  Unit: ['KG', 'LB'],
  String: ['"x"'],
};
const CONDITIONS = [
  '@include(if: $yes)',
  '@include(if: $no)',
  '@skip(if: $no)',
  '@skip(if: $yes)',
] as const;
/** Names that keys and required fields have as well: the planner's own traps. */
const TRAPS = ['id', 'title', 'name', 'price', 'email', 'x'] as const;

/** Queries of any shape a schema allows, the same for the same seed. Not all of them are valid. */
export class RandomQueries {
  private aliases = 0;

  constructor(
    private readonly schema: GraphQLSchema,
    private seed: number,
  ) {}

  next(): string {
    const root = this.schema.getQueryType()!;
    return `query($yes: Boolean!, $no: Boolean!) { ${this.selections(root, 4)} y: __typename @include(if: $yes) n: __typename @skip(if: $no) }`;
  }

  private selections(type: GraphQLNamedType, depth: number): string {
    return Array.from({ length: 1 + this.below(3) }, () => this.selection(type, depth)).join(' ');
  }

  private selection(type: GraphQLNamedType, depth: number): string {
    if (this.chance(0.1)) return '__typename';
    const condition = this.chance(0.12) ? this.pick(CONDITIONS) : '';
    const on = this.fragmentType(type);
    if (on) return `... on ${on.name} ${condition} { ${this.selections(on, depth)} }`;
    return this.field(type, depth, condition);
  }

  private fragmentType(type: GraphQLNamedType): GraphQLNamedType | null {
    if (isAbstractType(type) && (isUnionType(type) || this.chance(0.4))) {
      return this.pick(this.schema.getPossibleTypes(type));
    }
    const [interfaceType] = isObjectType(type) ? type.getInterfaces() : [];
    return interfaceType && this.chance(0.15) ? interfaceType : null;
  }

  private field(type: GraphQLNamedType, depth: number, condition: string): string {
    if (!isObjectType(type) && !isInterfaceType(type)) return '__typename';
    const fields = Object.values(type.getFields()).filter(
      (field) => depth > 0 || isLeafType(getNamedType(field.type)),
    );
    if (fields.length === 0) return '__typename';
    const field = this.pick(fields);
    const returned = getNamedType(field.type);
    const below = isLeafType(returned) ? '' : `{ ${this.selections(returned, depth - 1)} }`;
    return `${this.alias()}${field.name}${this.arguments(field)} ${condition} ${below}`;
  }

  private alias(): string {
    if (!this.chance(0.3)) return '';
    return this.chance(0.3) ? `${this.pick(TRAPS)}: ` : `a${this.aliases++}: `;
  }

  private arguments(field: GraphQLField<unknown, unknown>): string {
    const given = field.args
      .filter(({ type }) => isNonNullType(type) || this.chance(0.5))
      .map(({ name, type }) => `${name}: ${this.pick(ARGUMENTS[getNamedType(type).name]!)}`);
    return given.length > 0 ? `(${given.join(', ')})` : '';
  }

  private pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  private chance(share: number): boolean {
    return this.random() < share;
  }

  private below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  private random(): number {
    this.seed = (Math.imul(this.seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return this.seed / 0x80000000;
  }
}
