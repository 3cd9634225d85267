import { registerEnumType } from 'type-graphql';
import { statesOf } from '../../kernel/state-machine.ts';
import { CONVERSATION_TRANSITIONS, type ConversationState } from '../domain/conversation.states.ts';
import { NOTICES, type Notice } from '../domain/notices.ts';

/** An enum whose every value says what it means. */
function enumOf<V extends string>(
  name: string,
  description: string,
  values: Readonly<Record<V, string>>,
): Readonly<Record<V, V>> {
  const keys = Object.keys(values) as V[];
  const members = Object.fromEntries(keys.map((key) => [key, key])) as Record<V, V>;
  registerEnumType(members, {
    name,
    description,
    valuesConfig: Object.fromEntries(
      keys.map((key) => [key, { description: values[key] }]),
    ) as Record<V, { description: string }>,
  });
  return members;
}

const STATE_MEANINGS: Readonly<Record<ConversationState, string>> = {
  REQUESTED: 'The buyer has written and the seller has neither answered nor accepted.',
  ACTIVE: 'Both sides may write, and the seller may ask for payment.',
  CLOSED: "The seller ended it; the buyer's next message asks anew.",
};

// Built from the transition table, so that the schema knows every state and no other.
export const ConversationStateEnum = enumOf(
  'ConversationState',
  'Where a conversation stands.',
  Object.fromEntries(
    statesOf(CONVERSATION_TRANSITIONS).map((state) => [state, STATE_MEANINGS[state]]),
  ) as Record<ConversationState, string>,
);

export const ConversationSide = enumOf(
  'ConversationSide',
  'The two sides of a conversation; a member can be on either, in different conversations.',
  { BUYER: 'The person who buys.', SELLER: 'The seller, or a partner acting for them.' },
);

export const BlockedByEnum = enumOf('BlockedBy', 'Which sides have blocked a conversation.', {
  NONE: 'Nobody blocks.',
  BUYER: 'The buyer blocks the seller.',
  SELLER: 'The seller blocks the buyer.',
  BOTH: 'Each blocks the other.',
});

export const MessageKindEnum = enumOf('MessageKind', 'What a message is.', {
  TEXT: 'Words of one side.',
  SYSTEM: 'News about a payment, an order or a shipment, told once per step.',
  CARD: 'A payment request, an order or a shipment, shown with its live state.',
});

export const MessageNotice = enumOf<Notice>(
  'MessageNotice',
  "What a system message or card tells; the client words it in the reader's language.",
  NOTICES,
);

export const ReportReason = enumOf('ReportReason', 'Why a message is reported.', {
  SPAM: 'Unwanted advertising or repetition.',
  SCAM: 'An attempt to get money or data by deceit.',
  ABUSE: 'Insults, threats or hate.',
  PROHIBITED_GOODS: 'An offer of goods that may not be sold here.',
  OFF_PLATFORM_PAYMENT: 'An attempt to be paid outside the conversation.',
  OTHER: 'Something else, said in the note.',
});

export const ConversationErrorCode = enumOf(
  'ConversationErrorCode',
  'Why a conversation mutation was refused, in order of precedence.',
  {
    NOT_FOUND: 'There is no such thing, or it is none of yours.',
    NOT_ALLOWED: 'You may see it and still not do this.',
    CANNOT_MESSAGE_YOURSELF: 'Buyer and seller would be the same person.',
    CLIENT_MESSAGE_ID_INVALID: 'The client message id is not 1 to 64 printable ASCII characters.',
    TEXT_NOT_STORABLE: 'The text holds a NUL or half a surrogate pair.',
    TEXT_EMPTY: 'The text is blank.',
    TEXT_TOO_LONG: 'The text is over its limit.',
    CLIENT_MESSAGE_ID_REUSED: 'The client message id belongs to another message of yours.',
    CONVERSATION_FROZEN: 'Support has stopped this conversation.',
    CONVERSATION_BLOCKED: 'One of the two sides blocks the other.',
    ILLEGAL_TRANSITION: 'The present state does not allow this.',
    RATE_LIMITED: 'Too many messages in a short time; wait and repeat.',
    MESSAGE_NOT_EDITABLE: 'Cards, system messages and deleted messages cannot be changed.',
    EDIT_WINDOW_OVER: 'The time to edit the message is over.',
    READ_MARKER_INVALID: 'The sequence number is not one of this conversation.',
    MUTE_INVALID: 'The mute does not end in the future within a year.',
    TEMPORARILY_UNAVAILABLE: 'Another part of the system did not answer; repeat the same call.',
  },
);
