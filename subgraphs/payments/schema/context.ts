import type { BaseContext } from '../../kernel/subgraph.ts';
import type { AcceptDispute } from '../application/accept-dispute.ts';
import type { CheckoutListing } from '../application/checkout-listing.ts';
import type { CompletePaymentMethodSetup } from '../application/complete-payment-method-setup.ts';
import type { DeclinePaymentRequest } from '../application/decline-payment-request.ts';
import type { OperatePayments } from '../application/operate-payments.ts';
import type { PayPaymentRequest } from '../application/pay-payment-request.ts';
import type { PreviewRefund } from '../application/preview-refund.ts';
import type { ReadBalance } from '../application/read-balance.ts';
import type { ReadBooks } from '../application/read-books.ts';
import type { ReadDisputes } from '../application/read-disputes.ts';
import type { ReadPayments } from '../application/read-payments.ts';
import type { ReconcileByHand } from '../application/reconcile-by-hand.ts';
import type { RecoverWebhooks } from '../application/recover-webhooks.ts';
import type { RefundPayment } from '../application/refund-payment.ts';
import type { RemovePaymentMethod } from '../application/remove-payment-method.ts';
import type { RetryRefund } from '../application/retry-refund.ts';
import type { SendPaymentRequest } from '../application/send-payment-request.ts';
import type { StartPaymentMethodSetup } from '../application/start-payment-method-setup.ts';
import type { ViewPaymentRequest } from '../application/view-payment-request.ts';
import type { ReadAlarms } from '../application/watch-backstop.ts';
import type { WatchPaymentRequest } from '../application/watch-payment-request.ts';
import type { WithdrawPaymentRequest } from '../application/withdraw-payment-request.ts';
import type { PaymentLoaders } from './payment.loaders.ts';

export interface PaymentUseCases {
  readonly sendPaymentRequest: SendPaymentRequest;
  readonly payPaymentRequest: PayPaymentRequest;
  readonly checkoutListing: CheckoutListing;
  readonly withdrawPaymentRequest: WithdrawPaymentRequest;
  readonly declinePaymentRequest: DeclinePaymentRequest;
  readonly viewPaymentRequest: ViewPaymentRequest;
  readonly watchPaymentRequest: WatchPaymentRequest;
  readonly startPaymentMethodSetup: StartPaymentMethodSetup;
  readonly completePaymentMethodSetup: CompletePaymentMethodSetup;
  readonly removePaymentMethod: RemovePaymentMethod;
  readonly readPayments: ReadPayments;
  readonly readBalance: ReadBalance;
  readonly refundPayment: RefundPayment;
  readonly operatePayments: OperatePayments;
  readonly reconcileByHand: ReconcileByHand;
  readonly recoverWebhooks: RecoverWebhooks;
  readonly retryRefund: RetryRefund;
  readonly readDisputes: ReadDisputes;
  readonly acceptDispute: AcceptDispute;
  readonly previewRefund: PreviewRefund;
  readonly readBooks: ReadBooks;
  readonly readAlarms: ReadAlarms;
}

export interface PaymentsContext extends BaseContext {
  readonly useCases: PaymentUseCases;
  readonly loaders: PaymentLoaders;
}
