import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { GuardedBy } from '../../kernel/graphql/guarded-by.ts';
import { members, membersAndPartners, principalOf, signedIn } from '../../kernel/policy.ts';
import { checkedText } from '../../kernel/text.ts';
import {
  isBuyer,
  isSellerSide,
  mayCancel,
  mayRecordCarrierUpdate,
  maySend,
} from '../domain/order.policy.ts';
import type { CarrierStatus } from '../domain/shipment.states.ts';
import type { OrdersContext } from './context.ts';
import * as io from './order.inputs.ts';
import { orderPayload, sentPayload, shipmentPayload } from './payloads.ts';

/** Sending, arriving and cancelling. */
@Resolver()
export class FulfilmentResolver {
  @Mutation(() => io.MarkSentPayload, {
    nullable: true,
    description:
      'Says that units left. Only so is the seller ever paid; it moves no money by itself.',
  })
  @GuardedBy(membersAndPartners, maySend)
  markSent(
    @Arg('input', () => io.MarkSentInput, { description: 'What to do.' })
    input: io.MarkSentInput,
    @Ctx() context: OrdersContext,
  ) {
    return sentPayload(context, ({ useCases, actor }) =>
      useCases.markSent.execute({
        orderId: input.orderId,
        idempotencyKey: input.idempotencyKey,
        items: chosen(input.items),
        carrier: input.carrier ?? null,
        trackingNumber: input.trackingNumber ?? null,
        sentAt: input.sentAt ?? null,
        actor,
      }),
    );
  }

  @Mutation(() => io.VoidShipmentPayload, {
    nullable: true,
    description: 'Takes a mark back, before any carrier has seen the parcel.',
  })
  @GuardedBy(membersAndPartners, maySend)
  voidShipment(
    @Arg('input', () => io.VoidShipmentInput, { description: 'What to do.' })
    input: io.VoidShipmentInput,
    @Ctx() context: OrdersContext,
  ) {
    return shipmentPayload(context, ({ useCases, actor }) =>
      useCases.voidShipment.execute(input.shipmentId, actor),
    );
  }

  @Mutation(() => io.RecordCarrierUpdatePayload, {
    nullable: true,
    description:
      'Keeps what a carrier says of a parcel. For support and for partners of the seller.',
  })
  @GuardedBy(signedIn, mayRecordCarrierUpdate)
  recordCarrierUpdate(
    @Arg('input', () => io.RecordCarrierUpdateInput, { description: 'What to do.' })
    input: io.RecordCarrierUpdateInput,
    @Ctx() context: OrdersContext,
  ) {
    return shipmentPayload(context, ({ useCases, actor }) =>
      useCases.recordCarrierUpdate.execute({
        ...input,
        carrierEventId: checkedText(input.carrierEventId, {
          path: ['carrierEventId'],
          maxCodePoints: 128,
        }),
        status: input.status as CarrierStatus,
        source: principalOf(actor),
        actor,
      }),
    );
  }

  @Mutation(() => io.ConfirmDeliveryPayload, {
    nullable: true,
    description: 'Says that parcels have arrived. Only the buyer may.',
  })
  @GuardedBy(members, isBuyer)
  confirmDelivery(
    @Arg('input', () => io.ConfirmDeliveryInput, { description: 'What to do.' })
    input: io.ConfirmDeliveryInput,
    @Ctx() context: OrdersContext,
  ) {
    return orderPayload(context, ({ useCases, actor }) =>
      useCases.confirmDelivery.execute(input.orderId, input.shipmentId ?? null, actor),
    );
  }

  @Mutation(() => io.CancelOrderPayload, {
    nullable: true,
    description:
      'Cancels what was not sent and refunds it. A buyer is free to until something is sent, and again after the ship-by date.',
  })
  @GuardedBy(signedIn, mayCancel)
  cancelOrder(
    @Arg('input', () => io.CancelOrderInput, { description: 'What to do.' })
    input: io.CancelOrderInput,
    @Ctx() context: OrdersContext,
  ) {
    return orderPayload(context, ({ useCases, actor }) =>
      useCases.cancelOrder.execute({
        orderId: input.orderId,
        idempotencyKey: input.idempotencyKey,
        items: chosen(input.items),
        reason: input.reason,
        note: input.note ?? null,
        restock: input.restock ?? null,
        actor,
      }),
    );
  }

  @Mutation(() => io.RequestCancellationPayload, {
    nullable: true,
    description: 'Asks the seller to cancel what was sent but has not arrived.',
  })
  @GuardedBy(members, isBuyer)
  requestCancellation(
    @Arg('input', () => io.RequestCancellationInput, { description: 'What to do.' })
    input: io.RequestCancellationInput,
    @Ctx() context: OrdersContext,
  ) {
    return orderPayload(context, ({ useCases, actor }) =>
      useCases.requestCancellation.execute({
        orderId: input.orderId,
        reason: input.reason,
        note: input.note ?? null,
        actor,
      }),
    );
  }

  @Mutation(() => io.AnswerCancellationPayload, {
    nullable: true,
    description: 'Agrees to cancel, or declines.',
  })
  @GuardedBy(membersAndPartners, isSellerSide)
  answerCancellation(
    @Arg('input', () => io.AnswerCancellationInput, { description: 'What to do.' })
    input: io.AnswerCancellationInput,
    @Ctx() context: OrdersContext,
  ) {
    return orderPayload(context, ({ useCases, actor }) =>
      useCases.answerCancellation.execute({
        orderId: input.orderId,
        accept: input.isAccepted,
        actor,
      }),
    );
  }
}

/** No selection and an empty one mean the same: everything. */
function chosen(items: readonly io.OrderItemQuantityInput[] | null | undefined) {
  return items && items.length > 0 ? items : null;
}
