import { z } from 'zod';
import { reference } from '../kernel/graphql/guarded-by.ts';
import { MoneySchema } from '../kernel/persistence/money.schema.ts';
import { actsForSeller, members, signedIn } from '../kernel/policy.ts';
import { parseSealingKeys, Sealer } from '../kernel/sealing.ts';
import { defineSubgraph } from '../kernel/subgraph.ts';
import { AcceptDispute } from './application/accept-dispute.ts';
import { AdoptRefund } from './application/adopt-refund.ts';
import { AnswerDisputes } from './application/answer-disputes.ts';
import { CheckoutListing } from './application/checkout-listing.ts';
import { CompletePaymentMethodSetup } from './application/complete-payment-method-setup.ts';
import { DeclinePaymentRequest } from './application/decline-payment-request.ts';
import { ExpirePaymentRequests } from './application/expire-payment-requests.ts';
import { FollowDisputes } from './application/follow-disputes.ts';
import { ForwardTracking } from './application/forward-tracking.ts';
import { KeepBooks } from './application/keep-books.ts';
import { OperatePayments } from './application/operate-payments.ts';
import { PayPaymentRequest } from './application/pay-payment-request.ts';
import { PreviewRefund } from './application/preview-refund.ts';
import { ProcessWebhook } from './application/process-webhook.ts';
import { ReadBalance } from './application/read-balance.ts';
import { ReadBooks } from './application/read-books.ts';
import { ReadDisputes } from './application/read-disputes.ts';
import { ReadPayments } from './application/read-payments.ts';
import { ReconcileAttempts } from './application/reconcile-attempts.ts';
import { ReconcileBooks } from './application/reconcile-books.ts';
import { ReconcileByHand } from './application/reconcile-by-hand.ts';
import { RecoverWebhooks } from './application/recover-webhooks.ts';
import { RefundPayment } from './application/refund-payment.ts';
import { ReleaseDue } from './application/release-due.ts';
import { RemovePaymentMethod } from './application/remove-payment-method.ts';
import { RetryRefund } from './application/retry-refund.ts';
import { ScheduleRelease } from './application/schedule-release.ts';
import { SendPaymentRequest } from './application/send-payment-request.ts';
import { SettleAttempt } from './application/settle-attempt.ts';
import { StartPaymentMethodSetup } from './application/start-payment-method-setup.ts';
import { ViewPaymentRequest } from './application/view-payment-request.ts';
import { ReadAlarms, WatchBackstop } from './application/watch-backstop.ts';
import { WatchPaymentRequest } from './application/watch-payment-request.ts';
import { WithdrawPaymentRequest } from './application/withdraw-payment-request.ts';
import { maySeeMethod, maySeeRequest } from './domain/payment-request.policy.ts';
import { onOrderEvents } from './events/on-order-events.ts';
import { onSellerStandingChanged } from './events/on-seller-standing-changed.ts';
import { onShipments } from './events/on-shipments.ts';
import { requestTopic } from './events/published.ts';
import { CatalogNeighbour } from './neighbours/catalog.ts';
import { ConversationsNeighbour } from './neighbours/conversations.ts';
import { EvidenceNeighbours } from './neighbours/evidence.ts';
import { SellersNeighbour } from './neighbours/sellers.ts';
import { SealedAddresses } from './persistence/address-sealer.ts';
import { StoredBackstop } from './persistence/backstop.store.ts';
import { StoredBooks } from './persistence/books.reads.ts';
import { DisputeSchema } from './persistence/dispute.schema.ts';
import { StoredDisputes } from './persistence/dispute.store.ts';
import { CreatePayments } from './persistence/migrations/0001-create-payments.ts';
import { CreateMoney } from './persistence/migrations/0010-create-money.ts';
import { GuardMoney } from './persistence/migrations/0011-guard-money.ts';
import { PlatformFee } from './persistence/migrations/0012-platform-fee.ts';
import { CreateDisputes } from './persistence/migrations/0013-create-disputes.ts';
import { WatchMoney } from './persistence/migrations/0014-watch-money.ts';
import { PayeeOfPayment } from './persistence/migrations/0015-payee-of-payment.ts';
import { CreateOperations } from './persistence/migrations/0020-create-operations.ts';
import { CancelRefunds } from './persistence/migrations/0021-cancel-refunds.ts';
import { WebhooksWait } from './persistence/migrations/0022-webhooks-wait.ts';
import { ForgetMethods } from './persistence/migrations/0023-forget-methods.ts';
import { RefundAnew } from './persistence/migrations/0024-refund-anew.ts';
import { WatchOrders } from './persistence/migrations/0025-watch-orders.ts';
import { AskLessOften } from './persistence/migrations/0026-ask-less-often.ts';
import { LookInTurn } from './persistence/migrations/0027-look-in-turn.ts';
import { ReleaseAnew } from './persistence/migrations/0028-release-anew.ts';
import { DisbursementSchema, RefundSchema } from './persistence/money.schemas.ts';
import { StoredMoney } from './persistence/money.store.ts';
import { StoredOperations } from './persistence/operations.store.ts';
import { StoredPaymentReads } from './persistence/payment.reads.ts';
import {
  PaymentAttemptSchema,
  PaymentMethodSchema,
  PaymentSchema,
} from './persistence/payment.schema.ts';
import { PaymentStore } from './persistence/payment.store.ts';
import { PaymentRequestSchema } from './persistence/payment-request.schema.ts';
import { StoredTracking, TrackingSchema } from './persistence/tracking.store.ts';
import { PayPalCaptureGateway } from './processor/paypal/paypal-capture.gateway.ts';
import { PayPalClient } from './processor/paypal/paypal-client.ts';
import { PayPalProcessor } from './processor/paypal/paypal-processor.ts';
import { PayPalVault } from './processor/paypal/paypal-vault.ts';
import { WebhookVerifier } from './processor/paypal/webhook-verifier.ts';
import { BooksResolver } from './schema/books.resolver.ts';
import type { PaymentsContext } from './schema/context.ts';
import { DisputeResolver } from './schema/dispute.resolver.ts';
import { DisputeType } from './schema/dispute.types.ts';
import { MoneyResolver, RefundType, SellerAccountWithBalance } from './schema/money.resolver.ts';
import { OperationsResolver } from './schema/operations.resolver.ts';
import { createLoaders } from './schema/payment.loaders.ts';
import { toMethod, toPayment, toRequest } from './schema/payment.mapping.ts';
import {
  ConversationReference,
  PaymentMethodType,
  PaymentRequestType,
  PaymentType,
  ViewerType,
} from './schema/payment.types.ts';
import { PaymentMethodResolver } from './schema/payment-method.resolver.ts';
import {
  ConversationResolver,
  PaymentRequestResolver,
  PaymentResolver,
  ViewerResolver,
} from './schema/payment-request.resolver.ts';
import { PaymentRequestSubscriptions } from './schema/payment-request.subscriptions.ts';
import { paypalWebhook } from './webhooks/paypal.webhook.ts';

