import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  Lexer,
  type SelectionSetNode,
  Source,
  TokenKind,
} from 'graphql';
import { ErrorCode } from './errors.ts';

/** How large an operation may be before anything is spent on it. Zero or less: no such limit. */
export interface OperationLimits {
  /** UTF-8 bytes of the document. Smaller refuses real screens; larger feeds the parser. */
  readonly bytesMax: number;
  readonly tokensMax: number;
  /** Nesting of selection sets, fragments expanded. */
  readonly depthMax: number;
  /** `a: b` in selections; aliases of __typename count like any other. */
  readonly aliasesMax: number;
  readonly directivesMax: number;
  readonly rootFieldsMax: number;
  /** Fields after fragments are expanded. */
  readonly expandedFieldsMax: number;
}

export const DEFAULT_LIMITS: OperationLimits = {
  bytesMax: 64 * 1024,
  tokensMax: 1_000,
  depthMax: 15,
  aliasesMax: 15,
  directivesMax: 10,
  rootFieldsMax: 20,
  expandedFieldsMax: 2_000,
};

/**
 * Reads the document token by token, in front of the parser, and refuses it at the first limit it
 * passes: no tree is built for an attack. Syntax errors are left to the parser.
 */
export function checkTokens(body: string, limits: OperationLimits): GraphQLError | null {
  if (exceeds(limits.bytesMax, body.length) || exceeds(limits.bytesMax, Buffer.byteLength(body))) {
    return tooMuch('bytes', limits.bytesMax);
  }
  const lexer = new Lexer(new Source(body));
  const counts = new TokenCounts(limits);
  try {
    while (lexer.advance().kind !== TokenKind.EOF) {
      const excess = counts.add(lexer.token.kind, lexer.token.value);
      if (excess) return excess;
    }
  } catch {
    return null;
  }
  return null;
}

/** Nesting of any kind a token stream may have: far below what exhausts the parser's stack. */
const NESTING_MAX = 200;

class TokenCounts {
  private tokens = 0;
  private aliases = 0;
  private directives = 0;
  private braces = 0;
  private parentheses = 0;
  private brackets = 0;
  private previous: string = TokenKind.SOF;

  constructor(private readonly limits: OperationLimits) {}

  add(kind: string, value: string): GraphQLError | null {
    const { limits } = this;
    if (exceeds(limits.tokensMax, ++this.tokens)) return tooMuch('tokens', limits.tokensMax);
    switch (kind) {
      case TokenKind.BRACE_L:
        this.braces++;
        break;
      case TokenKind.BRACE_R:
        this.braces--;
        break;
      case TokenKind.PAREN_L:
        this.parentheses++;
        break;
      case TokenKind.PAREN_R:
        this.parentheses--;
        break;
      case TokenKind.BRACKET_L:
        this.brackets++;
        break;
      case TokenKind.BRACKET_R:
        this.brackets--;
        break;
      case TokenKind.COLON:
        if (this.parentheses === 0 && this.braces > 0 && this.previous === TokenKind.NAME) {
          if (exceeds(limits.aliasesMax, ++this.aliases)) {
            return tooMuch('aliases', limits.aliasesMax);
          }
        }
        break;
      case TokenKind.AT:
        if (exceeds(limits.directivesMax, ++this.directives)) {
          return tooMuch('directives', limits.directivesMax);
        }
        break;
      case TokenKind.NAME:
        if (value === '__proto__') return reserved();
        break;
    }
    this.previous = kind;
    if (this.braces + this.parentheses + this.brackets > NESTING_MAX) {
      return tooMuch('depth', limits.depthMax > 0 ? limits.depthMax : NESTING_MAX);
    }
    return null;
  }
}

interface Extent {
  readonly depth: number;
  readonly fields: number;
}

/**
 * Depth, number of fields and root fields with fragments expanded. Each fragment is measured once,
 * so a document of spreads that would expand to millions of fields is refused in microseconds.
 * Introspection is measured in fields only: its standard query is deeper than any real operation.
 */
export function checkExpanded(
  document: DocumentNode,
  limits: OperationLimits,
): GraphQLError | null {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      fragments.set(definition.name.value, definition);
    }
  }
  const measured = new Map<string, Extent>();
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const rootFields = countRootFields(definition.selectionSet, fragments, new Set());
    if (exceeds(limits.rootFieldsMax, rootFields)) {
      return tooMuch('root fields', limits.rootFieldsMax);
    }
    const { depth, fields } = extentOf(definition.selectionSet, fragments, measured);
    if (exceeds(limits.depthMax, depth)) return tooMuch('depth', limits.depthMax);
    if (exceeds(limits.expandedFieldsMax, fields)) {
      return tooMuch('fields', limits.expandedFieldsMax);
    }
  }
  return null;
}

function extentOf(
  set: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  measured: Map<string, Extent>,
): Extent {
  let depth = 1;
  let fields = 0;
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) {
      fields++;
      if (!selection.selectionSet) continue;
      const below = extentOf(selection.selectionSet, fragments, measured);
      fields += below.fields;
      if (!selection.name.value.startsWith('__')) depth = Math.max(depth, below.depth + 1);
    } else {
      const inside =
        selection.kind === Kind.INLINE_FRAGMENT
          ? extentOf(selection.selectionSet, fragments, measured)
          : fragmentExtent(selection.name.value, fragments, measured);
      depth = Math.max(depth, inside.depth);
      fields += inside.fields;
    }
  }
  return { depth, fields: Math.min(fields, Number.MAX_SAFE_INTEGER / 2_000) };
}

function fragmentExtent(
  name: string,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  measured: Map<string, Extent>,
): Extent {
  const known = measured.get(name);
  if (known) return known;
  // Entered before it is measured: a fragment that spreads itself is for validation to refuse.
  measured.set(name, { depth: 0, fields: 0 });
  const fragment = fragments.get(name);
  const extent = fragment
    ? extentOf(fragment.selectionSet, fragments, measured)
    : { depth: 0, fields: 0 };
  measured.set(name, extent);
  return extent;
}

function countRootFields(
  set: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  entered: Set<string>,
): number {
  let count = 0;
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) {
      count++;
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      count += countRootFields(selection.selectionSet, fragments, entered);
    } else if (!entered.has(selection.name.value)) {
      entered.add(selection.name.value);
      const fragment = fragments.get(selection.name.value);
      if (fragment) count += countRootFields(fragment.selectionSet, fragments, entered);
    }
  }
  return count;
}

function exceeds(limit: number, value: number): boolean {
  return limit > 0 && value > limit;
}

function tooMuch(what: string, limit: number): GraphQLError {
  return new GraphQLError(`The operation exceeds the limit of ${limit} ${what}.`, {
    extensions: { code: ErrorCode.limitExceeded, limit: what, maximum: limit },
  });
}

function reserved(): GraphQLError {
  return new GraphQLError('The name "__proto__" is reserved.', {
    extensions: { code: ErrorCode.limitExceeded, limit: 'names', maximum: 0 },
  });
}
