import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLAbstractType,
  type GraphQLField,
  type GraphQLInterfaceType,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNullableType,
  isAbstractType,
  isEnumType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type OperationDefinitionNode,
} from 'graphql';
import { ErrorCode } from '../errors.ts';
import { AnswerShape } from './answer-shape.ts';
import type { JsonObject, WriterState } from './execution-state.ts';
import { quote, valueText } from './json-text.ts';
import {
  type CollectedField,
  type ConditionalSelections,
  collectFields,
  dependsOnType,
  type Placement,
  placementsOf,
  subselections,
} from './selections.ts';
import { raise, writeNote, writeNull, writeUnknownType } from './writer-errors.ts';

type FieldsType = GraphQLObjectType | GraphQLInterfaceType;

/** Writes a value as JSON text; undefined is a null, with its error raised where one is due. */
type ValueWriter = (value: unknown, state: WriterState) => string | undefined;

export interface AnswerWriterInput {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Client response name -> name in the plan's data, where the two differ. */
  readonly planKeys: ReadonlyMap<string, string>;
  /** Fields this caller may not read, with the code that says why. */
  readonly denied: ReadonlyMap<FieldNode, string>;
}

/**
 * Compiles one function per object type and selection that writes the client's answer straight from
 * the merged data: order, aliases, abstract types, conditions and null propagation are settled here
 * once instead of per request.
 */
export function compileAnswerWriter(input: AnswerWriterInput): ValueWriter {
  const root = rootType(input.schema, input.operation);
  return new WriterCompiler(input).objectWriter(root, [
    { set: input.operation.selectionSet, condition: '' },
  ]);
}

export function rootType(schema: GraphQLSchema, operation: OperationDefinitionNode) {
  const type = schema.getRootType(operation.operation);
  if (!type) throw new Error(`The schema has no root type for a ${operation.operation}.`);
  return type;
}

/** Names an object inherits: read as own properties only. */
const INHERITED_NAMES = new Set(Object.getOwnPropertyNames(Object.prototype));

const HELPERS = { quote, valueText, raise, writeNote, writeNull, prefixPaths, ErrorCode };

class WriterCompiler {
  private readonly setIds = new Map<object, number>();
  private readonly writers = new Map<string, ValueWriter>();

  constructor(private readonly input: AnswerWriterInput) {}

  /** The same type and selections are compiled once: nested abstract types would multiply. */
  objectWriter(type: FieldsType, selections: ConditionalSelections[]): ValueWriter {
    const key = `${type.name}|${this.identify(selections)}`;
    let writer = this.writers.get(key);
    if (writer === undefined) {
      writer = this.compileObject(type, selections);
      this.writers.set(key, writer);
    }
    return writer;
  }

  private identify(selections: readonly ConditionalSelections[]): string {
    return selections
      .map(({ set, condition }) => {
        let id = this.setIds.get(set);
        if (id === undefined) {
          id = this.setIds.size;
          this.setIds.set(set, id);
        }
        return `${id}:${condition}`;
      })
      .join(',');
  }

  private shapeOf(selections: readonly ConditionalSelections[]): AnswerShape {
    const { fragments, planKeys } = this.input;
    return new AnswerShape(
      selections.map(({ set }) => set),
      fragments,
      planKeys,
    );
  }

  private compileObject(type: FieldsType, selections: ConditionalSelections[]): ValueWriter {
    const { schema, fragments } = this.input;
    const unit = new CodeUnit();
    const fields = collectFields(schema, fragments, type, selections);
    unit.line(`if(typeof o!=='object'||o===null||Array.isArray(o))return h.writeNull(c,o,null)`);
    unit.line(`if(c.m!==null)h.writeNote(c,o,${unit.use(this.shapeOf(selections))})`);
    const placements = placementsOf(fields);
    const conditional = placements.some(({ condition }) => condition !== '');
    unit.line(`const v=c.v;let s='${conditional ? '' : '{'}',x,r,n`);
    placements.forEach((placement, index) => {
      this.emitField(unit, type, placement, conditional || index > 0);
    });
    if (conditional) unit.line(`return '{'+s.slice(1)+'}'`);
    else unit.line(`return s+'}'`);
    return unit.compile();
  }

  private emitField(unit: CodeUnit, parent: FieldsType, placement: Placement, comma: boolean) {
    const { field, condition } = placement;
    const allowed = field.nodes.filter(({ node }) => !this.input.denied.has(node));
    const prefix = JSON.stringify(`${comma ? ',' : ''}${JSON.stringify(field.responseName)}:`);
    if (condition !== '') unit.line(`if(${condition}){`);
    if (allowed.length === 0) this.emitDenied(unit, parent, field, prefix);
    else this.emitAllowed(unit, parent, { ...field, nodes: allowed }, prefix);
    if (condition !== '') unit.line('}');
  }