const config = z.object({
  PAYPAL_URL: z.url(),
  PAYPAL_CLIENT_ID: z.string().min(1),
  PAYPAL_CLIENT_SECRET: z.string().min(1),
  PAYPAL_PARTNER_ID: z.string().min(1),
  /** PayPal's id of our webhook: one that is meant for another is refused. */
  PAYPAL_WEBHOOK_ID: z.string().min(1),
  /** Only where PAYPAL_URL is a local simulator: its own certificate is then taken without a chain. */
  PAYPAL_SIMULATOR_ORIGIN: z.url().optional(),
  PAYPAL_ATTRIBUTION_ID: z.string().max(36).optional(),
  /** Where a buyer's browser returns to from PayPal's page. */
  PAYPAL_RETURN_URL: z.url().default('https://parley.example/paypal/return'),
  SEALING_KEYS: z.string().transform((text, context) => {
    try {
      return parseSealingKeys(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  }),
});

export const subgraph = defineSubgraph({
  name: 'payments',
  config,
  entities: [
    MoneySchema,
    PaymentRequestSchema,
    PaymentAttemptSchema,
    PaymentSchema,
    PaymentMethodSchema,
    DisbursementSchema,
    RefundSchema,
    DisputeSchema,
    TrackingSchema,
  ] as never,
  migrations: [
    CreatePayments,
    CreateMoney,
    GuardMoney,
    PlatformFee,
    CreateDisputes,
    WatchMoney,
    PayeeOfPayment,
    CreateOperations,
    CancelRefunds,
    WebhooksWait,
    ForgetMethods,
    RefundAnew,
    WatchOrders,
    AskLessOften,
    LookInTurn,
    ReleaseAnew,
  ],
  resolvers: [
    PaymentRequestResolver,
    PaymentResolver,
    PaymentMethodResolver,
    ViewerResolver,
    ConversationResolver,
    PaymentRequestSubscriptions,
    MoneyResolver,
    OperationsResolver,
    DisputeResolver,
    BooksResolver,
  ],
  orphanedTypes: [
    PaymentRequestType,
    PaymentType,
    PaymentMethodType,
    ViewerType,
    ConversationReference,
    SellerAccountWithBalance,
    RefundType,
    DisputeType,
  ],
  references: {
    PaymentRequest: reference<PaymentsContext>(
      signedIn,
      maySeeRequest,
      async ({ id }, { loaders }) => {
        const request = await loaders.request.load(id);
        return request && toRequest(request);
      },
    ),
    Payment: reference<PaymentsContext>(signedIn, maySeeRequest, async ({ id }, { loaders }) => {
      const payment = await loaders.payment.load(id);
      return payment && toPayment(payment);
    }),
    PaymentMethod: reference<PaymentsContext>(
      members,
      maySeeMethod,
      async ({ id }, { loaders }) => {
        const method = await loaders.method.load(id);
        return method && toMethod(method);
      },
    ),
    SellerAccount: reference<PaymentsContext>(signedIn, null, ({ id }, { actor }) =>
      actsForSeller(actor, id) || actor.kind === 'support' ? { id } : null,
    ),
    Refund: reference<PaymentsContext>(signedIn, maySeeRequest, ({ id }, { actor, useCases }) =>
      useCases.refundPayment.visible(id, actor),
    ),
    Dispute: reference<PaymentsContext>(signedIn, maySeeRequest, ({ id }, { actor, useCases }) =>
      useCases.readDisputes.one(id, actor),
    ),
    Viewer: reference<PaymentsContext>(members, null, ({ id }, { actor }) =>
      actor.kind === 'member' && actor.userId === id ? { id } : null,
    ),
    Conversation: reference<PaymentsContext>(signedIn, maySeeRequest, ({ id }) => ({ id })),
  },
  wire(runtime, settings) {
    const client = new PayPalClient({
      baseUrl: settings.PAYPAL_URL.replace(/\/$/, ''),
      clientId: settings.PAYPAL_CLIENT_ID,
      clientSecret: settings.PAYPAL_CLIENT_SECRET,
      attributionId: settings.PAYPAL_ATTRIBUTION_ID ?? null,
    });
    const { newId, idempotency } = runtime;
    const store = new PaymentStore(runtime.transactions, runtime.outbox, runtime.clock);
    const gateway = new PayPalCaptureGateway(client);
    const vault = new PayPalVault(client, settings.PAYPAL_RETURN_URL);
    const catalog = new CatalogNeighbour(runtime.calls);
    const sellers = new SellersNeighbour(runtime.calls);
    const conversations = new ConversationsNeighbour(runtime.calls);
    const sealer = new SealedAddresses(new Sealer(settings.SEALING_KEYS));
    const money = new StoredMoney(runtime.transactions, runtime.outbox, runtime.clock);
    const books = new KeepBooks(money, newId);
    const settle = new SettleAttempt(store, books, gateway, catalog, newId);
    const pause = (milliseconds: number) =>
      new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
    const pay = new PayPaymentRequest(
      store,
      catalog,
      sellers,
      gateway,
      settle,
      sealer,
      idempotency,
      newId,
      pause,
    );
    const reconcile = new ReconcileAttempts(store, gateway, settle);
    const expire = new ExpirePaymentRequests(store);
    const processor = new PayPalProcessor(client, {
      partnerId: settings.PAYPAL_PARTNER_ID,
      verifier: new WebhookVerifier({
        webhookId: settings.PAYPAL_WEBHOOK_ID,
        simulatorOrigin: settings.PAYPAL_SIMULATOR_ORIGIN ?? null,
      }),
    });
    const schedule = new ScheduleRelease(money);
    const release = new ReleaseDue(money, processor);
    const refunds = new RefundPayment(money, processor, idempotency, release);
    const disputes = new StoredDisputes(runtime.transactions, runtime.outbox, money);
    const follow = new FollowDisputes(disputes, processor, release);
    const answer = new AnswerDisputes(
      disputes,
      processor,
      new EvidenceNeighbours(runtime.calls),
      follow,
    );
    const webhooks = new ProcessWebhook(money, processor, reconcile, follow);
    const operations = new StoredOperations(runtime.transactions, runtime.clock, newId);
    const reconcileBooks = new ReconcileBooks(
      operations,
      processor,
      gateway,
      reconcile,
      new AdoptRefund(money, processor, release),
    );
    const operatePayments = new OperatePayments(operations, money, schedule);
    const reconcileByHand = new ReconcileByHand(operations, operatePayments, reconcileBooks);
    const wakeWebhooks = () => runtime.wake('process-webhooks');
    const recoverWebhooks = new RecoverWebhooks(
      operations,
      operatePayments,
      money,
      processor,
      wakeWebhooks,
    );
    const tracking = new ForwardTracking(
      new StoredTracking(runtime.transactions, runtime.clock),
      processor,
    );
    const alarms = new StoredBackstop(runtime.transactions, money);
    const backstop = new WatchBackstop(alarms, refunds, release, {
      ring: (alarm) => runtime.logger.error({ alarm }, 'held money comes near its deadline'),
    });
    const removeMethod = new RemovePaymentMethod(store, vault);
    const useCases = {
      operatePayments,
      reconcileByHand,
      recoverWebhooks,
      retryRefund: new RetryRefund(money, operatePayments, refunds),
      sendPaymentRequest: new SendPaymentRequest(
        store,
        catalog,
        conversations,
        sellers,
        idempotency,
        newId,
      ),
      payPaymentRequest: pay,
      checkoutListing: new CheckoutListing(store, catalog, sellers, pay, idempotency, newId),
      withdrawPaymentRequest: new WithdrawPaymentRequest(store),
      declinePaymentRequest: new DeclinePaymentRequest(store),
      viewPaymentRequest: new ViewPaymentRequest(store),
      watchPaymentRequest: new WatchPaymentRequest(store, requestTopic),
      startPaymentMethodSetup: new StartPaymentMethodSetup(store, vault, idempotency, newId),
      completePaymentMethodSetup: new CompletePaymentMethodSetup(store, vault),
      removePaymentMethod: removeMethod,
      readBalance: new ReadBalance(money),
      refundPayment: refunds,
      previewRefund: new PreviewRefund(money),
      readBooks: new ReadBooks(new StoredBooks(runtime.transactions, runtime.clock)),
      readAlarms: new ReadAlarms(alarms),
      readDisputes: new ReadDisputes(disputes),
      acceptDispute: new AcceptDispute(disputes, processor, follow, idempotency),
      readPayments: new ReadPayments(new StoredPaymentReads(runtime.transactions), sealer),
    };
    return {
      contextFor: (request): PaymentsContext => ({
        ...request,
        useCases,
        loaders: createLoaders(useCases.readPayments, useCases.readDisputes, request.actor),
      }),
      eventHandlers: [
        ...onOrderEvents(money, schedule, refunds),
        ...onShipments(tracking),
        onSellerStandingChanged(schedule),
      ],
      routes: (app) => paypalWebhook(app, webhooks, wakeWebhooks),
      jobs: [
        { name: 'release-due', everySeconds: 5, run: async () => void (await release.execute()) },
        { name: 'carry-out-refunds', everySeconds: 2, run: () => refunds.runDue() },
        { name: 'forward-tracking', everySeconds: 5, run: () => tracking.runDue() },
        { name: 'watch-backstop', everySeconds: 300, run: () => backstop.runDue() },
        { name: 'follow-disputes', everySeconds: 30, run: () => follow.runDue() },
        { name: 'answer-disputes', everySeconds: 5, run: () => answer.runDue() },
        { name: 'process-webhooks', everySeconds: 5, run: () => webhooks.runDue() },
        {
          name: 'expire-payment-requests',
          everySeconds: 10,
          run: async () => void (await expire.execute()),
        },
        {
          name: 'reconcile-attempts',
          everySeconds: 10,
          run: async () => void (await reconcile.execute()),
        },
        { name: 'forget-payment-methods', everySeconds: 10, run: () => removeMethod.runDue() },
        { name: 'open-findings', everySeconds: 60, run: () => reconcileByHand.openTasks() },
        { name: 'recover-webhooks', everySeconds: 3_600, run: () => recoverWebhooks.run() },
        { name: 'reconcile-books', everySeconds: 3_600, run: () => reconcileByHand.run() },
        {
          name: 'prune-idempotency-keys',
          everySeconds: 3_600,
          run: async () => void (await idempotency.prune()),
        },
      ],
    };
  },
});
