/** A stored row. Never changed in place: a change is another row under the same key. */
export type Row = object;

/** What a migration says of a table, as far as a schedule can meet it. */
export interface TableSpec<R extends Row> {
  readonly name: string;
  keyOf(row: R): string;
  /** One function for each unique index; null is not indexed (a partial index, or a null column). */
  readonly uniques?: readonly ((row: R) => string | null)[];
  /** The table's check constraints: why the row is refused, or null. */
  refusal?(row: R): string | null;
}

export class Table<R extends Row = Row> {
  readonly rows = new Map<string, R>();
  private readonly indexes: Map<string, string>[];

  constructor(readonly spec: TableSpec<R>) {
    this.indexes = (spec.uniques ?? []).map(() => new Map());
  }

  holderOf(index: number, value: string): string | undefined {
    return this.indexes[index]?.get(value);
  }

  apply(key: string, row: R | null): void {
    const before = this.rows.get(key);
    const uniques = this.spec.uniques ?? [];
    for (let index = 0; index < uniques.length; index += 1) {
      const indexed = uniques[index] as (row: R) => string | null;
      const was = before === undefined ? null : indexed(before);
      const is = row === null ? null : indexed(row);
      if (was === is) continue;
      if (was !== null) this.indexes[index]?.delete(was);
      if (is !== null) this.indexes[index]?.set(is, key);
    }
    if (row === null) this.rows.delete(key);
    else this.rows.set(key, row);
  }
}

/** As PostgreSQL reports it: the code decides whether the transaction is run again. */
export class DatabaseError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** What is done to every row of a class, as straight code: done by loops it takes a tenth of all time. */
interface RowClass {
  readonly columns: number;
  readonly Copy: new (row: Row) => Row;
  readonly changed: (now: Row, was: Row, isSame: typeof isSameValue) => Row | null;
}

const rowClasses = new Map<object, RowClass>();

/** A copy that shares nothing that can be changed: values in rows are immutable. */
export function copyOf<R extends Row>(row: R): R {
  const prototype = Object.getPrototypeOf(row);
  if (prototype === Object.prototype) return { ...row };
  return new (classOf(row, prototype).Copy)(row) as R;
}

/** The columns that have another value now, with it; null when there is none. */
export function changedColumns(now: Row, was: Row): Row | null {
  return classOf(now, Object.getPrototypeOf(now)).changed(now, was, isSameValue);
}

function classOf(row: Row, prototype: object): RowClass {
  const columns = Object.keys(row);
  const known = rowClasses.get(prototype);
  if (known) {
    if (known.columns === columns.length) return known;
    throw new TypeError(`${prototype.constructor.name} must set all its fields when it is made`);
  }
  const names = columns.map((column) => JSON.stringify(column));
  const Copy = new Function('row', names.map((name) => `this[${name}] = row[${name}];`).join('\n'));
  Copy.prototype = prototype;
  const compared = names.map(
    (name) => `if (now[${name}] !== was[${name}] && !isSame(now[${name}], was[${name}]))
      (changed ??= {})[${name}] = now[${name}];`,
  );
  const changed = new Function(
    ...['now', 'was', 'isSame'],
    `let changed = null;\n${compared.join('\n')}\nreturn changed;`,
  );
  const made = { columns: columns.length, Copy, changed } as unknown as RowClass;
  rowClasses.set(prototype, made);
  return made;
}

/** Equal as a column: dates and money by what they say. */
function isSameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const [one, other] = [a as { amountMinor?: bigint }, b as { amountMinor?: bigint }];
  if (one.amountMinor !== undefined) return one.amountMinor === other.amountMinor;
  if (Array.isArray(a) && Array.isArray(b) && a.length === 0 && b.length === 0) return true;
  return false;
}
