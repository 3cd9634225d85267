import { DomainError } from './errors.ts';

/** For every state, the states that may follow it. A state with no successors is final. */
export type Transitions<S extends string> = Readonly<Record<S, readonly S[]>>;

/** The action is not possible in the present state. Tells the state and what may follow. */
export class IllegalTransition extends DomainError {
  constructor(
    readonly subject: string,
    readonly from: string,
    readonly to: string,
    allowed: readonly string[],
  ) {
    super(
      'ILLEGAL_TRANSITION',
      allowed.length > 0
        ? `${subject} is ${from} and cannot become ${to}. From here it can become ${allowed.join(', ')}.`
        : `${subject} is ${from}, which is final.`,
      { currentState: from, allowedActions: allowed },
    );
  }
}

/** The only way to a new status: returns `to` when the table allows it, and refuses otherwise. */
export function step<S extends string>(subject: string, table: Transitions<S>, from: S, to: S): S {
  if (!table[from].includes(to)) throw new IllegalTransition(subject, from, to, table[from]);
  return to;
}

/** States of the table, in the order they are written. */
export function statesOf<S extends string>(table: Transitions<S>): readonly S[] {
  return Object.keys(table) as S[];
}

/** States that cannot be reached from `initial`; a table with any is wrong. */
export function unreachableStates<S extends string>(table: Transitions<S>, initial: S): S[] {
  const reached = new Set<S>([initial]);
  const open: S[] = [initial];
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    for (const next of table[state]) {
      if (!reached.has(next)) {
        reached.add(next);
        open.push(next);
      }
    }
  }
  return statesOf(table).filter((state) => !reached.has(state));
}
