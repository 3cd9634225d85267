/**
 * What payments keeps of a vaulted instrument: its kind and PayPal's id, as "card:8kk8451t". An order
 * must name the kind beside the id, and PayPal offers no call by id alone without one more round trip.
 */
export type InstrumentKind = 'card' | 'paypal';

export function vaultReference(kind: InstrumentKind, id: string): string {
  return `${kind}:${id}`;
}

export function parseVaultReference(reference: string): {
  readonly kind: InstrumentKind;
  readonly id: string;
} {
  const [kind = '', id = ''] = reference.split(':', 2);
  if ((kind !== 'card' && kind !== 'paypal') || id === '')
    throw new TypeError('not a reference of the PayPal vault');
  return { kind, id };
}
