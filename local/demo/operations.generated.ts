/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** Where a member stands on the rollout's list. */
export type AllowListState =
  /** May apply and sell. */
  | 'ENABLED'
  /** Asked, not yet let in. */
  | 'INVITED'
  /** Nothing new for now. */
  | 'PAUSED'
  /** Taken off the list for good. */
  | 'REVOKED';

/** What a carrier can say of a parcel. */
export type CarrierStatus =
  /** It arrived. */
  | 'DELIVERED'
  /** The carrier met a problem. */
  | 'EXCEPTION'
  /** The carrier has it. */
  | 'IN_TRANSIT'
  /** The carrier does not know where it is. */
  | 'LOST'
  /** It comes today. */
  | 'OUT_FOR_DELIVERY'
  /** It went back to the seller. */
  | 'RETURNED_TO_SENDER';

/** Why the catalog refused something, in order of precedence. */
export type CatalogErrorCode =
  /** Only physical goods can be listed. */
  | 'CATEGORY_NOT_ACCEPTED'
  /** Every price of a listing is in one currency. */
  | 'CURRENCY_MIXED'
  /** Listings are not sold in this currency. */
  | 'CURRENCY_NOT_ACCEPTED'
  /** The currency is not known. */
  | 'CURRENCY_UNKNOWN'
  /** The idempotency key is empty, too long or not printable. */
  | 'IDEMPOTENCY_KEY_INVALID'
  /** The idempotency key was used with other input. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** The present state does not allow this; see currentState and allowedActions. */
  | 'ILLEGAL_TRANSITION'
  /** The image is not at an https URL. */
  | 'IMAGE_URL_NOT_ACCEPTED'
  /** The same request is still being worked on; repeat it with the same key. */
  | 'IN_PROGRESS'
  /** You may see this and still not do this to it. */
  | 'NOT_ALLOWED'
  /** There is no such thing, or it is not yours to know of. */
  | 'NOT_FOUND'
  /** A price is zero, negative or above the limit. */
  | 'PRICE_OUT_OF_RANGE'
  /** A quantity is out of range. */
  | 'QUANTITY_OUT_OF_RANGE'
  /** The variant to share stock with does not exist. */
  | 'SHARED_STOCK_UNKNOWN'
  /** More would leave than is neither held nor allocated. */
  | 'STOCK_INSUFFICIENT'
  /** A number of days is out of range. */
  | 'TERMS_OUT_OF_RANGE'
  /** A required text is empty. */
  | 'TEXT_EMPTY'
  /** A text holds a NUL or half a surrogate pair. */
  | 'TEXT_NOT_STORABLE'
  /** A text is longer than allowed. */
  | 'TEXT_TOO_LONG'
  /** There are no variants, or too many. */
  | 'VARIANTS_OUT_OF_RANGE';

/** Buys a listed item at its price, without a chat. */
export type CheckoutListingInput = {
  /** What the buyer was shown; refused with TOTAL_MISMATCH when the price is another one. */
  expectedTotal?: MoneyInput | null | undefined;
  /** Your own key: the same call with the same key buys once. 1 to 255 printable ASCII characters. */
  idempotencyKey: string;
  /** One of the payment methods of the buyer. */
  paymentMethodId: string;
  /** How many, 1 to 1000. */
  quantity?: number;
  /** Where the goods go. */
  shippingAddress: ShippingAddressInput;
  /** The variant to buy. */
  variantId: string;
};

/** Finishes saving a payment method that its buyer approved. */
export type CompletePaymentMethodSetupInput = {
  /** The payment method that was begun. */
  paymentMethodId: string;
};

/** Why a conversation mutation was refused, in order of precedence. */
export type ConversationErrorCode =
  /** Buyer and seller would be the same person. */
  | 'CANNOT_MESSAGE_YOURSELF'
  /** The client message id is not 1 to 64 printable ASCII characters. */
  | 'CLIENT_MESSAGE_ID_INVALID'
  /** The client message id belongs to another message of yours. */
  | 'CLIENT_MESSAGE_ID_REUSED'
  /** One of the two sides blocks the other. */
  | 'CONVERSATION_BLOCKED'
  /** Support has stopped this conversation. */
  | 'CONVERSATION_FROZEN'
  /** The time to edit the message is over. */
  | 'EDIT_WINDOW_OVER'
  /** The present state does not allow this. */
  | 'ILLEGAL_TRANSITION'
  /** Cards, system messages and deleted messages cannot be changed. */
  | 'MESSAGE_NOT_EDITABLE'
  /** The mute does not end in the future within a year. */
  | 'MUTE_INVALID'
  /** You may see it and still not do this. */
  | 'NOT_ALLOWED'
  /** There is no such thing, or it is none of yours. */
  | 'NOT_FOUND'
  /** Too many messages in a short time; wait and repeat. */
  | 'RATE_LIMITED'
  /** The sequence number is not one of this conversation. */
  | 'READ_MARKER_INVALID'
  /** Another part of the system did not answer; repeat the same call. */
  | 'TEMPORARILY_UNAVAILABLE'
  /** The text is blank. */
  | 'TEXT_EMPTY'
  /** The text holds a NUL or half a surrogate pair. */
  | 'TEXT_NOT_STORABLE'
  /** The text is over its limit. */
  | 'TEXT_TOO_LONG';

/** Where a conversation stands. */
export type ConversationState =
  /** Both sides may write, and the seller may ask for payment. */
  | 'ACTIVE'
  /** The seller ended it; the buyer's next message asks anew. */
  | 'CLOSED'
  /** The buyer has written and the seller has neither answered nor accepted. */
  | 'REQUESTED';

