import { randomUUID } from 'node:crypto';
import { type Arena, NoAnswer, until } from './arena.ts';

const USD = (amountMinor: string) => ({ amountMinor, currency: 'USD' });
const REFUSED = 'userErrors { code message }';
const NOT_TAKEN = 'PAYMENT_NOT_TAKEN';
const ADDRESS = {
  name: 'Amira Haddad',
  line1: '12 Orchard Street',
  city: 'Oakland',
  state: 'CA',
  postalCode: '94607',
  country: 'US',
};
/** Long enough for a started process to do what is due; a retry of a payment waits ten seconds. */
const WAIT_MS = 45_000;
const MINUTE_MS = 60_000;
export const DAY_MS = 24 * 60 * MINUTE_MS;

/** One offer and what came of it: what the client knows, and its keys for repeating itself. */
export interface Sale {
  readonly requestId: string;
  payKey: string;
  readonly refundKey: string;
  readonly sendKey: string;
  paymentId?: string;
  orderId?: string;
}

interface Payload {
  readonly userErrors: readonly { readonly code: string; readonly message: string }[];
}

class Refused extends Error {
  constructor(
    mutation: string,
    readonly code: string,
    message: string,
  ) {
    super(`${mutation} was refused: ${code} ${message}`);
  }
}

/** A seller with goods and a buyer with a saved method, and what their apps do. */
export class World {
  private conversationId = '';
  private variantId = '';
  private methodId = '';

  constructor(readonly arena: Arena) {}

  async prepare(): Promise<void> {
    const { arena } = this;
    const viewer = await arena.graph<{ viewer: { id: string } }>('seller', '{ viewer { id } }');
    await this.mutate('support', 'setAllowListEntry', {
      userId: viewer.viewer.id,
      state: 'ENABLED',
    });
    await this.mutate('seller', 'startSellerApplication', {
      accountType: 'BUSINESS',
      displayName: 'Clay & Co',
      handle: 'clay.and.co',
      region: 'US',
      dateOfBirth: '1990-05-17',
    });
    await this.mutate('seller', 'provideSellerIdentity', {
      legalName: 'Clara Potter',
      dateOfBirth: '1990-05-17',
      socialSecurityNumber: '219-09-9999',
      line1: '5 Kiln Road',
      city: 'Portland',
      state: 'OR',
      postalCode: '97201',
    });
    await this.mutate('seller', 'submitSellerApplication', { hasConsented: true });
    const sellerId = await until('the seller to be let in', WAIT_MS, async () => {
      const read = await arena.graph<{
        viewer: { sellerAccount: { id: string; canRequestPayments: boolean } };
      }>('seller', '{ viewer { sellerAccount { id canRequestPayments } } }');
      return read.viewer.sellerAccount.canRequestPayments && read.viewer.sellerAccount.id;
    });
    await this.goods();
    await this.method();
    const opened = await this.mutate<{ conversation: { id: string } }>(
      'buyer',
      'openConversation',
      { sellerId, firstMessage: { clientMessageId: randomUUID(), text: 'Hello!' } },
      'conversation { id }',
    );
    this.conversationId = opened.conversation.id;
    await this.mutate('seller', 'sendMessage', {
      conversationId: this.conversationId,
      clientMessageId: randomUUID(),
      text: 'Hello back!',
    });
    // Hundreds of payments of one seller in one week are not what the limit is tried with here.
    await arena.rows('update payments.request_limit set per_window_minor = 100000000');
  }

  /** An offer of one piece, not yet paid. */
  async offer(): Promise<Sale> {
    const input = {
      conversationId: this.conversationId,
      lines: [{ variantId: this.variantId, quantity: 1 }],
      shipping: USD('500'),
      expectedTotal: USD('2900'),
      idempotencyKey: randomUUID(),
    };
    const sent = await this.mutate<{ paymentRequest: { id: string } }>(
      'seller',
      'sendPaymentRequest',
      input,
      'paymentRequest { id }',
    );
    return {
      requestId: sent.paymentRequest.id,
      payKey: randomUUID(),
      refundKey: randomUUID(),
      sendKey: randomUUID(),
    };
  }

  /**
   * Answers with what the buyer's screen shows. The same call whenever it is repeated, until its
   * key's answer is that nothing was taken: the buyer's next press is a new one.
   */
  async pay(sale: Sale): Promise<string> {
    const input = {
      paymentRequestId: sale.requestId,
      approvedTotal: USD('2900'),
      paymentMethodId: this.methodId,
      shippingAddress: ADDRESS,
      idempotencyKey: sale.payKey,
    };
    try {
      const paid = await this.mutate<{ paymentRequest: { status: string } }>(
        'buyer',
        'payPaymentRequest',
        input,
        'paymentRequest { status }',
      );
      return paid.paymentRequest.status;
    } catch (error) {
      if (!(error instanceof Refused && error.code === NOT_TAKEN)) throw error;
      sale.payKey = randomUUID();
      return NOT_TAKEN;
    }
  }

