import { z } from 'zod';
import { reference } from '../kernel/graphql/guarded-by.ts';
import { MoneySchema } from '../kernel/persistence/money.schema.ts';
import { isMember, members, signedIn } from '../kernel/policy.ts';
import { defineSubgraph, type Runtime } from '../kernel/subgraph.ts';
import {
  AcceptConversation,
  ArchiveConversation,
  BlockConversation,
  CloseConversation,
  FreezeConversation,
  MarkConversationDelivered,
  MarkConversationRead,
  MuteConversation,
  UnblockConversation,
} from './application/change-conversation.ts';
import { DeleteMessage, EditMessage, ReportMessage } from './application/change-message.ts';
import { OpenConversation } from './application/open-conversation.ts';
import { OpenConversationForOrder } from './application/open-conversation-for-order.ts';
import { SendMessage } from './application/send-message.ts';
import { RememberTrade, TellInThread } from './application/tell-in-thread.ts';
import { WatchConversation } from './application/watch-conversation.ts';
import { maySeeBuyer, maySeeConversation } from './domain/conversation.policy.ts';
import { onToldEvents } from './events/on-told-events.ts';
import { Catalog } from './neighbours/catalog.ts';
import { SellerAccounts } from './neighbours/seller-accounts.ts';
import { ConversationQueries } from './persistence/conversation.reads.ts';
import {
  ConversationSchema,
  MemberSchema,
  MessageSchema,
} from './persistence/conversation.schema.ts';
import { ConversationStore } from './persistence/conversation.store.ts';
import { CreateConversation } from './persistence/migrations/0001-create-conversation.ts';
import type { ConversationsContext, ConversationUseCases } from './schema/context.ts';
import { createLoaders } from './schema/conversation.loaders.ts';
import { toConversation, toMessage } from './schema/conversation.mapping.ts';
import { BuyerResolver, ConversationResolver } from './schema/conversation.resolver.ts';
import { ConversationSubscriptions } from './schema/conversation.subscriptions.ts';
import {
  BuyerType,
  ConversationType,
  ListingStub,
  MessageType,
  OrderStub,
  PaymentRequestStub,
  ShipmentStub,
} from './schema/conversation.types.ts';
import { MessageResolver } from './schema/message.resolver.ts';
import { SystemResolver } from './schema/system.resolver.ts';
import { ViewerResolver } from './schema/viewer.resolver.ts';

export const subgraph = defineSubgraph({
  name: 'conversations',
  config: z.object({}),
  entities: [ConversationSchema, MemberSchema, MessageSchema, MoneySchema] as never,
  migrations: [CreateConversation],
  resolvers: [
    ConversationResolver,
    BuyerResolver,
    MessageResolver,
    ViewerResolver,
    SystemResolver,
    ConversationSubscriptions,
  ],
  orphanedTypes: [
    ConversationType,
    MessageType,
    BuyerType,
    PaymentRequestStub,
    OrderStub,
    ShipmentStub,
    ListingStub,
  ],
  references: {
    Conversation: reference<ConversationsContext>(
      signedIn,
      maySeeConversation,
      async ({ id }, { loaders }) => {
        const row = await loaders.conversation.load(id);
        return row && toConversation(row);
      },
    ),
    Message: reference<ConversationsContext>(
      signedIn,
      maySeeConversation,
      async ({ id }, { loaders }) => {
        const row = await loaders.message.load(id);
        return row && toMessage(row);
      },
    ),
    Buyer: reference<ConversationsContext>(signedIn, maySeeBuyer, async ({ id }, { loaders }) =>
      (await loaders.buyer.load(id)) ? { id } : null,
    ),
    Viewer: reference<ConversationsContext>(members, isMember, ({ id }, { actor }) =>
      isMember(actor, id) ? { id } : null,
    ),
  },
  wire(runtime) {
    const store = new ConversationStore(runtime.transactions, runtime.outbox);
    const reads = new ConversationQueries(runtime.transactions);
    const useCases = wireUseCases(runtime, store);
    return {
      contextFor: (request): ConversationsContext => ({
        ...request,
        useCases,
        reads,
        loaders: createLoaders(reads, request.actor, () => runtime.clock.now()),
      }),
      eventHandlers: onToldEvents(useCases),
    };
  },
});

function wireUseCases(
  { clock, newId, calls, streams }: Runtime,
  store: ConversationStore,
): ConversationUseCases {
  const prices = new Catalog(calls);
  const sellers = new SellerAccounts(calls);
  return {
    openConversation: new OpenConversation(store, sellers, prices, clock, newId),
    openConversationForOrder: new OpenConversationForOrder(store, clock, newId),
    sendMessage: new SendMessage(store, prices, clock, newId),
    acceptConversation: new AcceptConversation(store, clock),
    closeConversation: new CloseConversation(store, clock),
    blockConversation: new BlockConversation(store, clock),
    unblockConversation: new UnblockConversation(store, clock),
    freezeConversation: new FreezeConversation(store, clock),
    markConversationRead: new MarkConversationRead(store, clock),
    markConversationDelivered: new MarkConversationDelivered(store, clock),
    muteConversation: new MuteConversation(store, clock),
    archiveConversation: new ArchiveConversation(store, clock),
    editMessage: new EditMessage(store, clock),
    deleteMessage: new DeleteMessage(store, clock),
    reportMessage: new ReportMessage(store, clock, newId),
    tellInThread: new TellInThread(store, clock, newId),
    rememberTrade: new RememberTrade(store),
    watchConversation: new WatchConversation(store, streams),
  };
}
