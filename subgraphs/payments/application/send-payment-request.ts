import { after, HOUR_MS } from '../../kernel/clock.ts';
import { NotAllowed, NotFound } from '../../kernel/errors.ts';
import { isId, type NewId } from '../../kernel/ids.ts';
import { Money } from '../../kernel/money.ts';
import { type Actor, principalOf } from '../../kernel/policy.ts';
import {
  ConversationBlocked,
  ConversationNotActive,
  ListingNotAvailable,
  RegionNotSupported,
  SellerCannotRequest,
} from '../domain/payment-request.errors.ts';
import { maySeeRequest, maySendRequest } from '../domain/payment-request.policy.ts';
import { PaymentRequest, type RequestTerms } from '../domain/payment-request.ts';
import { checkLimits } from '../domain/request-limits.ts';
import type { RequestLine } from '../domain/request-line.ts';
import type {
  Catalog,
  ConversationParty,
  Conversations,
  PaymentsStore,
  SellerStanding,
  Sellers,
  StoredAnswers,
} from './ports.ts';

export type LineInput =
  | { readonly kind: 'LISTING'; readonly variantId: string; readonly quantity: number }
  | {
      readonly kind: 'CUSTOM';
      readonly title: string;
      readonly description: string;
      readonly unitPrice: Money;
      readonly quantity: number;
    };

export interface SendPaymentRequestCommand {
  readonly actor: Actor;
  readonly conversationId: string;
  readonly lines: readonly LineInput[];
  readonly shipping: Money | null;
  readonly tax: Money | null;
  readonly discount: Money | null;
  readonly expectedTotal: Money | null;
  readonly expiresInHours: number | null;
  readonly replacesId: string | null;
  readonly idempotencyKey: string;
}

/** The one currency of requests today; policy data per region decides it once there is a second. */
export const REQUEST_CURRENCY = 'USD';
/** Terms of a line that no listing gives terms for. */
const DEFAULT_TERMS: RequestTerms = {
  returnWindowDays: 30,
  handlingBusinessDays: 3,
  isFinalSale: false,
};

interface Sent {
  readonly paymentRequestId: string;
}

/** A seller asks the buyer of a conversation to pay. */
export class SendPaymentRequest {
  constructor(
    private readonly store: PaymentsStore,
    private readonly catalog: Catalog,
    private readonly conversations: Conversations,
    private readonly sellers: Sellers,
    private readonly idempotency: StoredAnswers,
    private readonly newId: NewId,
  ) {}

  async execute(command: SendPaymentRequestCommand): Promise<PaymentRequest> {
    const { actor, idempotencyKey, ...content } = command;
    const call = {
      principal: principalOf(actor),
      operation: 'sendPaymentRequest',
      key: idempotencyKey,
      request: content,
    };
    // A repeat gets its answer whatever has become of the seller, the listing or the chat since.
    const { paymentRequestId } =
      (await this.idempotency.recall<Sent>(call)) ?? (await this.begin(command, call));
    const request = await this.store.findRequest(paymentRequestId);
    if (request === null || !maySeeRequest(actor, request)) throw new NotFound('payment request');
    return request;
  }

  private async begin(
    command: SendPaymentRequestCommand,
    call: Parameters<StoredAnswers['once']>[0],
  ): Promise<Sent> {
    const party = await this.partyOf(command);
    const standing = await eligibleSeller(this.sellers, party.sellerId, 'SELLER');
    const { lines, terms } = await this.resolveLines(command.lines, party.sellerId);
    const { response } = await this.idempotency.once(call, () =>
      this.send(command, party, standing, lines, terms),
    );
    return response;
  }

  private async partyOf({
    conversationId,
    actor,
  }: SendPaymentRequestCommand): Promise<ConversationParty> {
    const party = isId('conversation', conversationId)
      ? await this.conversations.party(conversationId)
      : null;
    const isMine =
      party !== null &&
      (maySendRequest(actor, party.sellerId) ||
        (actor.kind === 'member' && actor.userId === party.buyerId));
    if (party === null || !isMine) throw new NotFound('conversation', ['conversationId']);
    if (!maySendRequest(actor, party.sellerId))
      throw new NotAllowed('send a payment request as the buyer');
    if (party.isBlocked || party.isFrozen) throw new ConversationBlocked();
    if (party.state !== 'ACTIVE') throw new ConversationNotActive(party.state);
    return party;
  }

