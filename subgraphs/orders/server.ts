import { z } from 'zod';
import { type GuardedReference, reference } from '../kernel/graphql/guarded-by.ts';
import { MoneySchema } from '../kernel/persistence/money.schema.ts';
import { isMember, members, signedIn } from '../kernel/policy.ts';
import { parseSealingKeys, Sealer } from '../kernel/sealing.ts';
import { defineSubgraph, type Runtime } from '../kernel/subgraph.ts';
import { CancelOrder } from './application/cancel-order.ts';
import {
  AnswerCase,
  AppealCase,
  CloseCase,
  DecideCase,
  EscalateCase,
  OpenCase,
} from './application/cases.ts';
import { FetchAddresses } from './application/fetch-addresses.ts';
import { FollowPayment } from './application/follow-payment.ts';
import { MarkNotificationsRead } from './application/mark-notifications-read.ts';
import { MarkSent } from './application/mark-sent.ts';
import type { OrderDependencies } from './application/order-use-case.ts';
import { CancelForLackOfStock, PlaceOrder } from './application/place-order.ts';
import { ReadAddresses } from './application/read-address.ts';
import { ProcessCarrierEvents } from './application/receive-carrier-webhook.ts';
import { ConfirmDelivery, RecordCarrierUpdate } from './application/record-carrier-update.ts';
import { AnswerCancellation, RequestCancellation } from './application/request-cancellation.ts';
import {
  ApproveReturn,
  DeclineReturn,
  MarkReturnReceived,
  MarkReturnSent,
  RequestReturn,
} from './application/returns.ts';
import {
  ApproveUnansweredReturns,
  CancelNeverSent,
  CompleteOrders,
  LapseCancelRequests,
  LapseUnsentReturns,
  MoveSilentCases,
  ReleaseHolds,
} from './application/timers.ts';
import { VoidShipment } from './application/void-shipment.ts';
import { WatchOrders } from './application/watch-orders.ts';
import { maySeeOrder } from './domain/order.policy.ts';
import {
  onDisbursementChanged,
  onDisputeChanged,
  onPaymentCaptured,
  onPaymentRefunded,
  onRefundCancelled,
  onRefundFailed,
  onStockConversionFailed,
} from './events/on-payment-events.ts';
import { Payments } from './neighbours/payments.ts';
import { SealedAddressBook } from './persistence/address-book.ts';
import { StoredCarrierInbox } from './persistence/carrier-inbox.ts';
import { CreateOrder } from './persistence/migrations/0001-create-order.ts';
import { OrderQueries } from './persistence/order.reads.ts';
import * as schemas from './persistence/order.schema.ts';
import { OrderStore } from './persistence/order.store.ts';
import { AfterSaleResolver } from './schema/after-sale.resolver.ts';
import type { OrdersContext, OrderUseCases } from './schema/context.ts';
import { FulfilmentResolver } from './schema/fulfilment.resolver.ts';
import { createLoaders } from './schema/order.loaders.ts';
import { toCase, toOrder, toReturn, toShipment } from './schema/order.mapping.ts';
import * as resolvers from './schema/order.resolver.ts';
import { OrderSubscriptions } from './schema/order.subscriptions.ts';
import * as types from './schema/order.types.ts';
import { SystemResolver } from './schema/system.resolver.ts';
import * as viewer from './schema/viewer.resolver.ts';
import { carrierWebhook } from './webhooks/carrier.webhook.ts';

const config = z.object({
  /** "keyId:base64 of 32 bytes" pairs, comma separated; the first seals, all open. */
  SEALING_KEYS: z.string().min(1).transform(parseSealingKeys),
  /** Shared with the carriers' aggregator; signs every body it sends. */
  CARRIER_WEBHOOK_SECRET: z.string().min(32, 'expected 32 characters or more'),
});

