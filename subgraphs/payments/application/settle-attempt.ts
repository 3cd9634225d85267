import type { NewId } from '../../kernel/ids.ts';
import { Payment } from '../domain/payment.ts';
import type { PaymentAttempt } from '../domain/payment-attempt.ts';
import type { PaymentRequest } from '../domain/payment-request.ts';
import type {
  CaptureGateway,
  CaptureOutcome,
  Catalog,
  MoneyBooks,
  PaymentsStore,
  PaymentsTransaction,
} from './ports.ts';

/**
 * The one way an attempt ends, whoever learned of its end: the processor's answer, a webhook or
 * reconciliation. Repeating it, or running two at once, has one effect: the attempt's row is locked
 * and a closed attempt is left as it is.
 */
export class SettleAttempt {
  constructor(
    private readonly store: PaymentsStore,
    private readonly books: MoneyBooks,
    private readonly gateway: CaptureGateway,
    private readonly catalog: Catalog,
    private readonly newId: NewId,
  ) {}

  async execute(attemptId: string, outcome: CaptureOutcome): Promise<PaymentAttempt | null> {
    const { attempt, released } = await this.store.transact((tx) =>
      this.settle(tx, attemptId, outcome),
    );
    // Money of another amount or currency than was asked for may not stand as this payment.
    if (outcome.kind === 'CAPTURED' && attempt?.isOpen()) {
      await this.gateway.giveBack(outcome.captureId, attempt);
      return this.execute(attemptId, {
        kind: 'DECLINED',
        processorOrderId: outcome.processorOrderId,
        code: 'CAPTURED_AMOUNT_DIFFERS',
        advice: 'CONTACT_SUPPORT',
      });
    }
    // Stock is given back after the decline is certain, outside the transaction. If this call is
    // lost the hold runs out by itself.
    if (attempt && released) await this.catalog.release(attempt.requestId).catch(() => {});
    // Taken after it was found that nothing had been: a caller that stood still went on. The request
    // may be paid by another attempt already, so this money goes back.
    const isOver = attempt?.status === 'DECLINED' || attempt?.status === 'CANCELED';
    if (isOver && outcome.kind === 'CAPTURED')
      await this.gateway.giveBack(outcome.captureId, attempt);
    return attempt;
  }

  private async settle(
    tx: PaymentsTransaction,
    attemptId: string,
    outcome: CaptureOutcome,
  ): Promise<{ attempt: PaymentAttempt | null; released: boolean }> {
    const seen = await tx.lockAttempt(attemptId);
    if (seen === null || !seen.isOpen()) return { attempt: seen, released: false };
    if (outcome.kind === 'CAPTURED' && !outcome.amount.equals(seen.amount))
      return { attempt: seen, released: false };
    const request = await tx.lockRequest(seen.requestId);
    if (request === null) throw new Error(`attempt ${attemptId} has no request`);
    const now = await tx.now();
    switch (outcome.kind) {
      case 'CAPTURED':
        await this.captured(tx, seen, request, outcome, now);
        return { attempt: seen, released: false };
      case 'DECLINED':
        seen.decline(outcome.code, outcome.advice, now);
        await tx.recordRequest(request.reopen(outcome.advice, now));
        return { attempt: seen, released: true };
      case 'NOTHING':
        seen.cancel(now);
        await tx.recordRequest(request.reopen('NOTHING_HAPPENED', now));
        return { attempt: seen, released: true };
      case 'PENDING':
        seen.hold(outcome.processorOrderId);
        seen.lookAgain(now);
        if (request.status === 'PAYING')
          await tx.recordRequest(request.markPending(outcome.reason, now));
        return { attempt: seen, released: false };
      case 'UNKNOWN':
        seen.loseTrack(outcome.processorOrderId);
        seen.lookAgain(now);
        if (request.status === 'PAYING')
          await tx.recordRequest(request.markPending('UNKNOWN', now));
        return { attempt: seen, released: false };
    }
  }

  private async captured(
    tx: PaymentsTransaction,
    attempt: PaymentAttempt,
    request: PaymentRequest,
    outcome: Extract<CaptureOutcome, { kind: 'CAPTURED' }>,
    now: Date,
  ): Promise<void> {
    attempt.capture(outcome.processorOrderId, now);
    const payment = Payment.capture(
      this.newId('payment'),
      {
        requestId: request.id,
        attemptId: attempt.id,
        buyerId: request.buyerId,
        sellerId: request.sellerId,
        amount: outcome.amount,
        processorFee: outcome.processorFee,
        processorOrderId: outcome.processorOrderId,
        captureId: outcome.captureId,
        sealedAddress: attempt.sealedAddress,
        platformFee: request.platformFee,
        payeeMerchantId: attempt.payeeMerchantId,
      },
      now,
    );
    tx.addPayment(payment);
    await tx.recordRequest(request.markPaid(now));
    await tx.recordCapture(payment, request);
    await this.books.captured(payment, outcome.takenAt, now);
  }
}
