import { DomainError, NotAllowed, NotFound } from '../../kernel/errors.ts';
import { type Actor, principalOf } from '../../kernel/policy.ts';
import { checkedText } from '../../kernel/text.ts';
import type { MoneyStore } from './money.ports.ts';
import type {
  HistoryEntry,
  OpenFinding,
  OperationsStore,
  OperationsTransaction,
} from './operations.ports.ts';
import type { ScheduleRelease } from './schedule-release.ts';

/** Support whose token says that it may look into and hold money. */
export function mayOperatePayments(actor: Actor): boolean {
  return actor.kind === 'support' && actor.scopes.includes('payments');
}

export class FindingNotOpen extends DomainError {
  constructor() {
    super('FINDING_NOT_OPEN', 'This finding is closed already, or there is none with this id.', {
      path: ['findingId'],
    });
  }
}

export class PayoutOver extends DomainError {
  constructor(status: string) {
    super('PAYOUT_OVER', `The payout is ${status}: there is nothing left to hold or let go.`, {
      path: ['paymentId'],
      currentState: status,
    });
  }
}

const REASON_MAX = 500;
const FINDINGS_MAX = 500;

/** What operators do to payments. Nothing without a reason, and nothing that is not kept. */
export class OperatePayments {
  constructor(
    private readonly store: OperationsStore,
    private readonly money: MoneyStore,
    private readonly schedule: ScheduleRelease,
  ) {}

  /** Everything that is known of a payment, oldest first, without personal data. */
  async history(actor: Actor, reference: string): Promise<readonly HistoryEntry[]> {
    if (!mayOperatePayments(actor)) throw new NotAllowed("read a payment's history");
    const requestId = await this.store.requestOf(reference);
    if (requestId === null) throw new NotFound('payment', ['reference']);
    return this.store.history(requestId);
  }

  findings(actor: Actor): Promise<readonly OpenFinding[]> {
    if (!mayOperatePayments(actor)) throw new NotAllowed('read findings');
    return this.store.openFindings(FINDINGS_MAX);
  }

  async closeFinding(actor: Actor, findingId: string, reason: string): Promise<void> {
    await this.audited(actor, 'close-finding', findingId, reason, async (tx, why) => {
      if (!(await tx.close(findingId, why, await tx.now()))) throw new FindingNotOpen();
    });
  }

  /** Holds a payout back until it is let go again, whatever else happens to it. */
  async holdPayout(actor: Actor, paymentId: string, reason: string): Promise<void> {
    await this.changeHold(actor, { paymentId, reason, isHeld: true });
  }

  /** Takes the hold of an operator away; other reasons to wait stay. */
  async letPayoutGo(actor: Actor, paymentId: string, reason: string): Promise<void> {
    await this.changeHold(actor, { paymentId, reason, isHeld: false });
  }

  /** One stored webhook, or, with null, all that are parked. Resolves to how many are worked on again. */
  async replayWebhooks(actor: Actor, eventId: string | null, reason: string): Promise<number> {
    return this.audited(actor, 'replay-webhooks', eventId ?? 'parked', reason, async (tx) => {
      const replayed = await tx.replayWebhooks(eventId);
      if (eventId !== null && replayed === 0) throw new NotFound('webhook event', ['eventId']);
      return replayed;
    });
  }

  /** Keeps one stored webhook from its handler until it is replayed. */
  async parkWebhook(actor: Actor, eventId: string, reason: string): Promise<void> {
    await this.audited(actor, 'park-webhook', eventId, reason, async (tx) => {
      if (!(await tx.parkWebhook(eventId))) throw new NotFound('open webhook event', ['eventId']);
    });
  }

  async audited<T>(
    actor: Actor,
    action: string,
    subject: string,
    reason: string,
    work: (tx: OperationsTransaction, why: string) => Promise<T>,
  ): Promise<T> {
    if (!mayOperatePayments(actor)) throw new NotAllowed('operate payments');
    const why = checkedText(reason, { path: ['reason'], maxCodePoints: REASON_MAX });
    return this.store.transact(async (tx) => {
      const result = await work(tx, why);
      await tx.audit(
        { principal: principalOf(actor), action, subject, reason: why },
        await tx.now(),
      );
      return result;
    });
  }

  private changeHold(
    actor: Actor,
    { paymentId, reason, isHeld }: { paymentId: string; reason: string; isHeld: boolean },
  ): Promise<void> {
    return this.audited(
      actor,
      isHeld ? 'hold-payout' : 'let-payout-go',
      paymentId,
      reason,
      async () => {
        await this.money.transact(async (tx) => {
          await tx.lockPayment(paymentId);
          const disbursement = await tx.lockDisbursementOf(paymentId);
          if (disbursement === null) throw new NotFound('payment', ['paymentId']);
          if (disbursement.isReleased() || disbursement.status === 'RETURNED')
            throw new PayoutOver(disbursement.status);
        });
        await this.schedule.setReason(paymentId, 'RISK_REVIEW', isHeld);
      },
    );
  }
}
