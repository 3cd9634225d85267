import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { MoneyInput } from '../../kernel/graphql/shared-types.ts';
import * as enums from './enums.ts';
import { CaseType, OrderType, ReturnType, ShipmentType } from './order.types.ts';
import { OrderUserError } from './user-errors.ts';

@InputType('OrderItemQuantityInput', { description: 'Some units of one item of the order.' })
export class OrderItemQuantityInput {
  @Field(() => ID, { description: 'The item.' })
  readonly orderItemId!: string;

  @Field(() => Int, { description: 'How many units, at least one.' })
  readonly quantity!: number;
}

@InputType('MarkSentInput', { description: 'What was sent, and how.' })
export class MarkSentInput {
  @Field(() => ID, { description: 'The order.' })
  readonly orderId!: string;

  @Field(() => String, {
    description:
      'The same call under the same key has one effect; 1 to 255 printable ASCII characters.',
  })
  readonly idempotencyKey!: string;

  @Field(() => [OrderItemQuantityInput], {
    nullable: true,
    description: 'Which units; null or empty sends everything that is open.',
  })
  readonly items!: readonly OrderItemQuantityInput[] | null;

  @Field(() => String, { nullable: true, description: 'Who carries it, up to 64 characters.' })
  readonly carrier!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Its number with the carrier, up to 64 characters.',
  })
  readonly trackingNumber!: string | null;

  @Field(() => Date, {
    nullable: true,
    description: 'When it left, not in the future; null is now.',
  })
  readonly sentAt!: Date | null;
}

@ObjectType('MarkSentPayload', {
  description:
    'Refusals in order: TRACKING_INVALID, IDEMPOTENCY_KEY_REUSED, NOT_FOUND, NOT_ALLOWED, ILLEGAL_TRANSITION, PAYMENT_NOT_CAPTURED, SENT_AT_INVALID, QUANTITY_INVALID.',
})
export class MarkSentPayload {
  @Field(() => OrderType, {
    nullable: true,
    description: 'The order as it is now; null exactly when userErrors is not empty.',
  })
  readonly order!: OrderType | null;

  @Field(() => ShipmentType, {
    nullable: true,
    description: 'The parcel; null exactly when userErrors is not empty.',
  })
  readonly shipment!: ShipmentType | null;

  @Field(() => [OrderUserError], { description: 'Why nothing was done; empty on success.' })
  readonly userErrors!: readonly OrderUserError[];
}

@InputType('VoidShipmentInput', { description: 'The parcel that was not sent after all.' })
export class VoidShipmentInput {
  @Field(() => ID, { description: 'The parcel.' })
  readonly shipmentId!: string;
}

@ObjectType('VoidShipmentPayload', {
  description:
    'Refusals in order: NOT_FOUND, NOT_ALLOWED, PAYOUT_ALREADY_RELEASED, SHIPMENT_ALREADY_SCANNED, ILLEGAL_TRANSITION.',
})
export class VoidShipmentPayload {
  @Field(() => ShipmentType, {
    nullable: true,
    description: 'The parcel as it is now; null exactly when userErrors is not empty.',
  })
  readonly shipment!: ShipmentType | null;

  @Field(() => [OrderUserError], { description: 'Why nothing was done; empty on success.' })
  readonly userErrors!: readonly OrderUserError[];
}

@InputType('RecordCarrierUpdateInput', { description: 'What a carrier says.' })
export class RecordCarrierUpdateInput {
  @Field(() => ID, { description: 'The parcel.' })
  readonly shipmentId!: string;

  @Field(() => String, {
    description: "The carrier's own id of the event; a repeat changes nothing.",
  })
  readonly carrierEventId!: string;

  @Field(() => enums.CarrierStatusEnum, { description: 'What it says.' })
  readonly status!: string;

  @Field(() => Date, { description: 'When it happened.' })
  readonly occurredAt!: Date;
}

