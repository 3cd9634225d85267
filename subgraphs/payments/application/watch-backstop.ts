import { after, DAY_MS } from '../../kernel/clock.ts';
import type { Actor } from '../../kernel/policy.ts';
import type { Disbursement } from '../domain/disbursement.ts';
import type {
  AlarmBell,
  AlarmKind,
  BackstopPolicy,
  BackstopStore,
  MoneyAlarm,
} from './backstop.ports.ts';
import type { RefundPayment } from './refund-payment.ts';
import type { ReleaseDue } from './release-due.ts';

const BATCH_MAX = 200;
const BACKSTOP: Actor = { kind: 'system', name: 'backstop' };

/**
 * The last line before the processor pays held money by itself, 28 days after the capture. Orders
 * cancel what was never sent at day 21; whatever is still here at day 25 is an alarm, and at day 27
 * unsent money goes back to its buyer whatever holds it. A payout that waits for a decision is a
 * person's: an alarm says so, and what the processor then pays is booked as paid.
 */
export class WatchBackstop {
  constructor(
    private readonly store: BackstopStore,
    private readonly refunds: RefundPayment,
    private readonly release: Pick<ReleaseDue, 'learnAutomatic'>,
    private readonly bell: AlarmBell,
  ) {}

  async runDue(): Promise<void> {
    const now = await this.store.transact((tx) => tx.now());
    const policy = await this.store.policy();
    const since = after(now, -policy.alarmDays * DAY_MS);
    const failures: unknown[] = [];
    for (const disbursement of await this.store.unsettled(since, BATCH_MAX))
      await this.watch(disbursement, policy, now).catch((error: unknown) => failures.push(error));
    await this.store.settleAlarms(now);
    if (failures.length > 0)
      throw new AggregateError(failures, `${failures.length} payments could not be watched`);
  }

  private async watch(
    disbursement: Disbursement,
    policy: BackstopPolicy,
    now: Date,
  ): Promise<void> {
    const { paymentId } = disbursement;
    const isPast = (days: number) => after(disbursement.capturedAt, days * DAY_MS) <= now;
    if (isPast(policy.automaticDays) && (await this.release.learnAutomatic(paymentId))) {
      await this.alarm(disbursement, 'PAID_BY_PROCESSOR');
      return;
    }
    await this.alarm(disbursement, 'UNSETTLED_NEAR_DEADLINE');
    if (!isPast(policy.hardStopDays)) return;
    if (disbursement.fullySentAt !== null) {
      await this.alarm(disbursement, 'DECISION_OVERDUE');
    } else if (await this.giveBack(paymentId)) {
      await this.alarm(disbursement, 'NEVER_SENT_REFUNDED');
    }
  }

  /** Decided under the payment's lock; nothing when all of it is on its way back, or it was sent. */
  private giveBack(paymentId: string): Promise<boolean> {
    return this.store.transact(async (tx) => {
      const payment = await tx.lockPayment(paymentId);
      const disbursement = await tx.lockDisbursementOf(paymentId);
      const isUnsent = disbursement?.fullySentAt === null && disbursement.status !== 'RELEASING';
      if (!payment?.refundable.isPositive() || !isUnsent) return false;
      await this.refunds.approve(tx, {
        ...{ actor: BACKSTOP, paymentId, amount: null, reason: 'NEVER_SENT', key: 'backstop' },
      });
      return true;
    });
  }

  private async alarm(disbursement: Disbursement, kind: AlarmKind): Promise<void> {
    const { paymentId, sellerId, reasons } = disbursement;
    const raised = await this.store.transact(async (tx) => {
      const alarm = { paymentId, sellerId, kind, reasons, raisedAt: await tx.now() };
      return (await tx.addAlarm(alarm)) ? alarm : null;
    });
    if (raised) this.bell.ring(raised);
  }
}

/** Alarms, for support. */
export class ReadAlarms {
  constructor(private readonly store: BackstopStore) {}

  async execute(
    isSettled: boolean | null,
    first: number,
    actor: Actor,
  ): Promise<readonly MoneyAlarm[]> {
    return actor.kind === 'support' ? this.store.alarms(isSettled, first) : [];
  }
}
