import { ConvertHold } from '../../../subgraphs/catalog/application/convert-hold.ts';
import { ExpireHolds } from '../../../subgraphs/catalog/application/expire-holds.ts';
import { HoldStock } from '../../../subgraphs/catalog/application/hold-stock.ts';
import type { CatalogStore } from '../../../subgraphs/catalog/application/ports.ts';
import { ReleaseStock } from '../../../subgraphs/catalog/application/release-stock.ts';
import { SettleAllocation } from '../../../subgraphs/catalog/application/settle-allocation.ts';
import { SnapshotListings } from '../../../subgraphs/catalog/application/snapshot-listings.ts';
import { onOrderCancelled } from '../../../subgraphs/catalog/events/on-order-cancelled.ts';
import { onPaymentCaptured as onCapturedInCatalog } from '../../../subgraphs/catalog/events/on-payment-captured.ts';
import { onReturnReceived } from '../../../subgraphs/catalog/events/on-return-received.ts';
import { onShipmentSent } from '../../../subgraphs/catalog/events/on-shipment-sent.ts';
import { Consumer, type EventHandler } from '../../../subgraphs/kernel/events/consumer.ts';
import { Relay } from '../../../subgraphs/kernel/events/relay.ts';
import type { NewId } from '../../../subgraphs/kernel/ids.ts';
import type { Logger } from '../../../subgraphs/kernel/logger.ts';
import { CancelOrder } from '../../../subgraphs/orders/application/cancel-order.ts';
import { DecideCase, OpenCase } from '../../../subgraphs/orders/application/cases.ts';
import { FollowPayment } from '../../../subgraphs/orders/application/follow-payment.ts';
import { MarkSent } from '../../../subgraphs/orders/application/mark-sent.ts';
import {
  CancelForLackOfStock,
  PlaceOrder,
} from '../../../subgraphs/orders/application/place-order.ts';
import {
  ConfirmDelivery,
  RecordCarrierUpdate,
} from '../../../subgraphs/orders/application/record-carrier-update.ts';
import {
  AnswerCancellation,
  RequestCancellation,
} from '../../../subgraphs/orders/application/request-cancellation.ts';
import {
  ApproveReturn,
  MarkReturnReceived,
  MarkReturnSent,
  RequestReturn,
} from '../../../subgraphs/orders/application/returns.ts';
import {
  ApproveUnansweredReturns,
  CancelNeverSent,
  CompleteOrders,
  LapseCancelRequests,
  LapseUnsentReturns,
  MoveSilentCases,
  ReleaseHolds,
} from '../../../subgraphs/orders/application/timers.ts';
import { VoidShipment } from '../../../subgraphs/orders/application/void-shipment.ts';
import {
  onDisbursementChanged,
  onDisputeChanged,
  onPaymentCaptured,
  onPaymentRefunded,
  onRefundCancelled,
  onRefundFailed,
  onStockConversionFailed,
} from '../../../subgraphs/orders/events/on-payment-events.ts';
import { CheckoutListing } from '../../../subgraphs/payments/application/checkout-listing.ts';
import { DeclinePaymentRequest } from '../../../subgraphs/payments/application/decline-payment-request.ts';
import { ExpirePaymentRequests } from '../../../subgraphs/payments/application/expire-payment-requests.ts';
import { FollowDisputes } from '../../../subgraphs/payments/application/follow-disputes.ts';
import { KeepBooks } from '../../../subgraphs/payments/application/keep-books.ts';
import { PayPaymentRequest } from '../../../subgraphs/payments/application/pay-payment-request.ts';
import type {
  AddressSealer,
  Catalog,
  Conversations,
  Sellers,
} from '../../../subgraphs/payments/application/ports.ts';
import { ProcessWebhook } from '../../../subgraphs/payments/application/process-webhook.ts';
import { ReconcileAttempts } from '../../../subgraphs/payments/application/reconcile-attempts.ts';
import { RefundPayment } from '../../../subgraphs/payments/application/refund-payment.ts';
import { ReleaseDue } from '../../../subgraphs/payments/application/release-due.ts';
import { ScheduleRelease } from '../../../subgraphs/payments/application/schedule-release.ts';
import { SendPaymentRequest } from '../../../subgraphs/payments/application/send-payment-request.ts';
import { SettleAttempt } from '../../../subgraphs/payments/application/settle-attempt.ts';
import { ViewPaymentRequest } from '../../../subgraphs/payments/application/view-payment-request.ts';
import { WatchBackstop } from '../../../subgraphs/payments/application/watch-backstop.ts';
import { WithdrawPaymentRequest } from '../../../subgraphs/payments/application/withdraw-payment-request.ts';
import { onOrderEvents } from '../../../subgraphs/payments/events/on-order-events.ts';
import { onSellerStandingChanged } from '../../../subgraphs/payments/events/on-seller-standing-changed.ts';
import { PayPalCaptureGateway } from '../../../subgraphs/payments/processor/paypal/paypal-capture.gateway.ts';
import { PayPalClient } from '../../../subgraphs/payments/processor/paypal/paypal-client.ts';
import type { PayPalNetwork } from '../../../subgraphs/payments/processor/paypal/paypal-network.ts';
import { PayPalProcessor } from '../../../subgraphs/payments/processor/paypal/paypal-processor.ts';
import type { WebhookVerifier } from '../../../subgraphs/payments/processor/paypal/webhook-verifier.ts';
import type { CatalogGround, Ground, OrdersGround, PaymentsGround, SimClock } from '../storage.ts';