@ObjectType('RecordCarrierUpdatePayload', {
  description: 'Refusals in order: NOT_FOUND, NOT_ALLOWED, TEXT_EMPTY, TEXT_TOO_LONG.',
})
export class RecordCarrierUpdatePayload {
  @Field(() => ShipmentType, {
    nullable: true,
    description: 'The parcel as it is now; null exactly when userErrors is not empty.',
  })
  readonly shipment!: ShipmentType | null;

  @Field(() => [OrderUserError], { description: 'Why nothing was done; empty on success.' })
  readonly userErrors!: readonly OrderUserError[];
}

@InputType('ConfirmDeliveryInput', { description: 'What has arrived.' })
export class ConfirmDeliveryInput {
  @Field(() => ID, { description: 'The order.' })
  readonly orderId!: string;

  @Field(() => ID, { nullable: true, description: 'One parcel; null is every parcel on its way.' })
  readonly shipmentId!: string | null;
}

@ObjectType('ConfirmDeliveryPayload', { description: 'Refusals in order: NOT_FOUND, NOT_ALLOWED.' })
export class ConfirmDeliveryPayload {
  @Field(() => OrderType, {
    nullable: true,
    description: 'The order as it is now; null exactly when userErrors is not empty.',
  })
  readonly order!: OrderType | null;

  @Field(() => [OrderUserError], { description: 'Why nothing was done; empty on success.' })
  readonly userErrors!: readonly OrderUserError[];
}

@InputType('CancelOrderInput', { description: 'What to cancel, and why.' })
export class CancelOrderInput {
  @Field(() => ID, { description: 'The order.' })
  readonly orderId!: string;

  @Field(() => String, {
    description:
      'The same call under the same key has one effect; 1 to 255 printable ASCII characters.',
  })
  readonly idempotencyKey!: string;

  @Field(() => [OrderItemQuantityInput], {
    nullable: true,
    description: 'Which units; null or empty cancels everything that was not sent.',
  })
  readonly items!: readonly OrderItemQuantityInput[] | null;

  @Field(() => enums.CancelReason, { description: 'Why.' })
  readonly reason!: string;

  @Field(() => String, { nullable: true, description: 'More about it, up to 1,000 characters.' })
  readonly note!: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether the units go back on sale; null decides by who cancels.',
  })
  readonly restock!: boolean | null;
}

@ObjectType('CancelOrderPayload', {
  description:
    'Refusals in order: TEXT_TOO_LONG, IDEMPOTENCY_KEY_REUSED, NOT_FOUND, NOT_ALLOWED, CANCEL_NEEDS_REQUEST, ILLEGAL_TRANSITION, QUANTITY_INVALID.',
})
export class CancelOrderPayload {
  @Field(() => OrderType, {
    nullable: true,
    description: 'The order as it is now; null exactly when userErrors is not empty.',
  })
  readonly order!: OrderType | null;

  @Field(() => [OrderUserError], { description: 'Why nothing was done; empty on success.' })
  readonly userErrors!: readonly OrderUserError[];
}

@InputType('RequestCancellationInput', {
  description: 'What to ask the seller to cancel, and why.',
})
export class RequestCancellationInput {
  @Field(() => ID, { description: 'The order.' })
  readonly orderId!: string;

  @Field(() => enums.CancelReason, { description: 'Why.' })
  readonly reason!: string;

  @Field(() => String, { nullable: true, description: 'More about it, up to 1,000 characters.' })
  readonly note!: string | null;
}

@ObjectType('RequestCancellationPayload', {
  description:
    'Refusals in order: TEXT_TOO_LONG, NOT_FOUND, NOT_ALLOWED, ILLEGAL_TRANSITION, ALREADY_OPEN.',
})
export class RequestCancellationPayload {
  @Field(() => OrderType, {
    nullable: true,
    description: 'The order as it is now; null exactly when userErrors is not empty.',
  })
  readonly order!: OrderType | null;

  @Field(() => [OrderUserError], { description: 'Why nothing was done; empty on success.' })
  readonly userErrors!: readonly OrderUserError[];
}

