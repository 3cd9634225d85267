import type { Actor } from '../../kernel/policy.ts';
import type { CancelRequest } from '../domain/cancel-request.ts';
import type { Case } from '../domain/case.ts';
import type { OrderEvent } from '../domain/order.events.ts';
import type { Order } from '../domain/order.ts';
import type { Return } from '../domain/return.ts';
import type { CarrierStatus, CarrierWord } from '../domain/shipment.states.ts';
import type { Shipment } from '../domain/shipment.ts';

/** Time policy, kept as data. An order keeps the dates that followed from it when it was placed. */
export interface OrderPolicy {
  readonly chatHoldMinutes: number;
  readonly checkoutHoldMinutes: number;
  readonly autoCancelDays: number;
  readonly answerBusinessDays: number;
  readonly returnSendDays: number;
  readonly addressVisibleDays: number;
}

export interface CarrierEvent {
  readonly source: string;
  /** The carrier's own id of the event; a repeat is dropped. */
  readonly carrierEventId: string;
  readonly shipmentId: string;
  readonly status: CarrierStatus;
  readonly occurredAt: Date;
  readonly receivedAt: Date;
}

export interface CaseMessage {
  readonly caseId: string;
  readonly author: 'BUYER' | 'SELLER' | 'SUPPORT';
  readonly text: string;
  readonly at: Date;
}

/** Who did it and why: half of a timeline row. */
export interface Deed {
  readonly actor: Actor;
  readonly reason: string | null;
}

export type DueKind =
  | 'HOLD_OVER'
  | 'NEVER_SENT'
  | 'COMPLETABLE'
  | 'CANCEL_REQUEST'
  | 'RETURN_UNANSWERED'
  | 'RETURN_UNSENT'
  | 'CASE';

/** What use cases may do inside one transaction. */
export interface OrdersTransaction {
  /** Locks the order until commit, its items with it; null when there is none. */
  lockOrder(id: string): Promise<Order | null>;
  lockOrderOfPayment(paymentId: string): Promise<Order | null>;
  hasOrderOfRequest(paymentRequestId: string): Promise<boolean>;
  addOrder(order: Order): Promise<void>;
  shipment(id: string): Promise<Shipment | null>;
  shipmentsOf(orderId: string): Promise<readonly Shipment[]>;
  shipmentByTracking(trackingNumber: string): Promise<Shipment | null>;
  /** False when this event is known already. */
  addCarrierEvent(event: CarrierEvent): Promise<boolean>;
  carrierWords(shipmentId: string): Promise<readonly CarrierWord[]>;
  openCancelRequest(orderId: string): Promise<CancelRequest | null>;
  return(id: string): Promise<Return | null>;
  returnsOf(orderId: string): Promise<readonly Return[]>;
  case(id: string): Promise<Case | null>;
  casesOf(orderId: string): Promise<readonly Case[]>;
  addCaseMessage(message: CaseMessage): Promise<void>;
  /** Stores a new shipment, request, return or case. */
  add(row: Shipment | CancelRequest | Return | Case): void;
  /** True when the stock of this request could not be taken, whichever event came first. */
  isStockGone(paymentRequestId: string): Promise<boolean>;
  noteStockGone(paymentRequestId: string): Promise<void>;
  policy(): Promise<OrderPolicy>;
  /** Events, timeline and notifications of one change; `before` is the headline it started from. */
  record(
    order: Order,
    before: string | null,
    events: readonly OrderEvent[],
    deed: Deed,
  ): Promise<void>;
}

export interface OrdersStore {
  transact<T>(work: (tx: OrdersTransaction) => Promise<T>): Promise<T>;
  /** Orders (or, for requests, returns and cases, their own ids) whose time has come. */
  due(kind: DueKind, now: Date, limit: number): Promise<readonly string[]>;
}

export interface Address {
  readonly name: string;
  readonly line1: string;
  readonly line2: string | null;
  readonly city: string;
  readonly state: string;
  readonly postalCode: string;
  readonly country: string;
}

/** Where payments keeps an address until the order has its own sealed copy. */
export interface PaidAddresses {
  /** Null when the payment has none. Rejects with a retryable refusal when payments does not answer. */
  ofPayment(paymentId: string): Promise<Address | null>;
}

/** Addresses sealed at rest: nothing but this opens them. */
export interface AddressBook {
  /** Orders that still have to fetch theirs. */
  missing(
    limit: number,
  ): Promise<readonly { readonly orderId: string; readonly paymentId: string }[]>;
  keep(orderId: string, address: Address | null): Promise<void>;
  /** By order id; an order without an address is absent. */
  open(orderIds: readonly string[]): Promise<ReadonlyMap<string, Address>>;
}

/** Raw words of carriers, stored before anything is done with them. */
export interface CarrierInbox {
  /** False when this event id is known already. */
  store(event: {
    readonly eventId: string;
    readonly body: string;
    readonly receivedAt: Date;
  }): Promise<boolean>;
  pending(
    now: Date,
    limit: number,
  ): Promise<readonly { readonly eventId: string; readonly body: string }[]>;
  done(eventId: string, status: 'DONE' | 'IGNORED'): Promise<void>;
  /** No parcel with this number yet: look again later, and give up after a week. */
  later(eventId: string, now: Date): Promise<void>;
}
