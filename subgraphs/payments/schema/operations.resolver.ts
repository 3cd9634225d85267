import { Arg, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { refusals } from '../../kernel/graphql/errors.ts';
import { GuardedBy } from '../../kernel/graphql/guarded-by.ts';
import { supportStaff } from '../../kernel/policy.ts';
import { mayOperatePayments } from '../application/operate-payments.ts';
import type { OpenFinding } from '../application/operations.ports.ts';
import { actionOf } from '../domain/finding.ts';
import type { PaymentsContext } from './context.ts';
import {
  ClosePaymentFindingInput,
  ClosePaymentFindingPayload,
  HoldPayoutInput,
  HoldPayoutPayload,
  LetPayoutGoInput,
  LetPayoutGoPayload,
  ParkPaymentWebhookInput,
  ParkPaymentWebhookPayload,
  PaymentFindingType,
  PaymentHistoryEntryType,
  ReconcilePaymentsInput,
  ReconcilePaymentsPayload,
  RecoverPaymentWebhooksInput,
  RecoverPaymentWebhooksPayload,
  ReplayPaymentWebhooksInput,
  ReplayPaymentWebhooksPayload,
  RetryRefundInput,
  RetryRefundPayload,
} from './operations.types.ts';
import { PAYMENT_ERROR_CODES } from './user-errors.ts';

const INPUT = { description: 'What to do, and why.' };

@Resolver()
export class OperationsResolver {
  @Query(() => [PaymentHistoryEntryType], {
    nullable: true,
    description:
      'Everything known of a payment, oldest first, without personal data; support with the scope `payments` only. Null when there is none.',
  })
  @GuardedBy(supportStaff, mayOperatePayments)
  async paymentHistory(
    @Arg('reference', () => String, {
      description: 'The id of a request, payment, order, attempt, refund, or of the capture.',
    })
    reference: string,
    @Ctx() { actor, useCases }: PaymentsContext,
  ): Promise<readonly PaymentHistoryEntryType[] | null> {
    const { result } = await refusals(PAYMENT_ERROR_CODES, () =>
      useCases.operatePayments.history(actor, reference),
    );
    return result;
  }

  @Query(() => [PaymentFindingType], {
    nullable: true,
    description:
      'Open differences and stuck payments, newest first, at most 500; support with the scope `payments` only.',
  })
  @GuardedBy(supportStaff, mayOperatePayments)
  async paymentFindings(
    @Ctx() { actor, useCases }: PaymentsContext,
  ): Promise<readonly PaymentFindingType[] | null> {
    const { result } = await refusals(PAYMENT_ERROR_CODES, async () =>
      useCases.operatePayments.findings(actor),
    );
    return result?.map(toFinding) ?? null;
  }

  @Mutation(() => ReconcilePaymentsPayload, {
    nullable: true,
    description:
      "Compares the processor's list of movements with our books, settles what can be settled, and opens findings for the rest.",
  })
  @GuardedBy(supportStaff, mayOperatePayments)
  async reconcilePayments(
    @Arg('input', () => ReconcilePaymentsInput, INPUT) input: ReconcilePaymentsInput,
    @Ctx() { actor, useCases }: PaymentsContext,
  ): Promise<ReconcilePaymentsPayload> {
    const { result, userErrors } = await refusals(PAYMENT_ERROR_CODES, () =>
      useCases.reconcileByHand.execute(actor, input.since ?? null, input.reason),
    );
    const report = result && {
      ...result,
      opened: result.opened.map(toFinding),
      open: result.open.map(toFinding),
    };
    return { report, userErrors };
  }

  @Mutation(() => HoldPayoutPayload, {
    nullable: true,
    description: 'Holds a payout back until it is let go; the seller sees that it is reviewed.',
  })
  @GuardedBy(supportStaff, mayOperatePayments)
  async holdPayout(
    @Arg('input', () => HoldPayoutInput, INPUT) input: HoldPayoutInput,
    @Ctx() { actor, useCases }: PaymentsContext,
  ): Promise<HoldPayoutPayload> {
    const { result, userErrors } = await refusals(PAYMENT_ERROR_CODES, async () => {
      await useCases.operatePayments.holdPayout(actor, input.paymentId, input.reason);
      return input.paymentId;
    });
    return { paymentId: result, userErrors };
  }

  @Mutation(() => LetPayoutGoPayload, {
    nullable: true,
    description: 'Takes the hold of an operator away; other reasons to wait stay.',
  })
  @GuardedBy(supportStaff, mayOperatePayments)
  async letPayoutGo(
    @Arg('input', () => LetPayoutGoInput, INPUT) input: LetPayoutGoInput,
    @Ctx() { actor, useCases }: PaymentsContext,
  ): Promise<LetPayoutGoPayload> {
    const { result, userErrors } = await refusals(PAYMENT_ERROR_CODES, async () => {
      await useCases.operatePayments.letPayoutGo(actor, input.paymentId, input.reason);
      return input.paymentId;
    });
    return { paymentId: result, userErrors };
  }

  @Mutation(() => RetryRefundPayload, {
    nullable: true,
    description: 'Tries a refund again that the processor refused each time.',
  })
  @GuardedBy(supportStaff, mayOperatePayments)
  async retryRefund(
    @Arg('input', () => RetryRefundInput, INPUT) input: RetryRefundInput,
    @Ctx() { actor, useCases }: PaymentsContext,
  ): Promise<RetryRefundPayload> {
    const { result, userErrors } = await refusals(PAYMENT_ERROR_CODES, () =>
      useCases.retryRefund.execute(actor, input.refundId, input.reason),
    );
    return { refund: result, userErrors };
  }

  @Mutation(() => ClosePaymentFindingPayload, {
    nullable: true,
    description: 'Closes a finding that somebody has dealt with.',
  })
  @GuardedBy(supportStaff, mayOperatePayments)
  async closePaymentFinding(
    @Arg('input', () => ClosePaymentFindingInput, INPUT) input: ClosePaymentFindingInput,
    @Ctx() { actor, useCases }: PaymentsContext,
  ): Promise<ClosePaymentFindingPayload> {
    const { result, userErrors } = await refusals(PAYMENT_ERROR_CODES, async () => {
      await useCases.operatePayments.closeFinding(actor, input.findingId, input.reason);
      return input.findingId;
    });
    return { findingId: result, userErrors };
  }

  @Mutation(() => ParkPaymentWebhookPayload, {
    nullable: true,
    description:
      'Keeps a stored webhook that is not worked on yet from its handler until it is replayed.',
  })
  @GuardedBy(supportStaff, mayOperatePayments)
  async parkPaymentWebhook(
    @Arg('input', () => ParkPaymentWebhookInput, INPUT) input: ParkPaymentWebhookInput,
    @Ctx() { actor, useCases }: PaymentsContext,
  ): Promise<ParkPaymentWebhookPayload> {
    const { result, userErrors } = await refusals(PAYMENT_ERROR_CODES, async () => {
      await useCases.operatePayments.parkWebhook(actor, input.eventId, input.reason);
      return input.eventId;
    });
    return { eventId: result, userErrors };
  }

  @Mutation(() => ReplayPaymentWebhooksPayload, {
    nullable: true,
    description: 'Gives stored webhooks to their handler again; repeating it is harmless.',
  })
  @GuardedBy(supportStaff, mayOperatePayments)
  async replayPaymentWebhooks(
    @Arg('input', () => ReplayPaymentWebhooksInput, INPUT) input: ReplayPaymentWebhooksInput,
    @Ctx() { actor, useCases }: PaymentsContext,
  ): Promise<ReplayPaymentWebhooksPayload> {
    const { result, userErrors } = await refusals(PAYMENT_ERROR_CODES, () =>
      useCases.operatePayments.replayWebhooks(actor, input.eventId ?? null, input.reason),
    );
    return { replayed: result, userErrors };
  }

  @Mutation(() => RecoverPaymentWebhooksPayload, {
    nullable: true,
    description: "Fetches what never came from the processor's list of webhooks; what came stays.",
  })
  @GuardedBy(supportStaff, mayOperatePayments)
  async recoverPaymentWebhooks(
    @Arg('input', () => RecoverPaymentWebhooksInput, INPUT) input: RecoverPaymentWebhooksInput,
    @Ctx() { actor, useCases }: PaymentsContext,
  ): Promise<RecoverPaymentWebhooksPayload> {
    const { result, userErrors } = await refusals(PAYMENT_ERROR_CODES, () =>
      useCases.recoverWebhooks.execute(actor, input.since ?? null, input.reason),
    );
    return { listed: result?.listed ?? null, stored: result?.stored ?? null, userErrors };
  }
}

function toFinding(finding: OpenFinding): PaymentFindingType {
  return { ...finding, action: actionOf(finding) };
}