// Each subgraph's process as its server.ts joins it, less its doors.

export type Jobs = ReadonlyMap<string, () => Promise<void>>;

/** Header of a delivery that PayPal did not sign. */
export const FORGED = 'x-forged';

interface Common {
  readonly newId: NewId;
  readonly clock: SimClock;
  readonly logger: Logger;
}

/** Moves events out of and into one process. */
export interface Messenger {
  readonly relay: Relay;
  readonly consumer: Consumer;
  /** Types of events that are listened to. */
  readonly handles: readonly string[];
}

function messenger(
  name: string,
  ground: Ground,
  handlers: readonly EventHandler[],
  logger: Logger,
): Messenger {
  const { transactions, relayed, transport, outbox } = ground;
  const relay = new Relay(name, relayed, transport, logger);
  outbox.onAppended(() => relay.wake());
  const consumer = new Consumer(name, handlers, transactions, transport, logger);
  return { relay, consumer, handles: handlers.map(({ type }) => type) };
}

export function paymentsProcess(
  ground: PaymentsGround,
  given: Common & {
    readonly network: PayPalNetwork;
    readonly catalog: Catalog;
    readonly sellers: Sellers;
    readonly conversations: Conversations;
  },
) {
  const { requests, money, disputes, backstop, idempotency } = ground;
  const { newId, clock, catalog, sellers, conversations, logger } = given;
  const settings = {
    ...{ baseUrl: 'https://paypal.test', clientId: 'id', clientSecret: 'secret' },
    attributionId: null,
  };
  const client = new PayPalClient(settings, () => clock.now().getTime(), given.network);
  const gateway = new PayPalCaptureGateway(client);
  const processor = new PayPalProcessor(client, { partnerId: 'PARTNER', verifier });
  const books = new KeepBooks(money, newId);
  const settle = new SettleAttempt(requests, books, gateway, catalog, newId);
  const pause = (milliseconds: number) =>
    new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
  const pay = new PayPaymentRequest(
    requests,
    catalog,
    sellers,
    gateway,
    settle,
    sealer,
    idempotency,
    newId,
    pause,
  );
  const reconcile = new ReconcileAttempts(requests, gateway, settle);
  const expire = new ExpirePaymentRequests(requests);
  const schedule = new ScheduleRelease(money);
  const release = new ReleaseDue(money, processor);
  const refund = new RefundPayment(money, processor, idempotency, release);
  const follow = new FollowDisputes(disputes, processor, release);
  const webhooks = new ProcessWebhook(money, processor, reconcile, follow);
  const watch = new WatchBackstop(backstop, refund, release, { ring: () => {} });
  const handlers = [...onOrderEvents(money, schedule, refund), onSellerStandingChanged(schedule)];
  return {
    requests,
    pay,
    checkout: new CheckoutListing(requests, catalog, sellers, pay, idempotency, newId),
    send: new SendPaymentRequest(requests, catalog, conversations, sellers, idempotency, newId),
    withdraw: new WithdrawPaymentRequest(requests),
    decline: new DeclinePaymentRequest(requests),
    view: new ViewPaymentRequest(requests),
    refund,
    webhooks,
    ...messenger('payments', ground, handlers, logger),
    jobs: new Map<string, () => Promise<unknown>>([
      ['release-due', () => release.execute()],
      ['carry-out-refunds', () => refund.runDue()],
      ['process-webhooks', () => webhooks.runDue()],
      ['follow-disputes', () => follow.runDue()],
      ['watch-backstop', () => watch.runDue()],
      ['expire-payment-requests', () => expire.execute()],
      ['reconcile-attempts', () => reconcile.execute()],
    ]) as Jobs,
  };
}