/** Writes a listing. */
export type CreateListingInput = {
  /** What kind of goods; only PHYSICAL is accepted. */
  category?: GoodsCategory;
  /** What it is in full, 1 to 2000 characters; a good one prevents claims. */
  description: string;
  /** Business days within which it is sent, 1 to 15. */
  handlingBusinessDays?: number;
  /** Your own key: the same call with the same key writes once. 1 to 255 printable ASCII characters. */
  idempotencyKey: string;
  /** An https URL of a picture; null or absent is none. */
  imageUrl?: string | null | undefined;
  /** True when it cannot be returned. */
  isFinalSale?: boolean;
  /** Days from delivery in which it may be returned, 0 to 365. */
  returnWindowDays?: number;
  /** What it is, 1 to 127 characters. */
  title: string;
  /** What can be chosen, 1 to 50. */
  variants: Array<VariantInputType>;
};

/** What a buyer can do after a decline. */
export type DeclineAdvice =
  /** Support must look at it. */
  | 'CONTACT_SUPPORT'
  /** Trying again with the same payment method can succeed. */
  | 'RETRY_SAME'
  /** Trying again will not help. */
  | 'STOP'
  /** Another payment method is needed. */
  | 'USE_OTHER';

/** The first words of a conversation. */
export type FirstMessageInput = {
  /** Chosen by the client, 1 to 64 printable ASCII characters; the same id sends once. */
  clientMessageId: string;
  /** The listing this is about, or null. */
  context?: MessageContextInput | null | undefined;
  /** Up to 2,000 characters; card numbers are masked. */
  text: string;
};

/** What kind of goods. */
export type GoodsCategory =
  /** Goods that are not sent; they are not accepted. */
  | 'DIGITAL'
  /** Goods that are sent. */
  | 'PHYSICAL';

/** Where a listing stands. Being sold out is no status: see isSoldOut. */
export type ListingStatus =
  /** On sale. */
  | 'ACTIVE'
  /** Off sale for good. */
  | 'ARCHIVED'
  /** Being written; only its seller sees it. */
  | 'DRAFT'
  /** Waits for a look by support. */
  | 'IN_REVIEW'
  /** Taken off sale by its seller for now. */
  | 'PAUSED'
  /** Taken off sale by support; the seller may appeal. */
  | 'REMOVED_BY_POLICY';

/** What was sent, and how. */
export type MarkSentInput = {
  /** Who carries it, up to 64 characters. */
  carrier?: string | null | undefined;
  /** The same call under the same key has one effect; 1 to 255 printable ASCII characters. */
  idempotencyKey: string;
  /** Which units; null or empty sends everything that is open. */
  items?: Array<OrderItemQuantityInput> | null | undefined;
  /** The order. */
  orderId: string;
  /** When it left, not in the future; null is now. */
  sentAt?: string | null | undefined;
  /** Its number with the carrier, up to 64 characters. */
  trackingNumber?: string | null | undefined;
};

/** What a question is about. */
export type MessageContextInput = {
  /** A listing of this seller. */
  listingId: string;
  /** One of its variants, whose price of this moment is kept with the message. */
  variantId?: string | null | undefined;
};

/** What a message is. */
export type MessageKind =
  /** A payment request, an order or a shipment, shown with its live state. */
  | 'CARD'
  /** News about a payment, an order or a shipment, told once per step. */
  | 'SYSTEM'
  /** Words of one side. */
  | 'TEXT';

/** An amount of money, exact, in one currency. */
export type MoneyInput = {
  /** The amount in minor units, as a string of digits. */
  amountMinor: string;
  /** The currency the minor units belong to. */
  currency: string;
};

/** Whom to write to. */
export type OpenConversationInput = {
  /** Words to send at once; null opens without any. */
  firstMessage?: FirstMessageInput | null | undefined;
  /** The seller. */
  sellerId: string;
};

/** Why an order mutation was refused, in order of precedence. */
export type OrderErrorCode =
  /** There is one open already. */
  | 'ALREADY_OPEN'
  /** The amount is not between one minor unit and what is left. */
  | 'AMOUNT_INVALID'
  /** The time to appeal is over. */
  | 'APPEAL_PERIOD_ENDED'
  /** Something was sent; the seller has to agree. */
  | 'CANCEL_NEEDS_REQUEST'
  /** The seller still has time. */
  | 'CASE_TOO_EARLY'
  /** It was sold as a final sale. */
  | 'FINAL_SALE'
  /** The key is not 1 to 255 printable ASCII characters. */
  | 'IDEMPOTENCY_KEY_INVALID'
  /** The key was used with other input. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** The present state does not allow this. */
  | 'ILLEGAL_TRANSITION'
  /** The same call is still running; repeat it. */
  | 'IN_PROGRESS'
  /** You may see it and still not do this. */
  | 'NOT_ALLOWED'
  /** There is no such thing, or it is none of yours. */
  | 'NOT_FOUND'
  /** The payment does not stand, so nothing may be sent. */
  | 'PAYMENT_NOT_CAPTURED'
  /** The seller was paid already. */
  | 'PAYOUT_ALREADY_RELEASED'
  /** The quantity is not between one and what is there. */
  | 'QUANTITY_INVALID'
  /** The time to return it is over. */
  | 'RETURN_PERIOD_ENDED'
  /** The moment of sending is before the payment or in the future. */
  | 'SENT_AT_INVALID'
  /** The carrier has the parcel. */
  | 'SHIPMENT_ALREADY_SCANNED'
  /** Another part of the system did not answer; repeat the same call. */
  | 'TEMPORARILY_UNAVAILABLE'
  /** The text is blank. */
  | 'TEXT_EMPTY'
  /** The text holds a NUL or half a surrogate pair. */
  | 'TEXT_NOT_STORABLE'
  /** The text is over its limit. */
  | 'TEXT_TOO_LONG'
  /** The tracking number is no tracking number. */
  | 'TRACKING_INVALID';

/** Some units of one item of the order. */
export type OrderItemQuantityInput = {
  /** The item. */
  orderItemId: string;
  /** How many units, at least one. */
  quantity: number;
};

