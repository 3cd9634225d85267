import type { PaymentRequest } from './payment-request.ts';
import { lineTotal } from './request-line.ts';

/** A parcel of the disputed order. */
export interface EvidenceShipment {
  readonly status: string;
  readonly carrier: string | null;
  readonly trackingNumber: string | null;
  readonly sentAt: Date;
  readonly deliveredAt: Date | null;
}

/** What was said in the thread, oldest first. */
export interface EvidenceMessage {
  readonly sender: string | null;
  readonly sentAt: Date;
  readonly text: string | null;
}

export interface Evidence {
  readonly notes: string;
  readonly trackingNumber: string | null;
  readonly carrier: string | null;
}

/** The processor reads this many characters; the most decisive come first, so the chat is cut last. */
const NOTES_MAX = 2_000;
const DESCRIPTION_MAX = 200;

/**
 * What speaks for a seller: how it was sent, what was offered under which terms, and what was said.
 * The offer and its terms are the request's own snapshot, whatever the listing says today.
 */
export function evidenceOf(
  request: PaymentRequest,
  shipments: readonly EvidenceShipment[],
  messages: readonly EvidenceMessage[],
): Evidence {
  const tracked = shipments.find(({ deliveredAt }) => deliveredAt !== null) ?? shipments[0] ?? null;
  const proof = tracked?.trackingNumber ? tracked : shipments.find((one) => one.trackingNumber);
  const parts = [
    ...shipments.map(shipmentText),
    `Sold ${day(request.createdAt)} for ${request.total.toString()}:`,
    ...request.lines.map(
      (line) =>
        `${line.quantity} x ${line.title} (${cut(line.description, DESCRIPTION_MAX)}), ${lineTotal(line).toString()}`,
    ),
    termsText(request),
    ...chatText(messages),
  ];
  return {
    notes: cut(parts.join('\n'), NOTES_MAX),
    trackingNumber: proof?.trackingNumber ?? null,
    carrier: proof?.carrier ?? null,
  };
}

/** A parcel that can be followed, or has arrived, decides most disputes. */
export function hasProof(shipments: readonly EvidenceShipment[]): boolean {
  return shipments.some(
    ({ trackingNumber, deliveredAt }) => trackingNumber !== null || deliveredAt !== null,
  );
}

function shipmentText(shipment: EvidenceShipment): string {
  const { status, carrier, trackingNumber, sentAt, deliveredAt } = shipment;
  const how = trackingNumber === null ? '' : ` by ${carrier ?? 'a carrier'}, ${trackingNumber}`;
  const arrived = deliveredAt === null ? `now ${status}` : `delivered ${day(deliveredAt)}`;
  return `Sent ${day(sentAt)}${how}; ${arrived}.`;
}

function termsText({ terms }: PaymentRequest): string {
  const returns = terms.isFinalSale
    ? 'Final sale: no returns.'
    : `Returns within ${terms.returnWindowDays} days.`;
  return `Terms shown before paying: sent within ${terms.handlingBusinessDays} business days. ${returns}`;
}

function chatText(messages: readonly EvidenceMessage[]): string[] {
  const said = messages.filter(({ text }) => text !== null && text.length > 0);
  if (said.length === 0) return [];
  return [
    'From the conversation:',
    ...said.map(({ sender, sentAt, text }) => `${day(sentAt)} ${sender ?? 'NOTICE'}: ${text}`),
  ];
}

const day = (moment: Date) => moment.toISOString().slice(0, 10);

function cut(text: string, max: number): string {
  const points = [...text];
  return points.length <= max ? text : `${points.slice(0, max - 1).join('')}…`;
}
