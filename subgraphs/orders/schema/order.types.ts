import { Directive, Field, ID, Int, ObjectType } from 'type-graphql';
import { MoneyType, NodeType, PageInfo } from '../../kernel/graphql/shared-types.ts';
import type { NotificationRow } from '../application/reads.ts';
import type { Case } from '../domain/case.ts';
import type { Order } from '../domain/order.ts';
import type { OrderItem } from '../domain/order-item.ts';
import type { Return } from '../domain/return.ts';
import type { Shipment } from '../domain/shipment.ts';
import * as enums from './enums.ts';

// Entities of other subgraphs, by their key alone.

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('Seller', { description: 'The public side of a seller.' })
export class SellerStub {
  @Field(() => ID, { description: 'Opaque, unique in the whole graph, prefixed by what it is.' })
  readonly id!: string;
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('Buyer', { description: 'A person who buys, as the sellers they deal with see them.' })
export class BuyerStub {
  @Field(() => ID, { description: 'Opaque, unique in the whole graph, prefixed by what it is.' })
  readonly id!: string;
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('Listing', { description: 'Something a seller offers.' })
export class ListingStub {
  @Field(() => ID, { description: 'Opaque, unique in the whole graph, prefixed by what it is.' })
  readonly id!: string;
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('Variant', { description: 'One form of a listing.' })
export class VariantStub {
  @Field(() => ID, { description: 'Opaque, unique in the whole graph, prefixed by what it is.' })
  readonly id!: string;
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('Payment', {
  description:
    'Money that was captured for one request. How it was paid is told to nobody else than its buyer.',
})
export class PaymentStub {
  @Field(() => ID, { description: 'Opaque, unique in the whole graph, prefixed by what it is.' })
  readonly id!: string;
}

@Directive('@key(fields: "id")')
@ObjectType('PaymentRequest', {
  description: 'What one buyer is asked to pay, once. Your payment is processed by PayPal.',
})
export class PaymentRequestType {
  @Field(() => ID, { description: 'Opaque, unique in the whole graph, prefixed by what it is.' })
  readonly id!: string;
}

@Directive('@key(fields: "id")')
@ObjectType('Conversation', {
  description: 'What one buyer and one seller say to each other; one per pair.',
})
export class ConversationType {
  @Field(() => ID, { description: 'Opaque, unique in the whole graph, prefixed by what it is.' })
  readonly id!: string;
}

@Directive('@key(fields: "id")')
@ObjectType('Viewer', { description: "The signed-in member: the way in to one's own things." })
export class ViewerType {
  @Field(() => ID, { description: "The member's user id." })
  readonly id!: string;
}

@ObjectType('OrderShippingAddress', { description: 'Where to send an order.' })
export class OrderShippingAddress {
  @Field(() => String, { description: 'Who receives it.' })
  readonly name!: string;

  @Field(() => String, { description: 'Street and number.' })
  readonly line1!: string;

  @Field(() => String, { nullable: true, description: 'More of the street address.' })
  readonly line2!: string | null;

  @Field(() => String, { description: 'The city.' })
  readonly city!: string;

  @Field(() => String, { description: 'The state.' })
  readonly state!: string;

  @Field(() => String, { description: 'The postal code.' })
  readonly postalCode!: string;

  @Field(() => String, { description: 'The country, as ISO 3166-1 alpha-2.' })
  readonly country!: string;
}

@ObjectType('OrderItem', {
  implements: NodeType,
  description:
    'One line of an order, as it was when it was paid. Every unit stands in one of five places.',
})
export class OrderItemType extends NodeType {
  readonly row!: OrderItem;

  @Field(() => String, { description: 'What was bought.' })
  readonly title!: string;

  @Field(() => String, { description: 'The words the buyer paid for.' })
  readonly description!: string;

  @Field(() => MoneyType, { description: 'The price of one unit.' })
  readonly unitPrice!: MoneyType;