/** Where the seller's pay for an order is. */
export type OrderPayoutStatus =
  /** Paid to the seller by the processor itself. */
  | 'AUTO_DISBURSED'
  /** The release failed and is tried again. */
  | 'FAILED'
  /** Waiting until something that is open has ended. */
  | 'FROZEN'
  /** Waiting until everything is sent. */
  | 'HELD'
  /** Paid to the seller. */
  | 'RELEASED'
  /** On its way. */
  | 'RELEASING'
  /** Given back to the buyer. */
  | 'RETURNED'
  /** To be released on a known date. */
  | 'SCHEDULED';

/** The headline of an order, derived from its payment, its items and what is open after the sale. */
export type OrderStatus =
  /** The seller is to send it. */
  | 'AWAITING_SHIPMENT'
  /** Nothing will be sent; the buyer is refunded. */
  | 'CANCELLED'
  /** The seller is paid and nothing can be returned any more. */
  | 'COMPLETED'
  /** Everything that was sent has arrived. */
  | 'DELIVERED'
  /** The buyer may still think again; nothing can be sent. */
  | 'ON_HOLD'
  /** Some units are on their way, others are still to be sent. */
  | 'PARTIALLY_SENT'
  /** Nothing is left to send, and something has not arrived. */
  | 'SENT';

/** Pays a request with a saved payment method. */
export type PayPaymentRequestInput = {
  /** The total the buyer was shown and approved; another total is refused with OFFER_CHANGED. */
  approvedTotal: MoneyInput;
  /** Your own key: the same call with the same key takes the money once. 1 to 255 printable ASCII characters. */
  idempotencyKey: string;
  /** One of the payment methods of the buyer. */
  paymentMethodId: string;
  /** The request to pay. */
  paymentRequestId: string;
  /** Where the goods go. */
  shippingAddress: ShippingAddressInput;
};

/** Where one try to pay stands. */
export type PaymentAttemptStatus =
  /** Nothing had happened. */
  | 'CANCELED'
  /** The money was taken. */
  | 'CAPTURED'
  /** The processor was asked. */
  | 'CAPTURING'
  /** Begun, nothing asked of the processor yet. */
  | 'CREATED'
  /** The processor refused; nothing was taken. */
  | 'DECLINED'
  /** The processor has not decided. */
  | 'PENDING'
  /** The buyer must confirm it with the processor. */
  | 'REQUIRES_ACTION'
  /** No answer came; the processor is being read. */
  | 'UNKNOWN';

/** Why payments refused something, in order of precedence. */
export type PaymentErrorCode =
  /** The shipping address is not usable. */
  | 'ADDRESS_INVALID'
  /** The amount must not be negative. */
  | 'AMOUNT_NEGATIVE'
  /** The amount must be greater than zero. */
  | 'AMOUNT_NOT_POSITIVE'
  /** Saving a payment method needs the consent of its buyer. */
  | 'CONSENT_REQUIRED'
  /** The conversation is blocked or frozen. */
  | 'CONVERSATION_BLOCKED'
  /** The seller has not answered in this conversation yet. */
  | 'CONVERSATION_NOT_ACTIVE'
  /** The currency is not supported here. */
  | 'CURRENCY_NOT_SUPPORTED'
  /** The currency is not known. */
  | 'CURRENCY_UNKNOWN'
  /** PayPal waits for no answer to this dispute any more; see currentState. */
  | 'DISPUTE_NOT_OPEN'
  /** The time until expiry is out of range. */
  | 'EXPIRY_OUT_OF_RANGE'
  /** There is no such open finding. */
  | 'FINDING_NOT_OPEN'
  /** The idempotency key is empty, too long or not printable. */
  | 'IDEMPOTENCY_KEY_INVALID'
  /** The idempotency key was used with other input. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** The present state does not allow this; see currentState and allowedActions. */
  | 'ILLEGAL_TRANSITION'
  /** The same request is still being worked on; repeat it with the same key. */
  | 'IN_PROGRESS'
  /** The lines are empty, too many, or have a quantity out of range. */
  | 'LINES_INVALID'
  /** The item is not on sale by this seller. */
  | 'LISTING_NOT_AVAILABLE'
  /** You may see this and still not do this to it. */
  | 'NOT_ALLOWED'
  /** There is no such thing, or it is not yours to know of. */
  | 'NOT_FOUND'
  /** What the buyer approved is not what is offered now. */
  | 'OFFER_CHANGED'
  /** Not enough is left; nothing was charged. */
  | 'OUT_OF_STOCK'
  /** The payment was declined; see advice. Nothing was charged. */
  | 'PAYMENT_DECLINED'
  /** A payment succeeded or is pending, so the request cannot be changed. */
  | 'PAYMENT_IN_FLIGHT'
  /** There is no such usable payment method. */
  | 'PAYMENT_METHOD_NOT_FOUND'
  /** The payment came to nothing: PayPal was read, and no money was taken. Nothing was charged, and the key stays used: pay again with a new one. */
  | 'PAYMENT_NOT_TAKEN'
  /** The payout is over: there is nothing to hold or to let go. */
  | 'PAYOUT_OVER'
  /** More than what is left of the payment cannot be refunded. */
  | 'REFUND_EXCEEDS_PAYMENT'
  /** The refund does not wait for a person; see currentState. */
  | 'REFUND_NOT_ESCALATED'
  /** The seller account or the shipping address is outside the supported regions. */
  | 'REGION_NOT_SUPPORTED'
  /** The request is larger than a single request may be. */
  | 'REQUEST_LIMIT_EXCEEDED'
  /** The seller account cannot take payments now. */
  | 'SELLER_CANNOT_REQUEST'
  /** The buyer has not approved the payment method yet. */
  | 'SETUP_NOT_APPROVED'
  /** The time to compare from is in the future or too long ago. */
  | 'SINCE_OUT_OF_RANGE'
  /** A part of the system is not answering; the same call can succeed later. */
  | 'TEMPORARILY_UNAVAILABLE'
  /** A required text is empty. */
  | 'TEXT_EMPTY'
  /** A text holds a NUL or half a surrogate pair. */
  | 'TEXT_NOT_STORABLE'
  /** A text is longer than allowed. */
  | 'TEXT_TOO_LONG'
  /** The lines do not add up to the expected total. */
  | 'TOTAL_MISMATCH'
  /** The requests sent in the rolling window would exceed their limit. */
  | 'WEEKLY_LIMIT_EXCEEDED';