export const subgraph = defineSubgraph({
  name: 'orders',
  config,
  entities: [
    schemas.OrderSchema,
    schemas.OrderItemSchema,
    schemas.ShipmentSchema,
    schemas.CancelRequestSchema,
    schemas.ReturnSchema,
    schemas.CaseSchema,
    MoneySchema,
  ] as never,
  migrations: [CreateOrder],
  resolvers: [
    resolvers.OrderResolver,
    resolvers.ShipmentResolver,
    resolvers.ShipmentItemResolver,
    resolvers.ReturnResolver,
    resolvers.CaseResolver,
    FulfilmentResolver,
    AfterSaleResolver,
    viewer.ViewerResolver,
    viewer.NotificationResolver,
    viewer.ConversationResolver,
    viewer.PaymentRequestResolver,
    SystemResolver,
    OrderSubscriptions,
  ],
  orphanedTypes: [
    types.OrderType,
    types.OrderItemType,
    types.ShipmentType,
    types.ReturnType,
    types.CaseType,
    types.NotificationType,
    types.PaymentRequestType,
    types.ConversationType,
  ],
  references: references(),
  wire(runtime, { SEALING_KEYS, CARRIER_WEBHOOK_SECRET }) {
    const { transactions, outbox, idempotency, clock, newId, calls, streams } = runtime;
    const store = new OrderStore(transactions, outbox, newId);
    const reads = new OrderQueries(transactions);
    const book = new SealedAddressBook(transactions, new Sealer(SEALING_KEYS));
    const inbox = new StoredCarrierInbox(transactions);
    const given: OrderDependencies = { store, idempotency, clock, newId };
    const useCases: OrderUseCases = {
      ...wireUseCases(given),
      markNotificationsRead: new MarkNotificationsRead(reads, clock),
      watchOrders: new WatchOrders(reads, streams),
    };
    const addresses = new ReadAddresses(book, reads, clock);
    const carrierEvents = new ProcessCarrierEvents(inbox, useCases.recordCarrierUpdate, clock);
    const processCarrierEvents = () => runtime.enqueue('process-carrier-events');
    return {
      contextFor: (request): OrdersContext => ({
        ...request,
        useCases,
        reads,
        loaders: createLoaders(reads, addresses, request.actor),
      }),
      eventHandlers: eventHandlers(given, runtime),
      jobs: [
        job('fetch-addresses', 10, new FetchAddresses(book, new Payments(calls))),
        job('process-carrier-events', 60, carrierEvents),
        ...timers(given),
      ],
      routes: carrierWebhook({
        ...{ inbox, clock, secret: CARRIER_WEBHOOK_SECRET, process: processCarrierEvents },
      }),
    };
  },
});

function references(): Record<string, GuardedReference<OrdersContext>> {
  return {
    Order: reference(signedIn, maySeeOrder, async ({ id }, { loaders }) => {
      const row = await loaders.order.load(id);
      return row && toOrder(row);
    }),
    Shipment: reference(signedIn, maySeeOrder, async ({ id }, { loaders }) => {
      const row = await loaders.shipment.load(id);
      return row && toShipment(row);
    }),
    Return: reference(signedIn, maySeeOrder, async ({ id }, { loaders }) => {
      const row = await loaders.return.load(id);
      const order = row && (await loaders.order.load(row.orderId));
      return row && order ? toReturn(row, order.total.currency) : null;
    }),
    Case: reference(signedIn, maySeeOrder, async ({ id }, { loaders }) => {
      const row = await loaders.case.load(id);
      const order = row && (await loaders.order.load(row.orderId));
      return row && order ? toCase(row, order.total.currency) : null;
    }),
    // Their orders are asked for one by one, and only those that the actor may see are found.
    PaymentRequest: reference(signedIn, maySeeOrder, ({ id }) => ({ id })),
    Conversation: reference(signedIn, maySeeOrder, ({ id }) => ({ id })),
    Viewer: reference(members, isMember, ({ id }, { actor }) =>
      isMember(actor, id) ? { id } : null,
    ),
  };
}

function wireUseCases(
  given: OrderDependencies,
): Omit<OrderUseCases, 'markNotificationsRead' | 'watchOrders'> {
  return {
    markSent: new MarkSent(given),
    voidShipment: new VoidShipment(given),
    recordCarrierUpdate: new RecordCarrierUpdate(given),
    confirmDelivery: new ConfirmDelivery(given),
    cancelOrder: new CancelOrder(given),
    requestCancellation: new RequestCancellation(given),
    answerCancellation: new AnswerCancellation(given),
    requestReturn: new RequestReturn(given),
    approveReturn: new ApproveReturn(given),
    declineReturn: new DeclineReturn(given),
    markReturnSent: new MarkReturnSent(given),
    markReturnReceived: new MarkReturnReceived(given),
    openCase: new OpenCase(given),
    answerCase: new AnswerCase(given),
    escalateCase: new EscalateCase(given),
    closeCase: new CloseCase(given),
    decideCase: new DecideCase(given),
    appealCase: new AppealCase(given),
  };
}

function eventHandlers(given: OrderDependencies, runtime: Runtime) {
  const followPayment = new FollowPayment(given);
  const placeOrder = new PlaceOrder(given, () => runtime.wake('fetch-addresses'));
  return [
    onPaymentCaptured(placeOrder),
    onPaymentRefunded(followPayment),
    onRefundFailed(followPayment),
    onRefundCancelled(followPayment),
    onDisputeChanged(followPayment),
    onDisbursementChanged(followPayment),
    onStockConversionFailed(new CancelForLackOfStock(given)),
  ];
}

function timers(given: OrderDependencies) {
  return [
    job('release-holds', 5, new ReleaseHolds(given)),
    job('cancel-never-sent', 60, new CancelNeverSent(given)),
    job('complete-orders', 60, new CompleteOrders(given)),
    job('lapse-cancel-requests', 60, new LapseCancelRequests(given)),
    job('approve-unanswered-returns', 60, new ApproveUnansweredReturns(given)),
    job('lapse-unsent-returns', 60, new LapseUnsentReturns(given)),
    job('move-silent-cases', 60, new MoveSilentCases(given)),
  ];
}

function job(name: string, everySeconds: number, work: { execute(): Promise<void> }) {
  return { name, everySeconds, run: () => work.execute() };
}