  @Field(() => MoneyType, { description: 'The price of all units.' })
  readonly lineTotal!: MoneyType;

  @Field(() => Int, { description: 'How many were ordered.' })
  readonly quantity!: number;

  @Field(() => Int, { description: 'How many are still to be sent.' })
  readonly openQuantity!: number;

  @Field(() => Int, { description: 'How many are on their way.' })
  readonly sentQuantity!: number;

  @Field(() => Int, { description: 'How many arrived and stayed.' })
  readonly deliveredQuantity!: number;

  @Field(() => Int, { description: 'How many were cancelled.' })
  readonly cancelledQuantity!: number;

  @Field(() => Int, { description: 'How many came back.' })
  readonly returnedQuantity!: number;

  @Field(() => ListingStub, {
    nullable: true,
    description: 'The listing it came from; null for a free-form line.',
  })
  readonly listing!: ListingStub | null;

  @Field(() => VariantStub, {
    nullable: true,
    description: 'The variant it came from; null for a free-form line.',
  })
  readonly variant!: VariantStub | null;

  @Field(() => Date, { nullable: true, description: 'When the last unit arrived, or null.' })
  readonly deliveredAt!: Date | null;
}

@ObjectType('ShipmentItem', { description: 'Units of one item in one parcel.' })
export class ShipmentItemType {
  readonly orderItemId!: string;
  readonly orderId!: string;

  @Field(() => Int, { description: 'How many.' })
  readonly quantity!: number;
}

@ObjectType('CarrierEvent', {
  description: 'One word of a carrier, kept in the order it happened.',
})
export class CarrierEventType {
  @Field(() => enums.CarrierStatusEnum, { description: 'What it said.' })
  readonly status!: string;

  @Field(() => Date, { description: 'When it happened, by the carrier.' })
  readonly occurredAt!: Date;
}

@Directive('@key(fields: "id")')
@ObjectType('Shipment', { implements: NodeType, description: 'A parcel of an order.' })
export class ShipmentType extends NodeType {
  readonly row!: Shipment;

  @Field(() => enums.ShipmentStatusEnum, {
    description: 'Where it is, by the furthest word of the carrier.',
  })
  readonly status!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Who carries it, as the seller said, or null.',
  })
  readonly carrier!: string | null;

  @Field(() => String, { nullable: true, description: 'Its number with the carrier, or null.' })
  readonly trackingNumber!: string | null;

  @Field(() => Date, { description: 'When it left, as the seller said.' })
  readonly sentAt!: Date;

  @Field(() => Date, { description: 'When the seller said so.' })
  readonly markedSentAt!: Date;

  @Field(() => Date, { description: 'Since when it is where it is.' })
  readonly statusAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When it arrived, or null.' })
  readonly deliveredAt!: Date | null;
}

@ObjectType('CancelRequest', { description: "A buyer's wish to cancel what was already sent." })
export class CancelRequestType {
  @Field(() => ID, { description: 'The request id.' })
  readonly id!: string;

  @Field(() => enums.CancelRequestStatusEnum, { description: 'How it stands.' })
  readonly status!: string;

  @Field(() => enums.CancelReason, { description: 'Why.' })
  readonly reason!: string;

  @Field(() => String, { nullable: true, description: 'More about it, or null.' })
  readonly note!: string | null;

  @Field(() => Date, { description: 'When it was asked.' })
  readonly requestedAt!: Date;

  @Field(() => Date, { description: 'When it lapses without an answer.' })
  readonly answerBy!: Date;

  @Field(() => Date, { nullable: true, description: 'When it ended, or null.' })
  readonly answeredAt!: Date | null;
}

@Directive('@key(fields: "id")')
@ObjectType('Return', { implements: NodeType, description: 'Units of one item that go back.' })
export class ReturnType extends NodeType {
  readonly row!: Return;

  @Field(() => enums.ReturnStatusEnum, { description: 'How it stands.' })
  readonly status!: string;