/** Whether a payment method can be used. */
export type PaymentMethodStatus =
  /** Can be used. */
  | 'ACTIVE'
  /** Has run out. */
  | 'EXPIRED'
  /** Was removed by its buyer. */
  | 'REMOVED'
  /** Waits for the approval of its buyer. */
  | 'SETUP';

/** A line of a payment request: a listed item by variantId, or a free-form one by title, description and unitPrice. */
export type PaymentRequestLineInput = {
  /** For a free-form line: what is sold in full, at most 2000 characters. */
  description?: string | null | undefined;
  /** How many, 1 to 1000. */
  quantity?: number;
  /** For a free-form line: what is sold, at most 127 characters. */
  title?: string | null | undefined;
  /** For a free-form line: the price of one. */
  unitPrice?: MoneyInput | null | undefined;
  /** A listed variant of the seller; its title, description and price are taken as they are now. */
  variantId?: string | null | undefined;
};

/** How the request came about. */
export type PaymentRequestOrigin =
  /** Sent by a seller in a conversation. */
  | 'CHAT'
  /** Made by the buyer with a listing's own button. */
  | 'CHECKOUT';

/** Where a payment request stands. */
export type PaymentRequestStatus =
  /** The buyer said no. */
  | 'DECLINED'
  /** Its time ran out. */
  | 'EXPIRED'
  /** The money was captured. */
  | 'PAID'
  /** An attempt is under way. */
  | 'PAYING'
  /** The processor has not decided: neither paid nor failed. Do not pay again. */
  | 'PENDING'
  /** Waits for the buyer. */
  | 'SENT'
  /** Another request took its place. */
  | 'SUPERSEDED'
  /** The seller took it back. */
  | 'WITHDRAWN';

/** Where the seller's money of one payment stands. */
export type PayoutStatus =
  /** Was paid by the processor itself. */
  | 'AUTO_DISBURSED'
  /** The processor refused; it is tried again. */
  | 'FAILED'
  /** Waits for a reason that must be settled first. */
  | 'FROZEN'
  /** Waits until everything is sent and marked as sent. */
  | 'HELD'
  /** Was paid. */
  | 'RELEASED'
  /** Is being paid. */
  | 'RELEASING'
  /** Went back to the buyer. */
  | 'RETURNED'
  /** Is paid at releaseAt. */
  | 'SCHEDULED';

/** What the processor must know. Write-only: no field ever returns it, not even to its owner. */
export type ProvideSellerIdentityInput = {
  /** City. */
  city: string;
  /** YYYY-MM-DD. */
  dateOfBirth: string;
  /** The legal name. */
  legalName: string;
  /** Street and number. */
  line1: string;
  /** Apartment or floor; null or absent is none. */
  line2?: string | null | undefined;
  /** ZIP code. */
  postalCode: string;
  /** Nine digits, with or without dashes. */
  socialSecurityNumber: string;
  /** Two-letter code of the state. */
  state: string;
};

/** Puts a listing on sale. */
export type PublishListingInput = {
  /** The listing. */
  listingId: string;
};

/** What a carrier says. */
export type RecordCarrierUpdateInput = {
  /** The carrier's own id of the event; a repeat changes nothing. */
  carrierEventId: string;
  /** When it happened. */
  occurredAt: string;
  /** The parcel. */
  shipmentId: string;
  /** What it says. */
  status: CarrierStatus;
};

/** Where a seller account stands. */
export type SellerAccountStatus =
  /** The processor needs something more. */
  | 'ACTION_REQUIRED'
  /** May sell and be paid. */
  | 'ACTIVE'
  /** Ended for good. */
  | 'CLOSED'
  /** Being filled in. */
  | 'DRAFT'
  /** Turned down; may be corrected and handed in again. */
  | 'REJECTED'
  /** May not send new requests; see disabledReason. */
  | 'RESTRICTED'
  /** Handed in, not yet with the processor. */
  | 'SUBMITTED'
  /** May neither sell nor be paid; open orders can still be sent. */
  | 'SUSPENDED'
  /** The processor is checking it. */
  | 'VERIFYING';

/** What kind of account wants to sell. */
export type SellerAccountType =
  /** A business. */
  | 'BUSINESS'
  /** A creator. */
  | 'CREATOR'
  /** A personal account; it cannot sell. */
  | 'PERSONAL';

/** What must be true before a member can sell. */
export type SellerEligibilityGate =
  /** An age of at least 18. */
  | 'AGE'
  /** A place on the rollout's list. */
  | 'ALLOW_LIST'
  /** A complete application. */
  | 'APPLICATION'
  /** The processor's yes. */
  | 'PROCESSOR'
  /** A business or creator account. */
  | 'PROFESSIONAL_ACCOUNT'
  /** A region where selling is offered. */
  | 'REGION';

