import pg from 'pg';

/**
 * Begins a statement whose rows nobody reads and that does not begin as a write: a lock that a read
 * follows, or a write in a `with`. It is held like a write.
 */
export const HELD = '/* held */ ';

/** Writes that answer nothing but whether they failed. A text that says "returning" is sent at once. */
const IS_HELD =
  /^(?:\/\* held \*\/|\s*(?:insert\s+into|update|delete\s+from)\b(?![\s\S]*\breturning\b))/i;

const NOTHING: pg.QueryResult = { command: '', rowCount: 0, oid: 0, fields: [], rows: [] };

/**
 * A connection that sends what a transaction only writes together with what comes next. A message
 * between us and the server costs both sides more than most of our statements; `begin`, writes and
 * locks are held until somebody waits for an answer, and go in front of it, in their order, as one
 * message. PostgreSQL runs its statements one after the other, each with a snapshot of its own, and
 * stops at the first that fails: the failure of a held write is told by the next statement that is
 * waited for, at the latest by the commit, which then does not happen. A transaction that said
 * nothing costs nothing.
 */
export class TransactionClient extends pg.Client {
  private held: string[] | null = null;

  // As pg's own query: only what MikroORM sends, a text for a promise, can be held.
  override query(...given: unknown[]): never {
    const [text, values, callback] = given;
    const answer =
      typeof text !== 'string' || typeof values === 'function' || callback !== undefined
        ? this.sendAsItIs(given)
        : Array.isArray(values) && values.length > 0
          ? this.sendWithValues(text, values)
          : this.next(text);
    return answer as never;
  }

  private next(text: string): Promise<pg.QueryResult> {
    if (this.held === null) {
      if (text !== 'begin') return this.send(text);
      this.held = [text];
      return Promise.resolve(NOTHING);
    }
    if (text === 'rollback') return this.rollBack(text);
    if (text === 'commit') return this.commit(text);
    if (IS_HELD.test(text)) {
      this.held.push(text);
      return Promise.resolve(NOTHING);
    }
    // What was written since the savepoint goes with it.
    if (/^rollback to /i.test(text)) this.held = [];
    return this.send(this.withHeld(text));
  }

  private async commit(text: string): Promise<pg.QueryResult> {
    const saidNothing = this.held?.length === 1 && this.held[0] === 'begin';
    // A commit that fails is followed by a rollback, which must be sent: until then it is open.
    const result = saidNothing ? NOTHING : await this.send(this.withHeld(text));
    // PostgreSQL ends a transaction in which something failed by this word, whatever it was asked.
    if (result.command === 'ROLLBACK')
      throw new Error('a statement had failed: nothing was committed');
    this.held = null;
    return result;
  }

  private rollBack(text: string): Promise<pg.QueryResult> {
    const saidNothing = this.held?.[0] === 'begin';
    this.held = null;
    return saidNothing ? Promise.resolve(NOTHING) : this.send(text);
  }

  private withHeld(text: string): string {
    const message = [...(this.held ?? []), text].join(';\n');
    this.held = [];
    return message;
  }

  private async send(text: string): Promise<pg.QueryResult> {
    const result = (await super.query(text)) as pg.QueryResult | pg.QueryResult[];
    return Array.isArray(result) ? (result.at(-1) ?? NOTHING) : result;
  }

  // Values go by a protocol of one statement a message; what is held goes before it.
  private async sendWithValues(text: string, values: unknown[]): Promise<pg.QueryResult> {
    const before = this.held?.splice(0).join(';\n');
    if (before) await super.query(before);
    return super.query(text, values);
  }

  private sendAsItIs(given: readonly unknown[]): unknown {
    if (this.held !== null)
      throw new Error('inside a transaction a statement is a text, for a promise');
    return (super.query as (...all: unknown[]) => unknown).apply(this, [...given]);
  }
}