  @Field(() => enums.ReturnReason, { description: 'Why it goes back.' })
  readonly reason!: string;

  @Field(() => String, { nullable: true, description: 'More about it, or null.' })
  readonly note!: string | null;

  @Field(() => enums.ReturnDeclineReason, {
    nullable: true,
    description: 'Why the seller declined, or null.',
  })
  readonly declineReason!: string | null;

  @Field(() => Int, { description: 'How many units.' })
  readonly quantity!: number;

  @Field(() => Int, { description: 'How many came back fit to be sold again.' })
  readonly goodQuantity!: number;

  @Field(() => Int, { description: 'How many came back damaged or not at all.' })
  readonly damagedQuantity!: number;

  @Field(() => MoneyType, {
    nullable: true,
    description: 'What the buyer is given back; null until the goods are received.',
  })
  readonly refundAmount!: MoneyType | null;

  @Field(() => Date, { description: 'When it was asked.' })
  readonly requestedAt!: Date;

  @Field(() => Date, {
    nullable: true,
    description: 'When the present wait ends by itself, or null.',
  })
  readonly dueAt!: Date | null;

  @Field(() => String, { nullable: true, description: 'Who carries it back, or null.' })
  readonly carrier!: string | null;

  @Field(() => String, { nullable: true, description: 'Its number with the carrier, or null.' })
  readonly trackingNumber!: string | null;
}

@ObjectType('CaseMessage', { description: 'What somebody said in a case.' })
export class CaseMessageType {
  @Field(() => enums.CaseAuthor, { description: 'Who said it.' })
  readonly author!: string;

  @Field(() => String, { description: 'The words.' })
  readonly text!: string;

  @Field(() => Date, { description: 'When.' })
  readonly at!: Date;
}

@Directive('@key(fields: "id")')
@ObjectType('Case', { implements: NodeType, description: "A buyer's call for help with an order." })
export class CaseType extends NodeType {
  readonly row!: Case;

  @Field(() => enums.CaseStatusEnum, { description: 'Whose turn it is, or how it ended.' })
  readonly status!: string;

  @Field(() => enums.CaseReasonEnum, { description: 'What is wrong.' })
  readonly reason!: string;

  @Field(() => Date, { description: 'When it was opened.' })
  readonly openedAt!: Date;

  @Field(() => Date, {
    nullable: true,
    description: 'When the present wait ends by itself, or null.',
  })
  readonly dueAt!: Date | null;

  @Field(() => enums.CaseSide, { nullable: true, description: 'For whom it was decided, or null.' })
  readonly decidedFor!: string | null;

  @Field(() => String, { nullable: true, description: 'Why it was decided so, or null.' })
  readonly decision!: string | null;

  @Field(() => MoneyType, { nullable: true, description: 'What the decision gives back, or null.' })
  readonly refundAmount!: MoneyType | null;
}

@ObjectType('OrderEvent', {
  description: 'One step in the life of an order; never changed, never removed.',
})
export class OrderEventType {
  @Field(() => ID, { description: 'Its place in the history.' })
  readonly id!: string;

  @Field(() => enums.OrderEventKind, { description: 'What happened.' })
  readonly kind!: string;

  @Field(() => enums.OrderActorKind, { description: 'Who did it.' })
  readonly actorKind!: string;

  @Field(() => Boolean, { description: 'True when you did it.' })
  readonly isYours!: boolean;

  @Field(() => enums.OrderStatusEnum, {
    nullable: true,
    description: 'The headline before, or null at the beginning.',
  })
  readonly fromStatus!: string | null;

  @Field(() => enums.OrderStatusEnum, { description: 'The headline after.' })
  readonly toStatus!: string;

  @Field(() => ID, {
    nullable: true,
    description: 'The shipment, return, request or case it is about, or null.',
  })
  readonly subjectId!: string | null;

  @Field(() => String, { nullable: true, description: 'Why, or null.' })
  readonly reason!: string | null;

