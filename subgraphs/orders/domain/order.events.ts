import type { Money } from '../../kernel/money.ts';

/** Who an event is about: every live stream and notification goes by this. */
export interface OrderRef {
  readonly orderId: string;
  readonly buyerId: string;
  readonly sellerId: string;
}

interface Of<Type extends string, Payload> {
  readonly type: Type;
  readonly order: OrderRef;
  readonly occurredAt: Date;
  /** What other subgraphs are told, word for word. */
  readonly payload: Payload;
}

export type CancelledBy = 'BUYER' | 'SELLER' | 'SUPPORT' | 'TIMER' | 'SYSTEM';
export type ReleaseHold = 'CANCEL_REQUESTED' | 'RETURN_OPEN' | 'CASE_OPEN';

interface ItemQuantity {
  readonly orderItemId: string;
  readonly quantity: number;
}

export type OrderPlaced = Of<
  'order-placed',
  {
    readonly orderId: string;
    readonly paymentRequestId: string;
    readonly paymentId: string;
    readonly conversationId: string | null;
    readonly buyerId: string;
    readonly sellerId: string;
    readonly total: Money;
  }
>;

export type ShipmentSent = Of<
  'shipment-sent',
  {
    readonly orderId: string;
    readonly shipmentId: string;
    readonly paymentId: string;
    readonly conversationId: string | null;
    readonly buyerId: string;
    readonly sellerId: string;
    readonly carrier: string | null;
    readonly trackingNumber: string | null;
    readonly sentAt: Date;
    readonly markedSentAt: Date;
    readonly items: readonly (ItemQuantity & { readonly variantId: string | null })[];
  }
>;

export type ShipmentUpdated = Of<
  'shipment-updated',
  {
    readonly orderId: string;
    readonly shipmentId: string;
    readonly conversationId: string | null;
    readonly buyerId: string;
    readonly sellerId: string;
    readonly status: string;
    readonly occurredAt: Date;
  }
>;

export type ShipmentVoided = Of<
  'shipment-voided',
  {
    readonly orderId: string;
    readonly shipmentId: string;
    readonly paymentId: string;
    readonly conversationId: string | null;
  }
>;

/** Every unit is sent, or cancelled: the clock of the seller's pay starts. */
export type OrderFullySent = Of<
  'order-fully-sent',
  {
    readonly orderId: string;
    readonly paymentId: string;
    readonly sellerId: string;
    readonly lastSentAt: Date;
    readonly lastMarkedSentAt: Date;
  }
>;

export type OrderSendingReopened = Of<
  'order-sending-reopened',
  { readonly orderId: string; readonly paymentId: string }
>;

export type OrderCancelled = Of<
  'order-cancelled',
  {
    readonly orderId: string;
    readonly paymentId: string;
    readonly paymentRequestId: string;
    readonly conversationId: string | null;
    readonly buyerId: string;
    readonly sellerId: string;
    readonly by: CancelledBy;
    readonly reason: string;
    readonly refundAmount: Money;
    readonly isWholeOrder: boolean;
    readonly restock: boolean;
    readonly items: readonly (ItemQuantity & { readonly variantId: string | null })[];
  }
>;

export type OrderCompleted = Of<
  'order-completed',
  { readonly orderId: string; readonly paymentId: string }
>;

/** Something is open that must end before the seller is paid, or has ended. */
export type ReleaseHoldChanged = Of<
  'release-hold-changed',
  {
    readonly orderId: string;
    readonly paymentId: string;
    readonly hold: ReleaseHold;
    readonly isOpen: boolean;
  }
>;

export type RefundOwed = Of<
  'refund-owed',
  {
    readonly orderId: string;
    readonly paymentId: string;
    readonly returnId?: string;
    readonly caseId?: string;
    readonly amount: Money;
    readonly reason: string;
  }
>;

/** Goods came back. Only what is good may be sold again. */
export type ReturnReceived = Of<
  'return-received',
  {
    readonly orderId: string;
    readonly returnId: string;
    readonly orderItemId: string;
    readonly variantId: string | null;
    readonly goodQuantity: number;
    readonly damagedQuantity: number;
  }
>;

/** Anything else that the people of an order see change. */
export type OrderUpdated = Of<
  'order-updated',
  {
    readonly orderId: string;
    readonly buyerId: string;
    readonly sellerId: string;
    readonly change: OrderChange;
    readonly subjectId: string | null;
  }
>;

export type OrderChange =
  | 'HOLD_RELEASED'
  | 'CANCEL_REQUESTED'
  | 'CANCEL_REQUEST_DECLINED'
  | 'CANCEL_REQUEST_LAPSED'
  | 'RETURN_REQUESTED'
  | 'RETURN_APPROVED'
  | 'RETURN_DECLINED'
  | 'RETURN_SENT'
  | 'RETURN_REFUNDED'
  | 'RETURN_LAPSED'
  | 'CASE_OPENED'
  | 'CASE_ANSWERED'
  | 'CASE_ESCALATED'
  | 'CASE_DECIDED'
  | 'CASE_APPEALED'
  | 'CASE_CLOSED'
  | 'PAYMENT_REFUNDED'
  | 'REFUND_FAILED'
  | 'PAYMENT_DISPUTED'
  | 'DISPUTE_ENDED'
  | 'PAYOUT_CHANGED';

export type OrderEvent =
  | OrderPlaced
  | ShipmentSent
  | ShipmentUpdated
  | ShipmentVoided
  | OrderFullySent
  | OrderSendingReopened
  | OrderCancelled
  | OrderCompleted
  | ReleaseHoldChanged
  | RefundOwed
  | ReturnReceived
  | OrderUpdated;