export function ordersProcess(ground: OrdersGround, { newId, clock, logger }: Common) {
  const { orders: store, idempotency } = ground;
  const given = { store, idempotency, clock, newId };
  const followPayment = new FollowPayment(given);
  const handlers = [
    onPaymentCaptured(new PlaceOrder(given, async () => {})),
    onPaymentRefunded(followPayment),
    onRefundFailed(followPayment),
    onRefundCancelled(followPayment),
    onDisputeChanged(followPayment),
    onDisbursementChanged(followPayment),
    onStockConversionFailed(new CancelForLackOfStock(given)),
  ];
  const timers = {
    'release-holds': new ReleaseHolds(given),
    'cancel-never-sent': new CancelNeverSent(given),
    'complete-orders': new CompleteOrders(given),
    'lapse-cancel-requests': new LapseCancelRequests(given),
    'approve-unanswered-returns': new ApproveUnansweredReturns(given),
    'lapse-unsent-returns': new LapseUnsentReturns(given),
    'move-silent-cases': new MoveSilentCases(given),
  };
  return {
    markSent: new MarkSent(given),
    voidShipment: new VoidShipment(given),
    carrier: new RecordCarrierUpdate(given),
    confirmDelivery: new ConfirmDelivery(given),
    cancel: new CancelOrder(given),
    askToCancel: new RequestCancellation(given),
    answerCancel: new AnswerCancellation(given),
    askReturn: new RequestReturn(given),
    approveReturn: new ApproveReturn(given),
    sendReturn: new MarkReturnSent(given),
    receiveReturn: new MarkReturnReceived(given),
    openCase: new OpenCase(given),
    decideCase: new DecideCase(given),
    ...messenger('orders', ground, handlers, logger),
    jobs: new Map(
      Object.entries(timers).map(([name, timer]) => [name, () => timer.execute()]),
    ) as Jobs,
  };
}

export function catalogProcess(ground: CatalogGround, { newId, logger }: Common) {
  const { catalog: store } = ground;
  const snapshots = new SnapshotListings(store);
  const settle = new SettleAllocation(store);
  const expire = new ExpireHolds(store);
  const handlers = [
    onCapturedInCatalog(new ConvertHold(store, newId)),
    onOrderCancelled(settle),
    onShipmentSent(settle),
    onReturnReceived(settle),
  ];
  return {
    store: store as CatalogStore,
    snapshots,
    hold: new HoldStock(store, snapshots, newId),
    releaseStock: new ReleaseStock(store),
    ...messenger('catalog', ground, handlers, logger),
    jobs: new Map([['expire-stock-holds', () => expire.execute()]]) as Jobs,
  };
}

// Signatures are not what is simulated; that an unsigned delivery has no effect is.
const verifier = {
  refusal: async (headers: Readonly<Record<string, string | undefined>>) =>
    headers[FORGED] ? 'SIGNATURE_INVALID' : null,
} as unknown as WebhookVerifier;

const sealer: AddressSealer = {
  seal: (address) => JSON.stringify(address),
  open: (sealed) => JSON.parse(sealed),
};

export type PaymentsProcess = ReturnType<typeof paymentsProcess>;
export type OrdersProcess = ReturnType<typeof ordersProcess>;
export type CatalogProcess = ReturnType<typeof catalogProcess>;