  @Field(() => Date, { description: 'When.' })
  readonly at!: Date;
}

@ObjectType('OrderEventEdge', { description: 'One step and its cursor.' })
export class OrderEventEdge {
  @Field(() => String, { description: 'Pass as `after` to go on behind it.' })
  readonly cursor!: string;

  @Field(() => OrderEventType, { description: 'The step.' })
  readonly node!: OrderEventType;
}

@ObjectType('OrderEventConnection', { description: 'A page of a list of its kind.' })
export class OrderEventConnection {
  @Field(() => [OrderEventEdge], { description: 'What is on this page, with cursors.' })
  readonly edges!: readonly OrderEventEdge[];

  @Field(() => [OrderEventType], { description: 'What is on this page.' })
  readonly nodes!: readonly OrderEventType[];

  @Field(() => PageInfo, { description: 'Where this page stands.' })
  readonly pageInfo!: PageInfo;
}

@ObjectType('OrderPayout', {
  description: "Where the seller's pay for an order is, and why. For the seller alone.",
})
export class OrderPayout {
  @Field(() => enums.PayoutStatus, { description: 'Where it is.' })
  readonly status!: string;

  @Field(() => Date, {
    nullable: true,
    description: 'When it is to be released, or null while nobody can say.',
  })
  readonly releaseAt!: Date | null;

  @Field(() => [String], { description: 'Why it waits, in words; empty when it does not.' })
  readonly reasons!: readonly string[];
}

@Directive('@key(fields: "id")')
@ObjectType('Order', {
  implements: NodeType,
  description: 'What a buyer paid for and a seller sends.',
})
export class OrderType extends NodeType {
  readonly row!: Order;

  @Field(() => enums.OrderStatusEnum, { description: 'The headline.' })
  readonly status!: string;

  @Field(() => enums.OrderOrigin, { description: 'Where it comes from.' })
  readonly origin!: string;

  @Field(() => enums.OrderPaymentState, { description: 'How the payment stands.' })
  readonly paymentState!: string;

  @Field(() => enums.AfterSaleState, { description: 'What is open after the sale.' })
  readonly afterSale!: string;

  @Field(() => MoneyType, { description: 'What the buyer paid, in all.' })
  readonly total!: MoneyType;

  @Field(() => MoneyType, { description: 'How much of it is for shipping.' })
  readonly shipping!: MoneyType;

  @Field(() => MoneyType, { description: 'How much was given back.' })
  readonly refunded!: MoneyType;

  @Field(() => MoneyType, {
    description: 'How much can still be given back; refunds on their way count as given.',
  })
  readonly refundable!: MoneyType;

  @Field(() => Date, { description: 'When it was paid.' })
  readonly placedAt!: Date;

  @Field(() => Date, {
    nullable: true,
    description: 'Until when the buyer may think again, or null.',
  })
  readonly onHoldUntil!: Date | null;

  @Field(() => Date, { description: 'When the seller should have sent everything.' })
  readonly shipBy!: Date;

  @Field(() => Date, {
    description: 'When units that were never sent are cancelled by themselves.',
  })
  readonly autoCancelAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When everything had arrived, or null.' })
  readonly deliveredAt!: Date | null;

  @Field(() => Date, { nullable: true, description: 'When it was completed, or null.' })
  readonly completedAt!: Date | null;

  @Field(() => Date, {
    nullable: true,
    description: 'Until when something can be returned; null until everything is sent.',
  })
  readonly returnsEndAt!: Date | null;

  @Field(() => Boolean, { description: 'True when nothing can be returned.' })
  readonly isFinalSale!: boolean;

  @Field(() => BuyerStub, { nullable: true, description: 'Who bought.' })
  readonly buyer!: BuyerStub | null;

  @Field(() => SellerStub, { nullable: true, description: 'Who sells.' })
  readonly seller!: SellerStub | null;