/** Why seller accounts refused something, in order of precedence. */
export type SellerErrorCode =
  /** There is an application already. */
  | 'ALREADY_APPLIED'
  /** It is too late to hand in again what was turned down. */
  | 'APPEAL_WINDOW_OVER'
  /** What cannot be taken back must be confirmed. */
  | 'CONFIRMATION_REQUIRED'
  /** The consent to share identity data with the processor is missing. */
  | 'CONSENT_REQUIRED'
  /** The date of birth is not a past date. */
  | 'DATE_OF_BIRTH_INVALID'
  /** A rule cannot take effect in the past. */
  | 'EFFECTIVE_FROM_INVALID'
  /** The handle is not well-formed. */
  | 'HANDLE_INVALID'
  /** The handle is in use by another seller. */
  | 'HANDLE_TAKEN'
  /** A value of the identity data is not valid; see path. */
  | 'IDENTITY_INVALID'
  /** The present state does not allow this; see currentState and allowedActions. */
  | 'ILLEGAL_TRANSITION'
  /** You may see this and still not do this to it. */
  | 'NOT_ALLOWED'
  /** Selling is open to invited businesses only for now. */
  | 'NOT_ALLOW_LISTED'
  /** There is no such thing, or it is not yours to know of. */
  | 'NOT_FOUND'
  /** Orders, disputes, refunds, held money or debts are open; see allowedActions. */
  | 'OBLIGATIONS_OPEN'
  /** Selling needs a business or creator account. */
  | 'PROFESSIONAL_ACCOUNT_REQUIRED'
  /** The region is not the code of a country. */
  | 'REGION_INVALID'
  /** Selling is not offered in this region yet. */
  | 'REGION_NOT_ENABLED'
  /** Something that is required was not given yet; see allowedActions. */
  | 'REQUIREMENTS_OPEN'
  /** A part of the system is not answering; the same call can succeed later. */
  | 'TEMPORARILY_UNAVAILABLE'
  /** A required text is empty. */
  | 'TEXT_EMPTY'
  /** A text holds a NUL or half a surrogate pair. */
  | 'TEXT_NOT_STORABLE'
  /** A text is longer than allowed. */
  | 'TEXT_TOO_LONG'
  /** A seller must be at least 18 years old. */
  | 'UNDER_AGE';

/** Words for an open conversation. */
export type SendMessageInput = {
  /** Chosen by the client, 1 to 64 printable ASCII characters; the same id sends once. */
  clientMessageId: string;
  /** The listing this is about, or null. */
  context?: MessageContextInput | null | undefined;
  /** The conversation. */
  conversationId: string;
  /** Up to 2,000 characters; card numbers are masked. */
  text: string;
};

/** Asks the buyer of a conversation to pay. */
export type SendPaymentRequestInput = {
  /** The conversation with the buyer. */
  conversationId: string;
  /** What is taken off, as a positive amount; null or absent is nothing. */
  discount?: MoneyInput | null | undefined;
  /** What you believe it adds up to; refused with TOTAL_MISMATCH when it does not. */
  expectedTotal?: MoneyInput | null | undefined;
  /** How long it can be paid, 1 to 168 hours; null or absent is 72. */
  expiresInHours?: number | null | undefined;
  /** Your own key: the same call with the same key has one effect. 1 to 255 printable ASCII characters. */
  idempotencyKey: string;
  /** What is sold, 1 to 50 lines. */
  lines: Array<PaymentRequestLineInput>;
  /** A request of the same conversation that this one takes the place of. */
  replacesId?: string | null | undefined;
  /** Shipping; null or absent is free. */
  shipping?: MoneyInput | null | undefined;
  /** Tax; null or absent is none. */
  tax?: MoneyInput | null | undefined;
};

/** Puts a member on the rollout's list, or changes the entry. */
export type SetAllowListEntryInput = {
  /** The new state. */
  state: AllowListState;
  /** The member. */
  userId: string;
};

/** Where a parcel is, by the furthest word of the carrier. */
export type ShipmentStatus =
  /** It arrived. */
  | 'DELIVERED'
  /** The carrier met a problem. */
  | 'EXCEPTION'
  /** The carrier has it. */
  | 'IN_TRANSIT'
  /** The carrier does not know where it is. */
  | 'LOST'
  /** It comes today. */
  | 'OUT_FOR_DELIVERY'
  /** It went back to the seller. */
  | 'RETURNED_TO_SENDER'
  /** The seller says it left; no carrier has seen it yet. */
  | 'SENT'
  /** The seller took back the mark. */
  | 'VOIDED';

/** Where the goods go. The seller sees it once it is paid. */
export type ShippingAddressInput = {
  /** City. */
  city: string;
  /** Two-letter code of the country; US is supported. */
  country?: string;
  /** Street and number. */
  line1: string;
  /** Apartment, floor or company; null or absent is none. */
  line2?: string | null | undefined;
  /** Who receives it. */
  name: string;
  /** ZIP code, for example 94107. */
  postalCode: string;
  /** Two-letter code of the state, for example CA. */
  state: string;
};

/** Begins saving a payment method. */
export type StartPaymentMethodSetupInput = {
  /** True when the buyer agreed to the consent text. */
  hasConsented: boolean;
  /** Your own key: the same call with the same key begins once. 1 to 255 printable ASCII characters. */
  idempotencyKey: string;
};

/** Begins an application to sell. */
export type StartSellerApplicationInput = {
  /** A business or creator account is needed. */
  accountType: SellerAccountType;
  /** YYYY-MM-DD; a seller must be at least 18. Never shown. */
  dateOfBirth: string;
  /** The name buyers see, at most 60 characters. */
  displayName: string;
  /** A short unique name: 3 to 30 lower-case letters, digits, dots or underscores. */
  handle: string;
  /** Two-letter code of the country the seller is in. */
  region?: string;
};

/** Hands the application in. */
export type SubmitSellerApplicationInput = {
  /** True when the seller agreed to consentText. */
  hasConsented: boolean;
};

/** One choice of a new listing. */
export type VariantInputType = {
  /** The price of one, greater than zero. */
  price: MoneyInput;
  /** Your own number for it. */
  sku?: string | null | undefined;
  /** Units on the shelf, 0 to 1000000. */
  stock?: number;
  /** Index of an earlier variant of this list whose stock this one shares; null or absent has its own. */
  stockFromVariant?: number | null | undefined;
  /** What is chosen, at most 60 characters; null or absent when there is nothing to choose. */
  title?: string | null | undefined;
  /** Units one sale takes: 3 for a pack of three. */
  unitsPerSale?: number;
};

