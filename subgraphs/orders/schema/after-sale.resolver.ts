import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { GuardedBy } from '../../kernel/graphql/guarded-by.ts';
import { toMoney } from '../../kernel/graphql/shared-types.ts';
import { members, membersAndPartners, signedIn, supportStaff } from '../../kernel/policy.ts';
import type { CaseReason } from '../domain/case.ts';
import { isBuyer, isSellerSide, mayDecideCase, maySeeOrder } from '../domain/order.policy.ts';
import type { OrdersContext } from './context.ts';
import * as io from './order.inputs.ts';
import { casePayload, returnPayload } from './payloads.ts';

/** Returns and cases. */
@Resolver()
export class AfterSaleResolver {
  @Mutation(() => io.RequestReturnPayload, {
    nullable: true,
    description: 'Asks to send units of one item back, within the return window of their delivery.',
  })
  @GuardedBy(members, isBuyer)
  requestReturn(
    @Arg('input', () => io.RequestReturnInput, { description: 'What to do.' })
    input: io.RequestReturnInput,
    @Ctx() context: OrdersContext,
  ) {
    return returnPayload(context, ({ useCases, actor }) =>
      useCases.requestReturn.execute({
        orderId: input.orderId,
        orderItemId: input.orderItemId,
        quantity: input.quantity,
        reason: input.reason,
        note: input.note ?? null,
        actor,
      }),
    );
  }

  @Mutation(() => io.ApproveReturnPayload, {
    nullable: true,
    description: 'Agrees to a return; the buyer is to send it.',
  })
  @GuardedBy(membersAndPartners, isSellerSide)
  approveReturn(
    @Arg('input', () => io.ApproveReturnInput, { description: 'What to do.' })
    input: io.ApproveReturnInput,
    @Ctx() context: OrdersContext,
  ) {
    return returnPayload(context, ({ useCases, actor }) =>
      useCases.approveReturn.execute(input.returnId, actor),
    );
  }

  @Mutation(() => io.DeclineReturnPayload, {
    nullable: true,
    description: 'Declines a return, with a reason the buyer sees.',
  })
  @GuardedBy(membersAndPartners, isSellerSide)
  declineReturn(
    @Arg('input', () => io.DeclineReturnInput, { description: 'What to do.' })
    input: io.DeclineReturnInput,
    @Ctx() context: OrdersContext,
  ) {
    return returnPayload(context, ({ useCases, actor }) =>
      useCases.declineReturn.execute(input.returnId, input.reason, actor),
    );
  }

  @Mutation(() => io.MarkReturnSentPayload, {
    nullable: true,
    description: 'Says that a return is on its way.',
  })
  @GuardedBy(members, isBuyer)
  markReturnSent(
    @Arg('input', () => io.MarkReturnSentInput, { description: 'What to do.' })
    input: io.MarkReturnSentInput,
    @Ctx() context: OrdersContext,
  ) {
    return returnPayload(context, ({ useCases, actor }) =>
      useCases.markReturnSent.execute({
        returnId: input.returnId,
        carrier: input.carrier ?? null,
        trackingNumber: input.trackingNumber ?? null,
        actor,
      }),
    );
  }

  @Mutation(() => io.MarkReturnReceivedPayload, {
    nullable: true,
    description:
      'Says that a return came back; the buyer is refunded, and what is good goes back on sale.',
  })
  @GuardedBy(membersAndPartners, isSellerSide)
  markReturnReceived(
    @Arg('input', () => io.MarkReturnReceivedInput, { description: 'What to do.' })
    input: io.MarkReturnReceivedInput,
    @Ctx() context: OrdersContext,
  ) {
    return returnPayload(context, ({ useCases, actor }) =>
      useCases.markReturnReceived.execute({
        returnId: input.returnId,
        goodQuantity: input.goodQuantity ?? null,
        actor,
      }),
    );
  }

  @Mutation(() => io.OpenCasePayload, {
    nullable: true,
    description: "Asks for help with an order. The seller's pay waits until it is over.",
  })
  @GuardedBy(members, isBuyer)
  openCase(
    @Arg('input', () => io.OpenCaseInput, { description: 'What to do.' })
    input: io.OpenCaseInput,
    @Ctx() context: OrdersContext,
  ) {
    return casePayload(context, ({ useCases, actor }) =>
      useCases.openCase.execute({
        orderId: input.orderId,
        reason: input.reason as CaseReason,
        text: input.text,
        actor,
      }),
    );
  }

  @Mutation(() => io.AnswerCasePayload, {
    nullable: true,
    description: "Says something in a case; it is then the other side's turn.",
  })
  @GuardedBy(signedIn, maySeeOrder)
  answerCase(
    @Arg('input', () => io.AnswerCaseInput, { description: 'What to do.' })
    input: io.AnswerCaseInput,
    @Ctx() context: OrdersContext,
  ) {
    return casePayload(context, ({ useCases, actor }) =>
      useCases.answerCase.execute(input.caseId, input.text, actor),
    );
  }

  @Mutation(() => io.EscalateCasePayload, {
    nullable: true,
    description: 'Hands a case to support.',
  })
  @GuardedBy(members, isBuyer)
  escalateCase(
    @Arg('input', () => io.EscalateCaseInput, { description: 'What to do.' })
    input: io.EscalateCaseInput,
    @Ctx() context: OrdersContext,
  ) {
    return casePayload(context, ({ useCases, actor }) =>
      useCases.escalateCase.execute(input.caseId, actor),
    );
  }

  @Mutation(() => io.CloseCasePayload, {
    nullable: true,
    description: 'Ends a case: the buyer is content.',
  })
  @GuardedBy(members, isBuyer)
  closeCase(
    @Arg('input', () => io.CloseCaseInput, { description: 'What to do.' })
    input: io.CloseCaseInput,
    @Ctx() context: OrdersContext,
  ) {
    return casePayload(context, ({ useCases, actor }) =>
      useCases.closeCase.execute(input.caseId, actor),
    );
  }

  @Mutation(() => io.DecideCasePayload, {
    nullable: true,
    description: 'Decides a case that was escalated or appealed. Support only.',
  })
  @GuardedBy(supportStaff, mayDecideCase)
  decideCase(
    @Arg('input', () => io.DecideCaseInput, { description: 'What to do.' })
    input: io.DecideCaseInput,
    @Ctx() context: OrdersContext,
  ) {
    return casePayload(context, ({ useCases, actor }) =>
      useCases.decideCase.execute({
        caseId: input.caseId,
        decidedFor: input.decidedFor as 'BUYER' | 'SELLER',
        refundAmount: input.refundAmount ? toMoney(input.refundAmount) : null,
        text: input.text,
        actor,
      }),
    );
  }

  @Mutation(() => io.AppealCasePayload, {
    nullable: true,
    description: 'Asks support to decide once more, within ten days, by the side that lost.',
  })
  @GuardedBy(membersAndPartners, maySeeOrder)
  appealCase(
    @Arg('input', () => io.AppealCaseInput, { description: 'What to do.' })
    input: io.AppealCaseInput,
    @Ctx() context: OrdersContext,
  ) {
    return casePayload(context, ({ useCases, actor }) =>
      useCases.appealCase.execute(input.caseId, input.text, actor),
    );
  }
}