@InputType('AnswerCancellationInput', { description: 'Yes or no.' })
export class AnswerCancellationInput {
  @Field(() => ID, { description: 'The order.' })
  readonly orderId!: string;

  @Field(() => Boolean, {
    description: 'True cancels and refunds everything that has not arrived.',
  })
  readonly isAccepted!: boolean;
}

@ObjectType('AnswerCancellationPayload', {
  description: 'Refusals in order: NOT_FOUND, NOT_ALLOWED, ILLEGAL_TRANSITION.',
})
export class AnswerCancellationPayload {
  @Field(() => OrderType, {
    nullable: true,
    description: 'The order as it is now; null exactly when userErrors is not empty.',
  })
  readonly order!: OrderType | null;

  @Field(() => [OrderUserError], { description: 'Why nothing was done; empty on success.' })
  readonly userErrors!: readonly OrderUserError[];
}

@InputType('RequestReturnInput', { description: 'What is to go back, and why.' })
export class RequestReturnInput {
  @Field(() => ID, { description: 'The order.' })
  readonly orderId!: string;

  @Field(() => ID, { description: 'The item.' })
  readonly orderItemId!: string;

  @Field(() => Int, { description: 'How many units.' })
  readonly quantity!: number;

  @Field(() => enums.ReturnReason, { description: 'Why.' })
  readonly reason!: string;

  @Field(() => String, { nullable: true, description: 'More about it, up to 1,000 characters.' })
  readonly note!: string | null;
}

@ObjectType('RequestReturnPayload', {
  description:
    'Refusals in order: TEXT_TOO_LONG, NOT_FOUND, NOT_ALLOWED, FINAL_SALE, RETURN_PERIOD_ENDED, QUANTITY_INVALID.',
})
export class RequestReturnPayload {
  @Field(() => ReturnType, {
    nullable: true,
    description: 'The return; null exactly when userErrors is not empty.',
  })
  readonly return!: ReturnType | null;

  @Field(() => [OrderUserError], { description: 'Why nothing was done; empty on success.' })
  readonly userErrors!: readonly OrderUserError[];
}

@InputType('ApproveReturnInput', { description: 'The return to approve.' })
export class ApproveReturnInput {
  @Field(() => ID, { description: 'The return.' })
  readonly returnId!: string;
}

@ObjectType('ApproveReturnPayload', {
  description: 'Refusals in order: NOT_FOUND, NOT_ALLOWED, ILLEGAL_TRANSITION.',
})
export class ApproveReturnPayload {
  @Field(() => ReturnType, {
    nullable: true,
    description: 'The return as it is now; null exactly when userErrors is not empty.',
  })
  readonly return!: ReturnType | null;

  @Field(() => [OrderUserError], { description: 'Why nothing was done; empty on success.' })
  readonly userErrors!: readonly OrderUserError[];
}

@InputType('DeclineReturnInput', { description: 'The return to decline, and why.' })
export class DeclineReturnInput {
  @Field(() => ID, { description: 'The return.' })
  readonly returnId!: string;

  @Field(() => enums.ReturnDeclineReason, { description: 'Why.' })
  readonly reason!: string;
}

@ObjectType('DeclineReturnPayload', {
  description: 'Refusals in order: NOT_FOUND, NOT_ALLOWED, ILLEGAL_TRANSITION.',
})
export class DeclineReturnPayload {
  @Field(() => ReturnType, {
    nullable: true,
    description: 'The return as it is now; null exactly when userErrors is not empty.',
  })
  readonly return!: ReturnType | null;

  @Field(() => [OrderUserError], { description: 'Why nothing was done; empty on success.' })
  readonly userErrors!: readonly OrderUserError[];
}

@InputType('MarkReturnSentInput', { description: 'How it goes back.' })
export class MarkReturnSentInput {
  @Field(() => ID, { description: 'The return.' })
  readonly returnId!: string;