export type AskAboutListingMutationVariables = Exact<{
  input: OpenConversationInput;
}>;


export type AskAboutListingMutation = { openConversation: { conversation: { id: string, state: ConversationState, seller: { displayName: string } | null } | null, message: { id: string, text: string | null, context: { listing: { title: string } | null, priceAtAsk: { amountMinor: string, currency: string } | null } | null } | null, userErrors: Array<{ code: ConversationErrorCode, message: string }> } | null };

export type SayMutationVariables = Exact<{
  input: SendMessageInput;
}>;


export type SayMutation = { sendMessage: { message: { id: string, seq: number, text: string | null } | null, userErrors: Array<{ code: ConversationErrorCode, message: string }> } | null };

export type BeginMethodMutationVariables = Exact<{
  input: StartPaymentMethodSetupInput;
}>;


export type BeginMethodMutation = { startPaymentMethodSetup: { paymentMethod: { id: string, status: PaymentMethodStatus, approvalUrl: string | null, consentText: string } | null, userErrors: Array<{ code: PaymentErrorCode, message: string }> } | null };

export type FinishMethodMutationVariables = Exact<{
  input: CompletePaymentMethodSetupInput;
}>;


export type FinishMethodMutation = { completePaymentMethodSetup: { paymentMethod: { id: string, status: PaymentMethodStatus, brand: string | null, lastFour: string | null } | null, userErrors: Array<{ code: PaymentErrorCode, message: string }> } | null };

export type PayMutationVariables = Exact<{
  input: PayPaymentRequestInput;
}>;


export type PayMutation = { payPaymentRequest: { paymentRequest: { id: string, status: PaymentRequestStatus } | null, attempt: { status: PaymentAttemptStatus, advice: DeclineAdvice | null } | null, userErrors: Array<{ code: PaymentErrorCode, message: string }> } | null };

export type CheckoutMutationVariables = Exact<{
  input: CheckoutListingInput;
}>;


export type CheckoutMutation = { checkoutListing: { paymentRequest: { id: string, status: PaymentRequestStatus, origin: PaymentRequestOrigin, total: { amountMinor: string, currency: string } } | null, attempt: { status: PaymentAttemptStatus, advice: DeclineAdvice | null } | null, userErrors: Array<{ code: PaymentErrorCode, message: string }> } | null };

export type BuyerSideQueryVariables = Exact<{ [key: string]: never; }>;


export type BuyerSideQuery = { viewer: { id: string, paymentMethods: Array<{ id: string, brand: string | null, lastFour: string | null }>, orders: { nodes: Array<{ id: string, status: OrderStatus, total: { amountMinor: string, currency: string }, paymentRequest: { id: string, origin: PaymentRequestOrigin } | null }> } | null } | null };

export type RequestWithOrderQueryVariables = Exact<{
  id: string;
}>;


export type RequestWithOrderQuery = { paymentRequest: { id: string, status: PaymentRequestStatus, order: { id: string, status: OrderStatus, total: { amountMinor: string, currency: string } } | null } | null };

export type ThreadSubscriptionVariables = Exact<{
  conversationId: string;
}>;


export type ThreadSubscription = { messageAdded: { id: string, seq: number, kind: MessageKind, text: string | null, isYours: boolean, card:
      | { __typename: 'Listing' }
      | { __typename: 'Order', id: string, orderStatus: OrderStatus }
      | { __typename: 'PaymentRequest', id: string, requestStatus: PaymentRequestStatus, total: { amountMinor: string, currency: string }, lines: Array<{ title: string, listing: { title: string } | null }> }
      | { __typename: 'Shipment', id: string, carrier: string | null, trackingNumber: string | null, shipmentStatus: ShipmentStatus }
     | null } | null };

export type RequestNewsSubscriptionVariables = Exact<{
  paymentRequestId: string;
}>;


export type RequestNewsSubscription = { paymentRequestUpdated: { id: string, status: PaymentRequestStatus, total: { amountMinor: string, currency: string }, seller: { displayName: string } | null } | null };

export type OrderNewsSubscriptionVariables = Exact<{
  orderId?: string | null | undefined;
}>;


export type OrderNewsSubscription = { orderUpdated: { id: string, status: OrderStatus, payment: { amount: { amountMinor: string, currency: string } } | null, shipments: Array<{ id: string, status: ShipmentStatus, carrier: string | null, trackingNumber: string | null }> } | null };

export type EnableSellerMutationVariables = Exact<{
  input: SetAllowListEntryInput;
}>;


export type EnableSellerMutation = { setAllowListEntry: { state: AllowListState | null, userErrors: Array<{ code: SellerErrorCode, message: string }> } | null };

export type StartApplicationMutationVariables = Exact<{
  input: StartSellerApplicationInput;
}>;


export type StartApplicationMutation = { startSellerApplication: { sellerAccount: { id: string, status: SellerAccountStatus, requirements: { currentlyDue: Array<string> } } | null, userErrors: Array<{ code: SellerErrorCode, message: string }> } | null };

export type ProvideIdentityMutationVariables = Exact<{
  input: ProvideSellerIdentityInput;
}>;


export type ProvideIdentityMutation = { provideSellerIdentity: { sellerAccount: { id: string, isIdentityProvided: boolean } | null, userErrors: Array<{ code: SellerErrorCode, message: string }> } | null };

export type SubmitApplicationMutationVariables = Exact<{
  input: SubmitSellerApplicationInput;
}>;


export type SubmitApplicationMutation = { submitSellerApplication: { sellerAccount: { id: string, status: SellerAccountStatus } | null, userErrors: Array<{ code: SellerErrorCode, message: string }> } | null };

export type SellerSideQueryVariables = Exact<{ [key: string]: never; }>;