  private emitAllowed(unit: CodeUnit, parent: FieldsType, field: CollectedField, prefix: string) {
    const name = field.nodes[0]!.node.name.value;
    const key = JSON.stringify(field.responseName);
    if (name === '__typename') {
      unit.line(`s+=${prefix}+${JSON.stringify(JSON.stringify(parent.name))}`);
    } else if (name === '__schema' || name === '__type') {
      unit.line(`s+=${prefix}+(c.i[${key}]??'null')`);
    } else {
      this.emitValue(unit, parent, parent.getFields()[name]!, field, prefix);
    }
  }

  private emitDenied(unit: CodeUnit, parent: FieldsType, field: CollectedField, prefix: string) {
    const { node } = field.nodes[0]!;
    const code = this.input.denied.get(node)!;
    const message =
      code === ErrorCode.unauthenticated ? 'Sign in to read this.' : 'You may not read this.';
    unit.line(
      `h.raise(c,${JSON.stringify(code)},${JSON.stringify(message)},[${JSON.stringify(field.responseName)}],false)`,
    );
    const definition = parent.getFields()[node.name.value];
    if (definition && isNonNullType(definition.type)) unit.line('return undefined');
    else unit.line(`s+=${prefix}+'null'`);
  }

  private emitValue(
    unit: CodeUnit,
    parent: FieldsType,
    definition: GraphQLField<unknown, unknown>,
    field: CollectedField,
    prefix: string,
  ) {
    const responseName = JSON.stringify(field.responseName);
    const planKey = this.input.planKeys.get(field.responseName) ?? field.responseName;
    const access = `o[${JSON.stringify(planKey)}]`;
    unit.line(
      INHERITED_NAMES.has(planKey)
        ? `x=Object.hasOwn(o,${JSON.stringify(planKey)})?${access}:undefined`
        : `x=${access}`,
    );
    const required = isNonNullType(definition.type);
    const coordinate = JSON.stringify(`${parent.name}.${definition.name}`);
    const missing = `h.writeNull(c,x,o,${responseName},${required ? coordinate : 'null'});`;
    const type = getNullableType(definition.type);
    const quick = isLeafType(type) ? quickLeaf(unit, type) : null;
    if (quick) unit.line(`if(${quick.test})s+=${prefix}+${quick.text};else{`);
    const writer = unit.use(this.valueWriter(type, subselections(field)));
    unit.line(
      `n=c.e.length;r=x===null||x===undefined?undefined:${writer}(x,c);` +
        `if(c.e.length!==n)h.prefixPaths(c,n,${responseName});` +
        `if(r===undefined){if(x===null||x===undefined)${missing}` +
        `${required ? 'return undefined' : `r='null'`}}s+=${prefix}+r`,
    );
    if (quick) unit.line('}');
  }

  private valueWriter(type: GraphQLOutputType, selections: ConditionalSelections[]): ValueWriter {
    if (isListType(type)) return this.listWriter(type.ofType, selections);
    if (isObjectType(type)) return this.objectWriter(type, selections);
    if (isAbstractType(type)) return this.abstractWriter(type, selections);
    return leafWriter(type as GraphQLLeafType);
  }

  private listWriter(item: GraphQLOutputType, selections: ConditionalSelections[]): ValueWriter {
    const unit = new CodeUnit();
    const required = isNonNullType(item);
    const type = getNullableType(item);
    const writer = unit.use(this.valueWriter(type, selections));
    const quick = isLeafType(type) ? quickLeaf(unit, type) : null;
    unit.line(`if(!Array.isArray(o))return h.writeNull(c,o,null)`);
    unit.line(`let s='[',x,r,n;for(let i=0;i<o.length;i++){x=o[i];if(i!==0)s+=','`);
    if (quick) unit.line(`if(${quick.test}){s+=${quick.text};continue}`);
    unit.line(
      `n=c.e.length;r=x===null||x===undefined?undefined:${writer}(x,c);` +
        `if(c.e.length!==n)h.prefixPaths(c,n,i);` +
        `if(r===undefined){${
          required
            ? `if(x===null||x===undefined)h.writeNull(c,null,o,i,'an item');return undefined`
            : `r='null'`
        }}s+=r}`,
    );
    unit.line(`return s+']'`);
    return unit.compile();
  }