  @Field(() => String, { nullable: true, description: 'Who carries it, up to 64 characters.' })
  readonly carrier!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Its number with the carrier, up to 64 characters.',
  })
  readonly trackingNumber!: string | null;
}

@ObjectType('MarkReturnSentPayload', {
  description: 'Refusals in order: TRACKING_INVALID, NOT_FOUND, NOT_ALLOWED, ILLEGAL_TRANSITION.',
})
export class MarkReturnSentPayload {
  @Field(() => ReturnType, {
    nullable: true,
    description: 'The return as it is now; null exactly when userErrors is not empty.',
  })
  readonly return!: ReturnType | null;

  @Field(() => [OrderUserError], { description: 'Why nothing was done; empty on success.' })
  readonly userErrors!: readonly OrderUserError[];
}

@InputType('MarkReturnReceivedInput', { description: 'What came back.' })
export class MarkReturnReceivedInput {
  @Field(() => ID, { description: 'The return.' })
  readonly returnId!: string;

  @Field(() => Int, {
    nullable: true,
    description: 'How many units are fit to be sold again; null is all of them.',
  })
  readonly goodQuantity!: number | null;
}

@ObjectType('MarkReturnReceivedPayload', {
  description: 'Refusals in order: NOT_FOUND, NOT_ALLOWED, QUANTITY_INVALID, ILLEGAL_TRANSITION.',
})
export class MarkReturnReceivedPayload {
  @Field(() => ReturnType, {
    nullable: true,
    description: 'The return as it is now; null exactly when userErrors is not empty.',
  })
  readonly return!: ReturnType | null;

  @Field(() => [OrderUserError], { description: 'Why nothing was done; empty on success.' })
  readonly userErrors!: readonly OrderUserError[];
}

@InputType('OpenCaseInput', { description: 'What is wrong.' })
export class OpenCaseInput {
  @Field(() => ID, { description: 'The order.' })
  readonly orderId!: string;

  @Field(() => enums.CaseReasonEnum, { description: 'What kind of trouble it is.' })
  readonly reason!: string;

  @Field(() => String, { description: 'Up to 2,000 characters.' })
  readonly text!: string;
}

@ObjectType('OpenCasePayload', {
  description:
    'Refusals in order: TEXT_EMPTY, TEXT_TOO_LONG, NOT_FOUND, NOT_ALLOWED, ALREADY_OPEN, CASE_TOO_EARLY.',
})
export class OpenCasePayload {
  @Field(() => CaseType, {
    nullable: true,
    description: 'The case; null exactly when userErrors is not empty.',
  })
  readonly case!: CaseType | null;

  @Field(() => [OrderUserError], { description: 'Why nothing was done; empty on success.' })
  readonly userErrors!: readonly OrderUserError[];
}

@InputType('AnswerCaseInput', { description: 'What to say.' })
export class AnswerCaseInput {
  @Field(() => ID, { description: 'The case.' })
  readonly caseId!: string;

  @Field(() => String, { description: 'Up to 2,000 characters.' })
  readonly text!: string;
}

@ObjectType('AnswerCasePayload', {
  description: 'Refusals in order: TEXT_EMPTY, TEXT_TOO_LONG, NOT_FOUND, ILLEGAL_TRANSITION.',
})
export class AnswerCasePayload {
  @Field(() => CaseType, {
    nullable: true,
    description: 'The case as it is now; null exactly when userErrors is not empty.',
  })
  readonly case!: CaseType | null;

  @Field(() => [OrderUserError], { description: 'Why nothing was done; empty on success.' })
  readonly userErrors!: readonly OrderUserError[];
}

@InputType('EscalateCaseInput', { description: 'The case to hand to support.' })
export class EscalateCaseInput {
  @Field(() => ID, { description: 'The case.' })
  readonly caseId!: string;
}

