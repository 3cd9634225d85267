import {
  GraphQLError,
  type GraphQLInputType,
  getNamedType,
  isListType,
  isNonNullType,
  typeFromAST,
} from 'graphql';
import type { ManifestOperation } from './operation-manifest.ts';
import type { PreparedOperation, SupergraphSnapshot } from './types.ts';

/** What a schema says about a registered operation. */
export interface OperationReport {
  readonly operation: ManifestOperation;
  /** Points with the operation's own defaults, and `ASSUMED_SIZE` for each size it leaves open. */
  readonly cost: number;
  /** Variables the cost grows with. */
  readonly costVariables: readonly string[];
  /** Why it cannot be registered; empty when it can. */
  readonly problems: readonly string[];
}

export interface OperationRules {
  /** Highest cost of one operation; zero is no limit. */
  readonly costMax: number;
  /** The client's budget: what costs more than a whole minute's can never run. */
  readonly costPerMinute: number | null;
}

/** Stands for a page size that only the caller knows. */
export const ASSUMED_SIZE = 10;

/** Validates, plans and prices one operation, exactly as the gateway does when it is sent. */
export function reportOn(
  operation: ManifestOperation,
  snapshot: SupergraphSnapshot,
  { costMax, costPerMinute }: OperationRules,
): OperationReport {
  const prepared = snapshot.prepare(operation.body, null);
  if ('errors' in prepared) {
    const problems = prepared.errors.map(({ message }) => message);
    return { operation, cost: 0, costVariables: [], problems };
  }
  try {
    const { cost, costVariables } = priced(prepared);
    const limit = Math.min(costMax || Number.POSITIVE_INFINITY, costPerMinute ?? Infinity);
    const problems = cost > limit ? [`costs ${cost} points and ${limit} are allowed`] : [];
    return { operation, cost, costVariables, problems };
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    return { operation, cost: 0, costVariables: [], problems: [error.message] };
  }
}

function priced(prepared: PreparedOperation): Pick<OperationReport, 'cost' | 'costVariables'> {
  const sizes = openSizes(prepared);
  const assumed = Object.fromEntries(sizes.map((name) => [name, ASSUMED_SIZE]));
  const cost = prepared.cost(assumed);
  const grows = (name: string) => prepared.cost({ ...assumed, [name]: ASSUMED_SIZE * 2 }) !== cost;
  return { cost, costVariables: sizes.filter(grows) };
}

/** Whole-number variables without a default. */
function openSizes({ operation, snapshot }: PreparedOperation): string[] {
  return (operation.variableDefinitions ?? [])
    .filter(({ type, defaultValue }) => {
      if (defaultValue) return false;
      const given = typeFromAST(snapshot.apiSchema, type as never) as GraphQLInputType | undefined;
      const bare = given && (isNonNullType(given) ? given.ofType : given);
      return bare && !isListType(bare) && getNamedType(bare).name === 'Int';
    })
    .map(({ variable }) => variable.name.value);
}

/** A table for people: one line per operation, its id whole, because partners copy it. */
export function reportTable(reports: readonly OperationReport[]): string {
  const rows = reports.map(({ operation, cost, costVariables }) => [
    operation.id,
    operation.type,
    operation.name,
    costVariables.length === 0
      ? String(cost)
      : `${cost} with ${costVariables.map((name) => `$${name} = ${ASSUMED_SIZE}`).join(', ')}`,
  ]);
  const table = [['id', 'type', 'name', 'cost'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]!.length)));
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