  private async resolveLines(
    inputs: readonly LineInput[],
    sellerId: string,
  ): Promise<{ lines: RequestLine[]; terms: RequestTerms }> {
    const variantIds = inputs.flatMap((line) =>
      line.kind === 'LISTING' && isId('variant', line.variantId) ? [line.variantId] : [],
    );
    const snapshots = variantIds.length > 0 ? await this.catalog.snapshots(variantIds) : [];
    const known = new Map(
      snapshots
        .filter((snapshot) => snapshot.sellerId === sellerId && snapshot.isSaleable)
        .map((snapshot) => [snapshot.variantId, snapshot]),
    );
    const lines = inputs.map((input, index): RequestLine => {
      const lineId = String(index + 1);
      if (input.kind === 'CUSTOM') return { ...input, lineId, listingId: null, variantId: null };
      const snapshot = known.get(input.variantId);
      if (!snapshot) throw new ListingNotAvailable(['lines', String(index), 'variantId']);
      const { listingId, variantId, title, description, unitPrice } = snapshot;
      return {
        kind: 'LISTING',
        lineId,
        listingId,
        variantId,
        title,
        description,
        unitPrice,
        quantity: input.quantity,
      };
    });
    return { lines, terms: strictestTerms([...known.values()].map((snapshot) => snapshot.terms)) };
  }

  private send(
    command: SendPaymentRequestCommand,
    party: ConversationParty,
    standing: SellerStanding,
    lines: readonly RequestLine[],
    terms: RequestTerms,
  ): Promise<Sent> {
    return this.store.transact(async (tx) => {
      await tx.lockSeller(party.sellerId);
      const now = await tx.now();
      const zero = Money.zero(REQUEST_CURRENCY);
      const { request, event } = PaymentRequest.send(
        this.newId('paymentRequest'),
        {
          conversationId: command.conversationId,
          origin: 'CHAT',
          buyerId: party.buyerId,
          sellerId: party.sellerId,
        },
        {
          lines,
          shipping: command.shipping ?? zero,
          tax: command.tax ?? zero,
          discount: command.discount ?? zero,
          expectedTotal: command.expectedTotal,
          terms,
        },
        {
          expiresInHours: command.expiresInHours,
          replacesId: command.replacesId,
          currency: REQUEST_CURRENCY,
          feePolicy: await tx.feePolicyOf(standing.region, 'CHAT'),
        },
        now,
      );
      const limits = await tx.limitsOf(standing.region, standing.tier);
      const since = after(now, -limits.windowHours * HOUR_MS);
      checkLimits(
        limits,
        request.total,
        await tx.sumSentSince(party.sellerId, since, REQUEST_CURRENCY),
      );
      if (command.replacesId !== null) {
        const replaced = isId('paymentRequest', command.replacesId)
          ? await tx.lockRequest(command.replacesId)
          : null;
        if (replaced === null || replaced.conversationId !== command.conversationId) {
          throw new NotFound('payment request', ['replacesId']);
        }
        await tx.recordRequest(replaced.supersede(now));
      }
      tx.addRequest(request);
      await tx.recordRequest(event);
      return { paymentRequestId: request.id };
    });
  }
}

/** The seller's standing when it allows a request now; else says why not, in full to the seller alone. */
export async function eligibleSeller(
  sellers: Sellers,
  sellerId: string,
  asker: 'SELLER' | 'BUYER',
): Promise<SellerStanding & { readonly merchantId: string }> {
  const standing = await sellers.standing(sellerId);
  if (standing === null) throw new SellerCannotRequest('there is no seller account.');
  if (standing.region !== 'US') throw new RegionNotSupported('seller account');
  const { merchantId } = standing;
  if (!standing.canRequestPayments || merchantId === null) {
    const reason = asker === 'SELLER' ? standing.reason : null;
    throw new SellerCannotRequest(reason ?? 'the account is not active.');
  }
  return { ...standing, merchantId };
}

/** One request has one set of terms: the buyer's best of what its listings promise. */
function strictestTerms(all: readonly RequestTerms[]): RequestTerms {
  if (all.length === 0) return DEFAULT_TERMS;
  return {
    returnWindowDays: Math.max(...all.map((terms) => terms.returnWindowDays)),
    handlingBusinessDays: Math.min(...all.map((terms) => terms.handlingBusinessDays)),
    isFinalSale: all.every((terms) => terms.isFinalSale),
  };
}