  @Field(() => ConversationType, {
    nullable: true,
    description: 'The conversation it was agreed in; null for a checkout.',
  })
  readonly conversation!: ConversationType | null;

  @Field(() => PaymentRequestType, { nullable: true, description: 'What was asked and paid.' })
  readonly paymentRequest!: PaymentRequestType | null;

  @Field(() => PaymentStub, { nullable: true, description: 'The money.' })
  readonly payment!: PaymentStub | null;
}

@ObjectType('OrderEdge', { description: 'One order and its cursor.' })
export class OrderEdge {
  @Field(() => String, { description: 'Pass as `after` to go on behind it.' })
  readonly cursor!: string;

  @Field(() => OrderType, { description: 'The order.' })
  readonly node!: OrderType;
}

@ObjectType('OrderConnection', { description: 'A page of a list of its kind.' })
export class OrderConnection {
  @Field(() => [OrderEdge], { description: 'What is on this page, with cursors.' })
  readonly edges!: readonly OrderEdge[];

  @Field(() => [OrderType], { description: 'What is on this page.' })
  readonly nodes!: readonly OrderType[];

  @Field(() => PageInfo, { description: 'Where this page stands.' })
  readonly pageInfo!: PageInfo;
}

@ObjectType('Notification', { implements: NodeType, description: 'Something you should know.' })
export class NotificationType extends NodeType {
  readonly row!: NotificationRow;

  @Field(() => enums.NotificationKindEnum, { description: 'What it tells.' })
  readonly kind!: string;

  @Field(() => enums.NotificationSide, { description: 'As whom you are told.' })
  readonly side!: string;

  @Field(() => Date, { description: 'When it happened.' })
  readonly at!: Date;

  @Field(() => Date, { nullable: true, description: 'When you read it, or null.' })
  readonly readAt!: Date | null;
}

@ObjectType('NotificationEdge', { description: 'One notification and its cursor.' })
export class NotificationEdge {
  @Field(() => String, { description: 'Pass as `after` to go on behind it.' })
  readonly cursor!: string;

  @Field(() => NotificationType, { description: 'The notification.' })
  readonly node!: NotificationType;
}

@ObjectType('NotificationConnection', { description: 'A page of a list of its kind.' })
export class NotificationConnection {
  @Field(() => [NotificationEdge], { description: 'What is on this page, with cursors.' })
  readonly edges!: readonly NotificationEdge[];

  @Field(() => [NotificationType], { description: 'What is on this page.' })
  readonly nodes!: readonly NotificationType[];

  @Field(() => PageInfo, { description: 'Where this page stands.' })
  readonly pageInfo!: PageInfo;
}

@Directive('@inaccessible')
@ObjectType('OrderEvidenceShipment', {
  description: 'A parcel, as a processor is told of it in a dispute.',
})
export class OrderEvidenceShipment {
  @Field(() => ID, { description: 'The parcel.' })
  readonly shipmentId!: string;

  @Field(() => enums.ShipmentStatusEnum, { description: 'Where it is.' })
  readonly status!: string;

  @Field(() => String, { nullable: true, description: 'Who carries it, or null.' })
  readonly carrier!: string | null;

  @Field(() => String, { nullable: true, description: 'Its number, or null.' })
  readonly trackingNumber!: string | null;

  @Field(() => Date, { description: 'When it left.' })
  readonly sentAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When it arrived, or null.' })
  readonly deliveredAt!: Date | null;
}

@Directive('@inaccessible')
@ObjectType('OrderEvidence', { description: 'What speaks for an order in a dispute.' })
export class OrderEvidence {
  @Field(() => ID, { description: 'The order.' })
  readonly orderId!: string;

  @Field(() => enums.OrderStatusEnum, { description: 'The headline.' })
  readonly status!: string;

  @Field(() => [OrderEvidenceShipment], { description: 'Its parcels, voided ones left out.' })
  readonly shipments!: readonly OrderEvidenceShipment[];
}
