/** The carriers PayPal knows by name among those in use in the US; others go by their own name. */
const CARRIERS = new Set(['UPS', 'USPS', 'FEDEX', 'DHL']);
const NAME_MAX = 64;

/** As a tracker of an order takes it. */
export function trackerCarrier(carrier: string) {
  const known = codeOf(carrier);
  return known === null
    ? { carrier: 'OTHER', carrier_name_other: cut(carrier) }
    : { carrier: known };
}

/** As the evidence of a dispute takes it. */
export function evidenceCarrier(carrier: string | null) {
  const known = carrier === null ? null : codeOf(carrier);
  if (known !== null) return { carrier_name: known };
  return {
    carrier_name: 'OTHER',
    ...(carrier === null ? {} : { carrier_name_other: cut(carrier) }),
  };
}

function codeOf(carrier: string): string | null {
  const code = carrier.trim().toUpperCase();
  return CARRIERS.has(code) ? code : null;
}

function cut(carrier: string): string {
  return [...carrier].slice(0, NAME_MAX).join('');
}
