import type { ProcessorMovement } from '../../application/processor.port.ts';
import { fromPayPal } from './paypal-amounts.ts';
import { type TransactionInfo, transactionsSchema } from './paypal-answers.ts';
import type { PayPalClient } from './paypal-client.ts';

/** Transaction search takes at most 31 days in one question. */
const RANGE_MS_MAX = 31 * 86_400_000;
const PAGE_SIZE = 500;

/** Oldest range first; ranges share no instant, because both of their ends belong to them. */
export async function movementsBetween(
  client: PayPalClient,
  since: Date,
  until: Date,
): Promise<readonly ProcessorMovement[]> {
  const movements: ProcessorMovement[] = [];
  for (let from = since.getTime(); from <= until.getTime(); from += RANGE_MS_MAX) {
    const to = Math.min(from + RANGE_MS_MAX - 1, until.getTime());
    for (let page = 1, pages = 1; page <= pages; page += 1) {
      const answer = await pageOf(client, from, to, page);
      movements.push(...answer.infos.flatMap(toMovement));
      pages = answer.pages;
    }
  }
  return movements;
}

async function pageOf(client: PayPalClient, from: number, until: number, page: number) {
  const query = new URLSearchParams({
    fields: 'transaction_info',
    start_date: new Date(from).toISOString(),
    end_date: new Date(until).toISOString(),
    page_size: String(PAGE_SIZE),
    page: String(page),
  });
  const answer = await client.call(
    {
      operation: 'reporting.transactions',
      method: 'GET',
      path: `/v1/reporting/transactions?${query}`,
    },
    transactionsSchema,
  );
  return {
    infos: (answer?.transaction_details ?? []).map((detail) => detail.transaction_info),
    pages: answer?.total_pages ?? 1,
  };
}

/** Payments and refunds by PayPal's event codes, payouts to sellers among the third-party payouts. */
function kindOf(code: string): ProcessorMovement['kind'] | null {
  if (code === 'T0006' || code === 'T0000') return 'CAPTURE';
  if (code === 'T1107' || code === 'T1106') return 'REFUND';
  return code === 'T0015' ? 'RELEASE' : null;
}

function toMovement(info: TransactionInfo): ProcessorMovement[] {
  const kind = kindOf(info.transaction_event_code);
  const { currency_code, value } = info.transaction_amount;
  // Money that leaves has a sign there; here the kind says the direction.
  const amount = fromPayPal(value.replace('-', ''), currency_code);
  // S is success; what is pending or denied has moved nothing.
  if (kind === null || amount === null || info.transaction_status !== 'S') return [];
  return [
    {
      id: info.transaction_id,
      kind,
      amount,
      captureId: kind === 'CAPTURE' ? null : (info.paypal_reference_id ?? null),
      invoiceId: info.invoice_id ?? null,
      at: new Date(info.transaction_initiation_date),
    },
  ];
}
