import { checkedText } from '../../kernel/text.ts';
import { DateOfBirthInvalid, IdentityInvalid, UnderAge } from './seller-account.errors.ts';

/**
 * What the processor must know of a seller and nobody else may. Write-only: it is checked, sealed
 * and handed to the processor. No field of the graph, no event and no log ever holds any of it.
 */
export interface Identity {
  readonly legalName: string;
  readonly dateOfBirth: string;
  readonly socialSecurityNumber: string;
  readonly line1: string;
  readonly line2: string | null;
  readonly city: string;
  readonly state: string;
  readonly postalCode: string;
}

const ADULT_YEARS = 18;
const TEXT_MAX = 120;

export function checkedIdentity(identity: Identity, now: Date): Identity {
  for (const field of ['legalName', 'line1', 'city'] as const) {
    checkedText(identity[field], { path: [field], maxCodePoints: TEXT_MAX });
  }
  if (identity.line2 !== null)
    checkedText(identity.line2, { path: ['line2'], maxCodePoints: TEXT_MAX, allowEmpty: true });
  checkAdult(identity.dateOfBirth, now);
  const digits = identity.socialSecurityNumber.replaceAll(/[\s-]/g, '');
  if (!isSocialSecurityNumber(digits)) {
    throw new IdentityInvalid(
      'socialSecurityNumber',
      'This is not a valid Social Security number.',
    );
  }
  if (!/^[A-Z]{2}$/.test(identity.state))
    throw new IdentityInvalid('state', 'state is the two-letter code of a US state.');
  if (!/^\d{5}(-\d{4})?$/.test(identity.postalCode))
    throw new IdentityInvalid('postalCode', 'postalCode is a ZIP code.');
  return { ...identity, socialSecurityNumber: digits };
}

/** Throws UnderAge before the eighteenth birthday, in UTC. */
export function checkAdult(dateOfBirth: string, now: Date): void {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(dateOfBirth);
  const born = new Date(`${dateOfBirth}T00:00:00Z`);
  if (
    !match ||
    Number.isNaN(born.getTime()) ||
    born.toISOString().slice(0, 10) !== dateOfBirth ||
    born >= now
  ) {
    throw new DateOfBirthInvalid();
  }
  const birthday = Date.UTC(
    born.getUTCFullYear() + ADULT_YEARS,
    born.getUTCMonth(),
    born.getUTCDate(),
  );
  if (birthday > now.getTime()) throw new UnderAge();
}

// Never issued: 000, 666 and 9xx areas, group 00, serial 0000 (ssa.gov, since 2011).
function isSocialSecurityNumber(digits: string): boolean {
  return /^(?!000|666|9)\d{3}(?!00)\d{2}(?!0000)\d{4}$/.test(digits);
}