export type SellerSideQuery = { viewer: { id: string, sellerAccount: { id: string, status: SellerAccountStatus, canRequestPayments: boolean, disabledText: string | null, balance: { held: { amountMinor: string, currency: string }, paidOut: { amountMinor: string, currency: string }, owed: { amountMinor: string, currency: string }, items: Array<{ paymentId: string, status: PayoutStatus, reason: string, releaseAt: string | null, amount: { amountMinor: string, currency: string } }> } | null } | null, sellerEligibility: Array<{ gate: SellerEligibilityGate, isMet: boolean, reason: string | null }> } | null };

export type CreateDemoListingMutationVariables = Exact<{
  input: CreateListingInput;
}>;


export type CreateDemoListingMutation = { createListing: { listing: { id: string, status: ListingStatus, variants: Array<{ id: string, available: number }> } | null, userErrors: Array<{ code: CatalogErrorCode, message: string, path: Array<string> }> } | null };

export type PublishDemoListingMutationVariables = Exact<{
  input: PublishListingInput;
}>;


export type PublishDemoListingMutation = { publishListing: { listing: { id: string, title: string, status: ListingStatus, variants: Array<{ id: string, available: number, price: { amountMinor: string, currency: string } }> } | null, userErrors: Array<{ code: CatalogErrorCode, message: string }> } | null };

export type SendDemoRequestMutationVariables = Exact<{
  input: SendPaymentRequestInput;
}>;


export type SendDemoRequestMutation = { sendPaymentRequest: { paymentRequest: { id: string, status: PaymentRequestStatus, total: { amountMinor: string, currency: string }, lines: Array<{ title: string, total: { amountMinor: string, currency: string } }> } | null, userErrors: Array<{ code: PaymentErrorCode, message: string, path: Array<string> }> } | null };

export type MarkDemoOrderSentMutationVariables = Exact<{
  input: MarkSentInput;
}>;


export type MarkDemoOrderSentMutation = { markSent: { order: { id: string, status: OrderStatus, payout: { status: OrderPayoutStatus, releaseAt: string | null } | null } | null, shipment: { id: string, status: ShipmentStatus, carrier: string | null, trackingNumber: string | null } | null, userErrors: Array<{ code: OrderErrorCode, message: string }> } | null };

export type CarrierReportsMutationVariables = Exact<{
  input: RecordCarrierUpdateInput;
}>;


export type CarrierReportsMutation = { recordCarrierUpdate: { shipment: { id: string, status: ShipmentStatus } | null, userErrors: Array<{ code: OrderErrorCode, message: string }> } | null };

export type SellerSeesQueryVariables = Exact<{
  orderId: string;
}>;


export type SellerSeesQuery = { order: { id: string, status: OrderStatus, shippingAddress: { name: string, city: string } | null, payout: { status: OrderPayoutStatus, releaseAt: string | null } | null, payment: { amount: { amountMinor: string, currency: string } } | null } | null };


