import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { UserErrorFields } from '../../kernel/graphql/shared-types.ts';

/** Every refusal of this subgraph, in order of precedence. A code that is not here is a defect. */
const CODES = {
  NOT_FOUND: 'There is no such thing, or it is not yours to know of.',
  NOT_ALLOWED: 'You may see this and still not do this to it.',
  PROFESSIONAL_ACCOUNT_REQUIRED: 'Selling needs a business or creator account.',
  REGION_NOT_ENABLED: 'Selling is not offered in this region yet.',
  NOT_ALLOW_LISTED: 'Selling is open to invited businesses only for now.',
  UNDER_AGE: 'A seller must be at least 18 years old.',
  ALREADY_APPLIED: 'There is an application already.',
  ILLEGAL_TRANSITION: 'The present state does not allow this; see currentState and allowedActions.',
  APPEAL_WINDOW_OVER: 'It is too late to hand in again what was turned down.',
  REQUIREMENTS_OPEN: 'Something that is required was not given yet; see allowedActions.',
  OBLIGATIONS_OPEN: 'Orders, disputes, refunds, held money or debts are open; see allowedActions.',
  CONFIRMATION_REQUIRED: 'What cannot be taken back must be confirmed.',
  CONSENT_REQUIRED: 'The consent to share identity data with the processor is missing.',
  HANDLE_INVALID: 'The handle is not well-formed.',
  HANDLE_TAKEN: 'The handle is in use by another seller.',
  DATE_OF_BIRTH_INVALID: 'The date of birth is not a past date.',
  IDENTITY_INVALID: 'A value of the identity data is not valid; see path.',
  REGION_INVALID: 'The region is not the code of a country.',
  EFFECTIVE_FROM_INVALID: 'A rule cannot take effect in the past.',
  TEXT_EMPTY: 'A required text is empty.',
  TEXT_TOO_LONG: 'A text is longer than allowed.',
  TEXT_NOT_STORABLE: 'A text holds a NUL or half a surrogate pair.',
  TEMPORARILY_UNAVAILABLE:
    'A part of the system is not answering; the same call can succeed later.',
} as const;

export type SellerErrorCode = keyof typeof CODES;

export const SELLER_ERROR_CODES = Object.fromEntries(
  Object.keys(CODES).map((code) => [code, code]),
) as {
  readonly [code in SellerErrorCode]: code;
};

registerEnumType(SELLER_ERROR_CODES, {
  name: 'SellerErrorCode',
  description: 'Why seller accounts refused something, in order of precedence.',
  valuesConfig: Object.fromEntries(
    Object.entries(CODES).map(([code, description]) => [code, { description }]),
  ),
});

@ObjectType('SellerUserError', {
  description: 'A refusal by seller accounts that the caller can act on. Nothing was changed.',
})
export class SellerUserError extends UserErrorFields {
  @Field(() => SELLER_ERROR_CODES, { description: 'A stable code to decide by.' })
  readonly code!: SellerErrorCode;
}
