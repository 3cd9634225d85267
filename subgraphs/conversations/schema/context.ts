import type { BaseContext } from '../../kernel/subgraph.ts';
import type {
  AcceptConversation,
  ArchiveConversation,
  BlockConversation,
  CloseConversation,
  FreezeConversation,
  MarkConversationDelivered,
  MarkConversationRead,
  MuteConversation,
  UnblockConversation,
} from '../application/change-conversation.ts';
import type { DeleteMessage, EditMessage, ReportMessage } from '../application/change-message.ts';
import type { OpenConversation } from '../application/open-conversation.ts';
import type { OpenConversationForOrder } from '../application/open-conversation-for-order.ts';
import type { ConversationReads } from '../application/reads.ts';
import type { SendMessage } from '../application/send-message.ts';
import type { RememberTrade, TellInThread } from '../application/tell-in-thread.ts';
import type { WatchConversation } from '../application/watch-conversation.ts';
import type { ConversationLoaders } from './conversation.loaders.ts';

export interface ConversationUseCases {
  readonly openConversation: OpenConversation;
  readonly openConversationForOrder: OpenConversationForOrder;
  readonly sendMessage: SendMessage;
  readonly acceptConversation: AcceptConversation;
  readonly closeConversation: CloseConversation;
  readonly blockConversation: BlockConversation;
  readonly unblockConversation: UnblockConversation;
  readonly freezeConversation: FreezeConversation;
  readonly markConversationRead: MarkConversationRead;
  readonly markConversationDelivered: MarkConversationDelivered;
  readonly muteConversation: MuteConversation;
  readonly archiveConversation: ArchiveConversation;
  readonly editMessage: EditMessage;
  readonly deleteMessage: DeleteMessage;
  readonly reportMessage: ReportMessage;
  readonly tellInThread: TellInThread;
  readonly rememberTrade: RememberTrade;
  readonly watchConversation: WatchConversation;
}

export interface ConversationsContext extends BaseContext {
  readonly useCases: ConversationUseCases;
  readonly reads: ConversationReads;
  readonly loaders: ConversationLoaders;
}