@ObjectType('EscalateCasePayload', {
  description: 'Refusals in order: NOT_FOUND, NOT_ALLOWED, ILLEGAL_TRANSITION.',
})
export class EscalateCasePayload {
  @Field(() => CaseType, {
    nullable: true,
    description: 'The case as it is now; null exactly when userErrors is not empty.',
  })
  readonly case!: CaseType | null;

  @Field(() => [OrderUserError], { description: 'Why nothing was done; empty on success.' })
  readonly userErrors!: readonly OrderUserError[];
}

@InputType('CloseCaseInput', { description: 'The case to close.' })
export class CloseCaseInput {
  @Field(() => ID, { description: 'The case.' })
  readonly caseId!: string;
}

@ObjectType('CloseCasePayload', {
  description: 'Refusals in order: NOT_FOUND, NOT_ALLOWED, ILLEGAL_TRANSITION.',
})
export class CloseCasePayload {
  @Field(() => CaseType, {
    nullable: true,
    description: 'The case as it is now; null exactly when userErrors is not empty.',
  })
  readonly case!: CaseType | null;

  @Field(() => [OrderUserError], { description: 'Why nothing was done; empty on success.' })
  readonly userErrors!: readonly OrderUserError[];
}

@InputType('DecideCaseInput', { description: 'For whom, and why.' })
export class DecideCaseInput {
  @Field(() => ID, { description: 'The case.' })
  readonly caseId!: string;

  @Field(() => enums.CaseSide, { description: 'For whom.' })
  readonly decidedFor!: string;

  @Field(() => MoneyInput, {
    nullable: true,
    description:
      'What the buyer is given back; null is everything that is left. Ignored for the seller.',
  })
  readonly refundAmount!: MoneyInput | null;

  @Field(() => String, { description: 'Up to 2,000 characters.' })
  readonly text!: string;
}

@ObjectType('DecideCasePayload', {
  description:
    'Refusals in order: TEXT_EMPTY, TEXT_TOO_LONG, NOT_FOUND, AMOUNT_INVALID, ILLEGAL_TRANSITION.',
})
export class DecideCasePayload {
  @Field(() => CaseType, {
    nullable: true,
    description: 'The case as it is now; null exactly when userErrors is not empty.',
  })
  readonly case!: CaseType | null;

  @Field(() => [OrderUserError], { description: 'Why nothing was done; empty on success.' })
  readonly userErrors!: readonly OrderUserError[];
}

@InputType('AppealCaseInput', { description: 'Why the decision is wrong.' })
export class AppealCaseInput {
  @Field(() => ID, { description: 'The case.' })
  readonly caseId!: string;

  @Field(() => String, { description: 'Up to 2,000 characters.' })
  readonly text!: string;
}

@ObjectType('AppealCasePayload', {
  description:
    'Refusals in order: TEXT_EMPTY, TEXT_TOO_LONG, NOT_FOUND, NOT_ALLOWED, APPEAL_PERIOD_ENDED, ILLEGAL_TRANSITION.',
})
export class AppealCasePayload {
  @Field(() => CaseType, {
    nullable: true,
    description: 'The case as it is now; null exactly when userErrors is not empty.',
  })
  readonly case!: CaseType | null;

  @Field(() => [OrderUserError], { description: 'Why nothing was done; empty on success.' })
  readonly userErrors!: readonly OrderUserError[];
}

@InputType('MarkNotificationsReadInput', { description: 'Which notifications were read.' })
export class MarkNotificationsReadInput {
  @Field(() => [ID], { nullable: true, description: 'The notifications; null is all of yours.' })
  readonly ids!: readonly string[] | null;
}

@ObjectType('MarkNotificationsReadPayload', { description: 'Refuses nothing.' })
export class MarkNotificationsReadPayload {
  @Field(() => Int, {
    nullable: true,
    description: 'How many are left unread; null exactly when userErrors is not empty.',
  })
  readonly unreadCount!: number | null;

  @Field(() => [OrderUserError], { description: 'Why nothing was done; empty on success.' })
  readonly userErrors!: readonly OrderUserError[];
}
