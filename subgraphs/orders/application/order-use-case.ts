import type { Clock } from '../../kernel/clock.ts';
import { NotAllowed, NotFound } from '../../kernel/errors.ts';
import { type IdKind, isId, type NewId } from '../../kernel/ids.ts';
import type { IdempotencyKeys } from '../../kernel/persistence/idempotency.ts';
import { type Actor, principalOf } from '../../kernel/policy.ts';
import type { OrderEvent } from '../domain/order.events.ts';
import { maySeeOrder } from '../domain/order.policy.ts';
import type { Order } from '../domain/order.ts';
import type { OrdersStore, OrdersTransaction } from './ports.ts';

export interface OrderDependencies {
  readonly store: OrdersStore;
  readonly idempotency: IdempotencyKeys;
  /** `fromDatabase` inside a transaction: what moves money goes by one clock. */
  readonly clock: Clock & { fromDatabase(): Promise<Date> };
  readonly newId: NewId;
}

export interface Change {
  readonly tx: OrdersTransaction;
  readonly order: Order;
  readonly now: Date;
}

type Rule = (actor: Actor, order: Order) => boolean;

/** What the change did: the subject's id to answer with, and what happened. */
export interface Done {
  readonly subjectId: string;
  readonly events: readonly OrderEvent[];
  readonly reason?: string | null;
}

export interface Asked {
  readonly orderId: string;
  readonly actor: Actor;
  readonly may: Rule;
  /** For the refusal: "You may not <action>". */
  readonly action: string;
  readonly path?: readonly string[];
}

/** The shape of every use case that changes one order: find, permit, change, record. */
export abstract class OrderUseCase {
  constructor(protected readonly given: OrderDependencies) {}

  /** Answers with the id of what was made or changed. */
  protected change(asked: Asked, work: (change: Change) => Promise<Done>): Promise<string> {
    const { actor, may, action } = asked;
    return this.given.store.transact(async (tx) => {
      const order = isId('order', asked.orderId) ? await tx.lockOrder(asked.orderId) : null;
      const visible = order && (actor.kind === 'system' || maySeeOrder(actor, order));
      if (!visible) throw notFound(asked.path?.[0] ?? 'orderId');
      if (!may(actor, order)) throw new NotAllowed(action);
      const before = order.status;
      const now = await this.given.clock.fromDatabase();
      const { subjectId, events, reason = null } = await work({ tx, order, now });
      await tx.record(order, before, events, { actor, reason });
      return subjectId;
    });
  }

  /** The same call under the same key has one effect and one answer. */
  protected async once(
    call: { readonly actor: Actor; readonly key: string; readonly request: unknown },
    work: () => Promise<string>,
  ): Promise<string> {
    const { response } = await this.given.idempotency.once(
      {
        principal: principalOf(call.actor),
        operation: this.constructor.name,
        key: call.key,
        request: call.request,
      },
      work,
    );
    return response;
  }

  /** Finds the order of a return, a case or a shipment; an unknown one is refused by its own name. */
  protected orderIdOf(
    kind: IdKind,
    id: string,
    path: string,
    find: (tx: OrdersTransaction) => Promise<{ readonly orderId: string } | null>,
  ): Promise<string> {
    return this.given.store.transact(async (tx) => {
      const row = isId(kind, id) ? await find(tx) : null;
      if (!row) throw notFound(path);
      return row.orderId;
    });
  }
}

/** Named for what was asked for, so that another's and an unknown one are refused alike. */
function notFound(path: string): NotFound {
  return new NotFound(path.replace(/Id$/, ''), [path]);
}

/** A row the transaction has just found by the same id: it cannot be missing. */
export function present<T>(row: T | null | undefined): T {
  if (row === null || row === undefined) throw new Error('the row vanished under its lock');
  return row;
}
