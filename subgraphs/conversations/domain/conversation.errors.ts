import { DomainError } from '../../kernel/errors.ts';

// In order of precedence: a call that deserves several of these is told the first.

export class CannotMessageYourself extends DomainError {
  constructor() {
    super('CANNOT_MESSAGE_YOURSELF', 'A seller cannot open a conversation with themselves.', {
      path: ['sellerId'],
    });
  }
}

export class ConversationFrozen extends DomainError {
  constructor() {
    super(
      'CONVERSATION_FROZEN',
      'Support has frozen this conversation. It can be read, not written to.',
    );
  }
}

export class ConversationBlocked extends DomainError {
  /** Says whether the block is the caller's own to lift; who else blocked is theirs to know. */
  constructor(isOwn: boolean) {
    super(
      'CONVERSATION_BLOCKED',
      isOwn
        ? 'You blocked this conversation. Unblock it to write.'
        : 'Messages cannot be sent here.',
      isOwn ? { allowedActions: ['unblockConversation'] } : {},
    );
  }
}

export class ClientMessageIdInvalid extends DomainError {
  constructor() {
    super(
      'CLIENT_MESSAGE_ID_INVALID',
      'clientMessageId must be 1 to 64 printable ASCII characters.',
      { path: ['clientMessageId'] },
    );
  }
}

export class ClientMessageIdReused extends DomainError {
  constructor() {
    super(
      'CLIENT_MESSAGE_ID_REUSED',
      'This clientMessageId was already used for another message. Use a new one.',
      { path: ['clientMessageId'] },
    );
  }
}

export class RateLimited extends DomainError {
  constructor(messagesMax: number, perSeconds: number) {
    super(
      'RATE_LIMITED',
      `At most ${messagesMax} messages in ${perSeconds} seconds. Wait and send again.`,
      { retryable: true },
    );
  }
}

export class MessageNotEditable extends DomainError {
  constructor(why: string) {
    super('MESSAGE_NOT_EDITABLE', why);
  }
}

export class EditWindowOver extends DomainError {
  constructor(minutes: number) {
    super('EDIT_WINDOW_OVER', `A message can be edited for ${minutes} minutes after it was sent.`, {
      allowedActions: ['deleteMessage'],
    });
  }
}

export class ReadMarkerInvalid extends DomainError {
  constructor(lastSeq: number) {
    super('READ_MARKER_INVALID', `upToSeq must be between 0 and ${lastSeq}.`, {
      path: ['upToSeq'],
    });
  }
}

export class MuteInvalid extends DomainError {
  constructor() {
    super('MUTE_INVALID', 'until must lie in the future, at most a year ahead.', {
      path: ['until'],
    });
  }
}
