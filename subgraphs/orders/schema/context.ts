import type { BaseContext } from '../../kernel/subgraph.ts';
import type { CancelOrder } from '../application/cancel-order.ts';
import type {
  AnswerCase,
  AppealCase,
  CloseCase,
  DecideCase,
  EscalateCase,
  OpenCase,
} from '../application/cases.ts';
import type { MarkNotificationsRead } from '../application/mark-notifications-read.ts';
import type { MarkSent } from '../application/mark-sent.ts';
import type { OrderReads } from '../application/reads.ts';
import type { ConfirmDelivery, RecordCarrierUpdate } from '../application/record-carrier-update.ts';
import type {
  AnswerCancellation,
  RequestCancellation,
} from '../application/request-cancellation.ts';
import type {
  ApproveReturn,
  DeclineReturn,
  MarkReturnReceived,
  MarkReturnSent,
  RequestReturn,
} from '../application/returns.ts';
import type { VoidShipment } from '../application/void-shipment.ts';
import type { WatchOrders } from '../application/watch-orders.ts';
import type { OrderLoaders } from './order.loaders.ts';

export interface OrderUseCases {
  readonly markSent: MarkSent;
  readonly voidShipment: VoidShipment;
  readonly recordCarrierUpdate: RecordCarrierUpdate;
  readonly confirmDelivery: ConfirmDelivery;
  readonly cancelOrder: CancelOrder;
  readonly requestCancellation: RequestCancellation;
  readonly answerCancellation: AnswerCancellation;
  readonly requestReturn: RequestReturn;
  readonly approveReturn: ApproveReturn;
  readonly declineReturn: DeclineReturn;
  readonly markReturnSent: MarkReturnSent;
  readonly markReturnReceived: MarkReturnReceived;
  readonly openCase: OpenCase;
  readonly answerCase: AnswerCase;
  readonly escalateCase: EscalateCase;
  readonly closeCase: CloseCase;
  readonly decideCase: DecideCase;
  readonly appealCase: AppealCase;
  readonly markNotificationsRead: MarkNotificationsRead;
  readonly watchOrders: WatchOrders;
}

export interface OrdersContext extends BaseContext {
  readonly useCases: OrderUseCases;
  readonly reads: OrderReads;
  readonly loaders: OrderLoaders;
}