  /** Writers of an abstract type are compiled as its members are first seen. */
  private abstractWriter(
    type: GraphQLAbstractType,
    selections: ConditionalSelections[],
  ): ValueWriter {
    const byName = new Map<string, ValueWriter>();
    const shape = this.shapeOf(selections);
    return (value, state) => {
      const name = (value as JsonObject)?.__typename as string;
      let writer = byName.get(name);
      if (writer === undefined) {
        writer = this.memberWriter(type, name, selections) ?? undefined;
        if (writer === undefined) return writeUnknownType(state, value, shape);
        byName.set(name, writer);
      }
      return writer(value, state);
    };
  }

  /**
   * The planner learns the type at run time only where the selection depends on it: an interface
   * object is otherwise written as the interface it is. Null for a type that cannot be here.
   */
  private memberWriter(
    type: GraphQLAbstractType,
    name: unknown,
    selections: ConditionalSelections[],
  ): ValueWriter | null {
    const { schema, fragments } = this.input;
    const member = typeof name === 'string' ? schema.getType(name) : undefined;
    if (isObjectType(member) && schema.isSubType(type, member)) {
      return this.objectWriter(member, selections);
    }
    const isItself = name === undefined || name === type.name;
    if (!isInterfaceType(type) || !isItself) return null;
    const dependent = dependsOnType(schema, fragments, type, selections);
    const writer = this.objectWriter(type, selections);
    if (dependent === null) return writer;
    const depends = new Function('v', `return ${dependent || 'true'}`) as (v: object) => boolean;
    const shape = this.shapeOf(selections);
    return (value, state) =>
      depends(state.v) ? writeUnknownType(state, value, shape) : writer(value, state);
  }
}

/** The inline test and text of a leaf that is as it should be; anything else takes the slow way. */
function quickLeaf(unit: CodeUnit, type: GraphQLLeafType): { test: string; text: string } | null {
  if (isEnumType(type)) {
    const names = unit.use(new Set(type.getValues().map(({ name }) => name)));
    return { test: `typeof x==='string'&&${names}.has(x)`, text: `'"'+x+'"'` };
  }
  switch (type.name) {
    case 'String':
    case 'ID':
      return { test: `typeof x==='string'`, text: 'h.quote(x)' };
    case 'Int':
      return { test: `typeof x==='number'&&(x|0)===x`, text: 'x' };
    case 'Float':
      return { test: `typeof x==='number'&&x-x===0`, text: 'x' };
    case 'Boolean':
      return { test: `typeof x==='boolean'`, text: 'x' };
    default:
      return null;
  }
}

/** Result coercion for what the quick test refused. */
function leafWriter(type: GraphQLLeafType): ValueWriter {
  const names = isEnumType(type) ? new Set(type.getValues().map(({ name }) => name)) : null;
  return (value, state) => {
    const text = names ? enumText(names, value) : scalarText(type.name, value);
    return text ?? writeNull(state, value, null);
  };
}

function enumText(names: ReadonlySet<string>, value: unknown): string | undefined {
  return typeof value === 'string' && names.has(value) ? `"${value}"` : undefined;
}

function scalarText(typeName: string, value: unknown): string | undefined {
  switch (typeName) {
    case 'String':
      return typeof value === 'string' ? quote(value) : undefined;
    case 'ID':
      if (typeof value === 'string') return quote(value);
      return Number.isInteger(value) ? `"${String(value)}"` : undefined;
    case 'Int':
      return typeof value === 'number' && (value | 0) === value ? String(value) : undefined;
    case 'Float':
      return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined;
    case 'Boolean':
      return typeof value === 'boolean' ? String(value) : undefined;
    default:
      return valueText(value);
  }
}

/** Errors carry the path below this place; each level on the way out puts its own key in front. */
function prefixPaths(state: WriterState, from: number, key: string | number): void {
  for (let i = from; i < state.e.length; i++) state.e[i]!.path.unshift(key);
}

/** Lines of one generated function `(o, c)` and the constants it closes over. */
class CodeUnit {
  private readonly lines: string[] = [];
  private readonly constants: unknown[] = [];

  line(code: string): void {
    this.lines.push(code);
  }

  use(constant: unknown): string {
    this.constants.push(constant);
    return `d${this.constants.length - 1}`;
  }

  compile(): ValueWriter {
    const names = this.constants.map((_, index) => `d${index}`);
    const body = `'use strict';return function(o,c){${this.lines.join('\n')}}`;
    // Only GraphQL names, quoted keys and our own text get here: never a client's free text.
    return new Function('h', ...names, body)(HELPERS, ...this.constants) as ValueWriter;
  }
}
