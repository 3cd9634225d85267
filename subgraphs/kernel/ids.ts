import { createHash, randomUUIDv7 } from 'node:crypto';

/**
 * Every id is opaque, unique in the whole graph and says what it is: `<prefix>_<32 hex digits>`.
 * The digits are a UUIDv7, so new rows land at the right edge of their index.
 */
export const ID_PREFIXES = {
  user: 'usr',
  seller: 'sel',
  listing: 'lst',
  variant: 'var',
  stockHold: 'hld',
  conversation: 'cnv',
  message: 'msg',
  paymentRequest: 'prq',
  paymentAttempt: 'pat',
  paymentMethod: 'pmt',
  payment: 'pay',
  disbursement: 'dsb',
  refund: 'rfd',
  dispute: 'dsp',
  ledgerEntry: 'led',
  finding: 'fnd',
  order: 'ord',
  orderItem: 'itm',
  shipment: 'shp',
  cancelRequest: 'cnc',
  return: 'ret',
  case: 'cas',
  report: 'rpt',
  notification: 'ntf',
  event: 'evt',
} as const;

export type IdKind = keyof typeof ID_PREFIXES;

/** A source of fresh ids; a port, so that a simulation can replay them. */
export type NewId = (kind: IdKind) => string;

export const newId: NewId = (kind) => `${ID_PREFIXES[kind]}_${randomUUIDv7().replaceAll('-', '')}`;

/** True when `id` has the shape of an id of this kind. Anything else cannot exist: no lookup needed. */
export function isId(kind: IdKind, id: string): boolean {
  const prefix = ID_PREFIXES[kind];
  return (
    id.length === prefix.length + 33 &&
    id.startsWith(`${prefix}_`) &&
    /^[0-9a-f]{32}$/.test(id.slice(-32))
  );
}

/**
 * A member's one seller account: the id follows from the user's, so every subgraph can tell whose
 * sales are whose without asking another. Whether the account exists is seller-accounts' to say.
 */
export function sellerIdOf(userId: string): string {
  return `${ID_PREFIXES.seller}_${userId.slice(-32)}`;
}

export function userIdOfSeller(sellerId: string): string {
  return `${ID_PREFIXES.user}_${sellerId.slice(-32)}`;
}

/** The user id for a token: the subject itself where the issuer gives ours, else derived from both. */
export function userIdOfSubject(issuer: string, subject: string): string {
  if (isId('user', subject)) return subject;
  return `${ID_PREFIXES.user}_${createHash('sha256').update(`${issuer}\0${subject}`).digest('hex').slice(0, 32)}`;
}

/** An id that follows from its parts, for effects that must not happen twice. */
export function derivedId(kind: IdKind, ...parts: readonly string[]): string {
  return `${ID_PREFIXES[kind]}_${createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 32)}`;
}
