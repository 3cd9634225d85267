import { createHash } from 'node:crypto';
import { NotFound } from '../../kernel/errors.ts';
import { isId } from '../../kernel/ids.ts';
import { checkedText } from '../../kernel/text.ts';
import { ClientMessageIdInvalid } from '../domain/conversation.errors.ts';
import { MESSAGE_TEXT_MAX, type MessageContext } from '../domain/message.ts';
import { maskSensitiveDigits } from '../domain/sensitive-digits.ts';
import type { ListingPrices } from './ports.ts';

export interface MessageInput {
  readonly clientMessageId: string;
  readonly text: string;
  readonly context: { readonly listingId: string; readonly variantId: string | null } | null;
}

/** A message as it will be stored: checked, and with card and social security numbers masked. */
export interface CheckedMessage {
  readonly clientMessageId: string;
  readonly contentHash: string;
  readonly text: string;
  readonly context: { readonly listingId: string; readonly variantId: string | null } | null;
}

export function checkedMessage(input: MessageInput): CheckedMessage {
  if (!/^[\x21-\x7e]{1,64}$/.test(input.clientMessageId)) throw new ClientMessageIdInvalid();
  const text = maskSensitiveDigits(checkedMessageText(input.text));
  const { context } = input;
  if (context && !isId('listing', context.listingId))
    throw new NotFound('listing', ['context', 'listingId']);
  if (context?.variantId != null && !isId('variant', context.variantId))
    throw new NotFound('variant', ['context', 'variantId']);
  const contentHash = createHash('sha256')
    .update(`${context?.listingId ?? ''}\0${context?.variantId ?? ''}\0${text}`)
    .digest('hex');
  return { clientMessageId: input.clientMessageId, contentHash, text, context };
}

export function checkedMessageText(text: string): string {
  return checkedText(text, { path: ['text'], maxCodePoints: MESSAGE_TEXT_MAX });
}

/** The price of the asked-about variant now. Only the seller's own listings can be asked about here. */
export async function contextWithPrice(
  message: CheckedMessage,
  sellerId: string,
  prices: ListingPrices,
): Promise<MessageContext | null> {
  const { context } = message;
  if (context === null) return null;
  if (context.variantId === null) return { ...context, priceAtAsk: null };
  const snapshot = await prices.snapshot(context.variantId);
  if (snapshot?.listingId !== context.listingId || snapshot.sellerId !== sellerId)
    throw new NotFound('listing', ['context', 'listingId']);
  return { ...context, priceAtAsk: snapshot.price };
}