  /** Waits until the sale is paid and has its order. */
  async sold(sale: Sale): Promise<void> {
    await until('the order', WAIT_MS, async () => {
      const [row] = await this.arena.rows<{ id: string; order_id: string | null }>(
        'select id, order_id from payments.payment where request_id = $1',
        [sale.requestId],
      );
      if (!row?.order_id) return false;
      sale.paymentId = row.id;
      sale.orderId = row.order_id;
      return true;
    });
  }

  refund({ paymentId, refundKey }: Sale): Promise<unknown> {
    return this.mutate('seller', 'refundPayment', {
      paymentId,
      amount: USD('700'),
      reason: 'A chip in the glaze',
      idempotencyKey: refundKey,
    });
  }

  markSent({ orderId, sendKey }: Sale): Promise<unknown> {
    return this.mutate('seller', 'markSent', {
      orderId,
      carrier: 'USPS',
      trackingNumber: `CH${sendKey.slice(0, 8)}`,
      idempotencyKey: sendKey,
    });
  }

  async scheduled({ paymentId }: Sale): Promise<void> {
    await until('the payout to be scheduled', WAIT_MS, async () => {
      const [row] = await this.arena.rows(
        `select 1 from payments.disbursement where payment_id = $1 and status = 'SCHEDULED'`,
        [paymentId],
      );
      return row !== undefined;
    });
  }

  /** PayPal takes its time; then it decides, and says so by webhook. */
  async payPending(sale: Sale): Promise<string> {
    await this.arena.simulator('faults', { operation: 'orders.capture', kind: 'pending' });
    await this.pay(sale);
    return until('a pending capture', WAIT_MS, async () => {
      const log = await this.arena.processorLog();
      const attempts = await this.attemptsOf(sale);
      return log.find(
        ({ what, detail }) =>
          what === 'capture.pending' && attempts.includes(detail.invoiceId ?? ''),
      )?.id;
    });
  }

  decide(captureId: string): Promise<void> {
    return this.arena.simulator(`captures/${captureId}/decide`, { status: 'COMPLETED' });
  }

  async attemptsOf({ requestId }: Sale): Promise<string[]> {
    const rows = await this.arena.rows<{ id: string }>(
      'select id from payments.payment_attempt where request_id = $1',
      [requestId],
    );
    return rows.map(({ id }) => id);
  }

  async refunded({ paymentId }: Sale): Promise<void> {
    await until('the refund', WAIT_MS, async () => {
      const rows = await this.arena.rows<{ status: string }>(
        'select status from payments.refund where payment_id = $1',
        [paymentId],
      );
      return rows.length > 0 && rows.every(({ status }) => status === 'COMPLETED');
    });
  }

  async released({ paymentId }: Sale): Promise<void> {
    await until('the payout', WAIT_MS, async () => {
      const [row] = await this.arena.rows(
        `select 1 from payments.disbursement where payment_id = $1 and status = 'RELEASED'`,
        [paymentId],
      );
      return row !== undefined;
    });
  }

  private async goods(): Promise<void> {
    const created = await this.mutate<{ listing: { id: string; variants: { id: string }[] } }>(
      'seller',
      'createListing',
      {
        title: 'Stoneware mug',
        description: 'Thrown by hand, glazed in celadon, holds 300 ml. Dishwasher safe.',
        variants: [{ price: USD('2400'), stock: 9_000 }],
        idempotencyKey: randomUUID(),
      },
      'listing { id variants { id } }',
    );
    this.variantId = created.listing.variants[0]?.id ?? '';
    await this.mutate('seller', 'publishListing', { listingId: created.listing.id });
  }

  private async method(): Promise<void> {
    const begun = await this.mutate<{ paymentMethod: { id: string; approvalUrl: string } }>(
      'buyer',
      'startPaymentMethodSetup',
      { hasConsented: true, idempotencyKey: randomUUID() },
      'paymentMethod { id approvalUrl }',
    );
    await fetch(begun.paymentMethod.approvalUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'brand=VISA&last_digits=4242',
    });
    this.methodId = begun.paymentMethod.id;
    await this.mutate('buyer', 'completePaymentMethodSetup', { paymentMethodId: this.methodId });
  }

  /** Compares with the processor now, as an operator does. */
  reconcile<T>(fields: string): Promise<T> {
    const reason = 'The database was restored';
    return this.mutate<T>('support', 'reconcilePayments', { reason }, fields);
  }

  /** A refusal is an error here: everything that is asked for may be done. */
  private async mutate<T>(
    person: Parameters<Arena['graph']>[0],
    name: string,
    input: object,
    fields = '',
  ): Promise<T> {
    const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input!`;
    const data = await this.arena.graph<Record<string, (T & Payload) | null>>(
      person,
      `mutation ($input: ${type}) { ${name}(input: $input) { ${fields} ${REFUSED} } }`,
      { input },
    );
    const payload = data[name];
    if (!payload) throw new NoAnswer(`${name} had no answer`);
    const [refusal] = payload.userErrors;
    if (refusal) throw new Refused(name, refusal.code, refusal.message);
    return payload;
  }
}
