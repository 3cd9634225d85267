import { NotFound } from '../../kernel/errors.ts';
import type { Actor } from '../../kernel/policy.ts';
import { type Change, type Done, OrderUseCase, present } from './order-use-case.ts';
import type { DueKind, OrdersTransaction } from './ports.ts';

/** One pass takes this many; the rest follows at once. More hold one connection longer. */
const BATCH_MAX = 100;
const TIMER: Actor = { kind: 'system', name: 'timer' };
const anybody = () => true;

/**
 * Timed work: finds what is due by the database's clock and changes each order in a transaction of
 * its own, where it is asked again whether it is still due. Harmless to repeat.
 */
abstract class Timer extends OrderUseCase {
  protected async sweep(kind: DueKind, each: (id: string) => Promise<void>): Promise<void> {
    const now = await this.given.clock.fromDatabase();
    const failures: unknown[] = [];
    // One order that cannot be changed must not keep the others waiting.
    for (const id of await this.given.store.due(kind, now, BATCH_MAX)) {
      await each(id).catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0)
      throw new AggregateError(failures, `${kind}: ${failures.length} failed`);
  }

  protected async onOrder(
    orderId: string,
    work: (change: Change) => Promise<Omit<Done, 'subjectId'>>,
  ): Promise<void> {
    const asked = { orderId, actor: TIMER, may: anybody, action: 'do this' };
    await this.change(asked, async (change) => ({ subjectId: orderId, ...(await work(change)) }));
  }

  protected orderOf(
    find: (tx: OrdersTransaction) => Promise<{ readonly orderId: string } | null>,
  ): Promise<string> {
    return this.given.store.transact(async (tx) => {
      const row = await find(tx);
      if (!row) throw new NotFound('row');
      return row.orderId;
    });
  }
}

/** Ends the time in which a checkout buyer may think again: the seller now sees what to send. */
export class ReleaseHolds extends Timer {
  execute(): Promise<void> {
    return this.sweep('HOLD_OVER', (id) =>
      this.onOrder(id, async ({ order, now }) => ({
        events:
          order.onHoldUntil !== null && order.onHoldUntil <= now && order.status === 'ON_HOLD'
            ? order.releaseHold(now)
            : [],
      })),
    );
  }
}

/** Day 21: what was never sent is cancelled and refunded, long before the processor pays by itself. */
export class CancelNeverSent extends Timer {
  execute(): Promise<void> {
    return this.sweep('NEVER_SENT', (id) =>
      this.onOrder(id, async ({ order, now }) => {
        const isDue = order.autoCancelAt <= now && order.items.some((item) => item.open > 0);
        if (!isDue) return { events: [] };
        const reason = 'NEVER_SENT';
        const how = { by: 'TIMER' as const, selection: null, reason, restock: true, now };
        return { events: order.cancel(how), reason };
      }),
    );
  }
}

export class CompleteOrders extends Timer {
  execute(): Promise<void> {
    return this.sweep('COMPLETABLE', (id) =>
      this.onOrder(id, async ({ order, now }) => ({
        events: order.isCompletable(now) ? order.complete(now) : [],
      })),
    );
  }
}

/** A request to cancel that nobody answered no longer holds up the seller's pay. */
export class LapseCancelRequests extends Timer {
  execute(): Promise<void> {
    return this.sweep('CANCEL_REQUEST', (id) =>
      this.onOrder(id, async ({ tx, order, now }) => {
        const request = await tx.openCancelRequest(order.id);
        if (!request || request.answerBy > now) return { events: [] };
        request.end('LAPSED', now);
        const lapsed = order.updated('CANCEL_REQUEST_LAPSED', request.id, now);
        return { events: [...order.cancellationEnded(now), lapsed] };
      }),
    );
  }
}

/** A seller who says nothing to a return has agreed to it. */
export class ApproveUnansweredReturns extends Timer {
  execute(): Promise<void> {
    return this.sweep('RETURN_UNANSWERED', async (returnId) => {
      const orderId = await this.orderOf((tx) => tx.return(returnId));
      await this.onOrder(orderId, async ({ tx, order, now }) => {
        const found = present(await tx.return(returnId));
        if (found.status !== 'REQUESTED' || (found.dueAt ?? now) > now) return { events: [] };
        found.approve((await tx.policy()).returnSendDays, now);
        return { events: [order.updated('RETURN_APPROVED', returnId, now)] };
      });
    });
  }
}

/** Goods that were never sent back stay sold. */
export class LapseUnsentReturns extends Timer {
  execute(): Promise<void> {
    return this.sweep('RETURN_UNSENT', async (returnId) => {
      const orderId = await this.orderOf((tx) => tx.return(returnId));
      await this.onOrder(orderId, async ({ tx, order, now }) => {
        const found = present(await tx.return(returnId));
        if (found.status !== 'APPROVED' || (found.dueAt ?? now) > now) return { events: [] };
        found.lapse(now);
        const lapsed = order.updated('RETURN_LAPSED', returnId, now);
        return { events: [...order.returnEnded(now), lapsed] };
      });
    });
  }
}

/** Silence of the seller escalates, silence of the buyer closes, and an unappealed decision stands. */
export class MoveSilentCases extends Timer {
  execute(): Promise<void> {
    return this.sweep('CASE', async (caseId) => {
      const orderId = await this.orderOf((tx) => tx.case(caseId));
      await this.onOrder(orderId, async ({ tx, order, now }) => {
        const found = present(await tx.case(caseId));
        if (found.dueAt === null || found.dueAt > now) return { events: [] };
        if (found.status === 'SELLER_TURN') {
          found.escalate(now);
          return { events: [order.updated('CASE_ESCALATED', caseId, now)] };
        }
        const ended = found.isOpen ? () => order.caseEnded(now) : () => [];
        found.close(now);
        return { events: [...ended(), order.updated('CASE_CLOSED', caseId, now)] };
      });
    });
  }
}