export const AskAboutListingDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"AskAboutListing"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"OpenConversationInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"openConversation"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"conversation"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"seller"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"displayName"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"message"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"text"}},{"kind":"Field","name":{"kind":"Name","value":"context"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"listing"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"title"}}]}},{"kind":"Field","name":{"kind":"Name","value":"priceAtAsk"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amountMinor"}},{"kind":"Field","name":{"kind":"Name","value":"currency"}}]}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<AskAboutListingMutation, AskAboutListingMutationVariables>;
export const SayDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"Say"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"SendMessageInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"sendMessage"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"message"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"seq"}},{"kind":"Field","name":{"kind":"Name","value":"text"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<SayMutation, SayMutationVariables>;
export const BeginMethodDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"BeginMethod"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"StartPaymentMethodSetupInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"startPaymentMethodSetup"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"paymentMethod"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"approvalUrl"}},{"kind":"Field","name":{"kind":"Name","value":"consentText"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<BeginMethodMutation, BeginMethodMutationVariables>;
export const FinishMethodDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"FinishMethod"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CompletePaymentMethodSetupInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"completePaymentMethodSetup"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"paymentMethod"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"brand"}},{"kind":"Field","name":{"kind":"Name","value":"lastFour"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<FinishMethodMutation, FinishMethodMutationVariables>;
export const PayDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"Pay"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"PayPaymentRequestInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"payPaymentRequest"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"paymentRequest"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}}]}},{"kind":"Field","name":{"kind":"Name","value":"attempt"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"advice"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<PayMutation, PayMutationVariables>;
export const CheckoutDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"Checkout"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CheckoutListingInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"checkoutListing"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"paymentRequest"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"origin"}},{"kind":"Field","name":{"kind":"Name","value":"total"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amountMinor"}},{"kind":"Field","name":{"kind":"Name","value":"currency"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"attempt"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"advice"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<CheckoutMutation, CheckoutMutationVariables>;
export const BuyerSideDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"BuyerSide"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"viewer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"paymentMethods"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"brand"}},{"kind":"Field","name":{"kind":"Name","value":"lastFour"}}]}},{"kind":"Field","name":{"kind":"Name","value":"orders"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"50"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"total"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amountMinor"}},{"kind":"Field","name":{"kind":"Name","value":"currency"}}]}},{"kind":"Field","name":{"kind":"Name","value":"paymentRequest"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"origin"}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<BuyerSideQuery, BuyerSideQueryVariables>;
export const RequestWithOrderDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"RequestWithOrder"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"paymentRequest"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"order"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"total"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amountMinor"}},{"kind":"Field","name":{"kind":"Name","value":"currency"}}]}}]}}]}}]}}]} as unknown as DocumentNode<RequestWithOrderQuery, RequestWithOrderQueryVariables>;
export const ThreadDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"Thread"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"conversationId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"messageAdded"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"conversationId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"conversationId"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"seq"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"text"}},{"kind":"Field","name":{"kind":"Name","value":"isYours"}},{"kind":"Field","name":{"kind":"Name","value":"card"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"PaymentRequest"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","alias":{"kind":"Name","value":"requestStatus"},"name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"total"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amountMinor"}},{"kind":"Field","name":{"kind":"Name","value":"currency"}}]}},{"kind":"Field","name":{"kind":"Name","value":"lines"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"title"}},{"kind":"Field","name":{"kind":"Name","value":"listing"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"title"}}]}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Order"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","alias":{"kind":"Name","value":"orderStatus"},"name":{"kind":"Name","value":"status"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Shipment"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","alias":{"kind":"Name","value":"shipmentStatus"},"name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"carrier"}},{"kind":"Field","name":{"kind":"Name","value":"trackingNumber"}}]}}]}}]}}]}}]} as unknown as DocumentNode<ThreadSubscription, ThreadSubscriptionVariables>;
export const RequestNewsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"RequestNews"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"paymentRequestId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"paymentRequestUpdated"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"paymentRequestId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"paymentRequestId"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"total"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amountMinor"}},{"kind":"Field","name":{"kind":"Name","value":"currency"}}]}},{"kind":"Field","name":{"kind":"Name","value":"seller"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"displayName"}}]}}]}}]}}]} as unknown as DocumentNode<RequestNewsSubscription, RequestNewsSubscriptionVariables>;
export const OrderNewsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"OrderNews"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"orderId"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"orderUpdated"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"orderId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"orderId"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"payment"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amount"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amountMinor"}},{"kind":"Field","name":{"kind":"Name","value":"currency"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"shipments"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"carrier"}},{"kind":"Field","name":{"kind":"Name","value":"trackingNumber"}}]}}]}}]}}]} as unknown as DocumentNode<OrderNewsSubscription, OrderNewsSubscriptionVariables>;
export const EnableSellerDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"EnableSeller"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"SetAllowListEntryInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"setAllowListEntry"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<EnableSellerMutation, EnableSellerMutationVariables>;
export const StartApplicationDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"StartApplication"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"StartSellerApplicationInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"startSellerApplication"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"sellerAccount"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"requirements"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"currentlyDue"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<StartApplicationMutation, StartApplicationMutationVariables>;
export const ProvideIdentityDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"ProvideIdentity"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ProvideSellerIdentityInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"provideSellerIdentity"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"sellerAccount"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"isIdentityProvided"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<ProvideIdentityMutation, ProvideIdentityMutationVariables>;
export const SubmitApplicationDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"SubmitApplication"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"SubmitSellerApplicationInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"submitSellerApplication"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"sellerAccount"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<SubmitApplicationMutation, SubmitApplicationMutationVariables>;
export const SellerSideDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"SellerSide"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"viewer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"sellerAccount"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"canRequestPayments"}},{"kind":"Field","name":{"kind":"Name","value":"disabledText"}},{"kind":"Field","name":{"kind":"Name","value":"balance"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"held"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amountMinor"}},{"kind":"Field","name":{"kind":"Name","value":"currency"}}]}},{"kind":"Field","name":{"kind":"Name","value":"paidOut"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amountMinor"}},{"kind":"Field","name":{"kind":"Name","value":"currency"}}]}},{"kind":"Field","name":{"kind":"Name","value":"owed"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amountMinor"}},{"kind":"Field","name":{"kind":"Name","value":"currency"}}]}},{"kind":"Field","name":{"kind":"Name","value":"items"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"paymentId"}},{"kind":"Field","name":{"kind":"Name","value":"amount"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amountMinor"}},{"kind":"Field","name":{"kind":"Name","value":"currency"}}]}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"releaseAt"}}]}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"sellerEligibility"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"gate"}},{"kind":"Field","name":{"kind":"Name","value":"isMet"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}}]}}]}}]}}]} as unknown as DocumentNode<SellerSideQuery, SellerSideQueryVariables>;
export const CreateDemoListingDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateDemoListing"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateListingInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createListing"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"listing"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"variants"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"available"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"path"}}]}}]}}]}}]} as unknown as DocumentNode<CreateDemoListingMutation, CreateDemoListingMutationVariables>;
export const PublishDemoListingDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"PublishDemoListing"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"PublishListingInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"publishListing"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"listing"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"title"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"variants"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"available"}},{"kind":"Field","name":{"kind":"Name","value":"price"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amountMinor"}},{"kind":"Field","name":{"kind":"Name","value":"currency"}}]}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<PublishDemoListingMutation, PublishDemoListingMutationVariables>;
export const SendDemoRequestDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"SendDemoRequest"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"SendPaymentRequestInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"sendPaymentRequest"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"paymentRequest"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"total"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amountMinor"}},{"kind":"Field","name":{"kind":"Name","value":"currency"}}]}},{"kind":"Field","name":{"kind":"Name","value":"lines"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"title"}},{"kind":"Field","name":{"kind":"Name","value":"total"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amountMinor"}},{"kind":"Field","name":{"kind":"Name","value":"currency"}}]}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"path"}}]}}]}}]}}]} as unknown as DocumentNode<SendDemoRequestMutation, SendDemoRequestMutationVariables>;
export const MarkDemoOrderSentDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"MarkDemoOrderSent"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"MarkSentInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"markSent"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"order"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"payout"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"releaseAt"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"shipment"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"carrier"}},{"kind":"Field","name":{"kind":"Name","value":"trackingNumber"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<MarkDemoOrderSentMutation, MarkDemoOrderSentMutationVariables>;
export const CarrierReportsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CarrierReports"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RecordCarrierUpdateInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"recordCarrierUpdate"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"shipment"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<CarrierReportsMutation, CarrierReportsMutationVariables>;
export const SellerSeesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"SellerSees"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"orderId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"order"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"orderId"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"shippingAddress"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"city"}}]}},{"kind":"Field","name":{"kind":"Name","value":"payout"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"releaseAt"}}]}},{"kind":"Field","name":{"kind":"Name","value":"payment"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amount"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amountMinor"}},{"kind":"Field","name":{"kind":"Name","value":"currency"}}]}}]}}]}}]}}]} as unknown as DocumentNode<SellerSeesQuery, SellerSeesQueryVariables>;