import { DomainError } from '../../kernel/errors.ts';

// In order of precedence: the gates of the rollout, the person, then what was given.

export class ProfessionalAccountRequired extends DomainError {
  constructor() {
    super(
      'PROFESSIONAL_ACCOUNT_REQUIRED',
      'Selling needs a BUSINESS or CREATOR account; switch the account first.',
      {
        path: ['accountType'],
      },
    );
  }
}

export class RegionNotEnabled extends DomainError {
  constructor(region: string) {
    super('REGION_NOT_ENABLED', `Selling is not offered in ${region} yet.`, { path: ['region'] });
  }
}

export class NotAllowListed extends DomainError {
  constructor() {
    super('NOT_ALLOW_LISTED', 'Selling is open to invited businesses only for now.');
  }
}

export class UnderAge extends DomainError {
  constructor() {
    super('UNDER_AGE', 'A seller must be at least 18 years old.', { path: ['dateOfBirth'] });
  }
}

export class AlreadyApplied extends DomainError {
  constructor(status: string) {
    super('ALREADY_APPLIED', 'There is an application already; continue with it.', {
      currentState: status,
    });
  }
}

/** A turned-down application is closed for good after a while. */
export class AppealWindowOver extends DomainError {
  constructor(days: number) {
    super(
      'APPEAL_WINDOW_OVER',
      `An application can be handed in again within ${days} days of being turned down.`,
    );
  }
}

/** Nothing may be left undone behind a closed account. */
export class ObligationsOpen extends DomainError {
  constructor(open: readonly string[]) {
    super(
      'OBLIGATIONS_OPEN',
      `The account can be closed when nothing is open any more. Open: ${open.join(', ')}.`,
      { allowedActions: open },
    );
  }
}

/** Closing cannot be taken back, so it is asked for in so many words. */
export class ConfirmationRequired extends DomainError {
  constructor() {
    super('CONFIRMATION_REQUIRED', 'Closing is for good; set isFinal to true to do it.', {
      path: ['isFinal'],
    });
  }
}

/** What is open cannot be found out now, and nothing is closed on a guess. */
export class ObligationsUnknown extends DomainError {
  constructor() {
    super(
      'TEMPORARILY_UNAVAILABLE',
      'What is still open cannot be found out now. Repeat the same call later.',
      { retryable: true },
    );
  }
}

export class HandleTaken extends DomainError {
  constructor() {
    super('HANDLE_TAKEN', 'This handle is in use by another seller.', { path: ['handle'] });
  }
}

export class HandleInvalid extends DomainError {
  constructor() {
    super(
      'HANDLE_INVALID',
      'A handle is 3 to 30 lower-case letters, digits, dots or underscores.',
      { path: ['handle'] },
    );
  }
}

export class DateOfBirthInvalid extends DomainError {
  constructor() {
    super('DATE_OF_BIRTH_INVALID', 'dateOfBirth is a past date as YYYY-MM-DD.', {
      path: ['dateOfBirth'],
    });
  }
}

/** Says which field, never what was in it. */
export class IdentityInvalid extends DomainError {
  constructor(field: string, message: string) {
    super('IDENTITY_INVALID', message, { path: [field] });
  }
}

export class RequirementsOpen extends DomainError {
  constructor(open: readonly string[]) {
    super('REQUIREMENTS_OPEN', `Still needed: ${open.join(', ')}.`, { allowedActions: open });
  }
}

export class ConsentRequired extends DomainError {
  constructor() {
    super(
      'CONSENT_REQUIRED',
      'Identity data is shared with PayPal only with consent: show consentText and send hasConsented: true.',
      {
        path: ['hasConsented'],
      },
    );
  }
}

export class RegionInvalid extends DomainError {
  constructor() {
    super('REGION_INVALID', 'A region is the two-letter code of a country, for example US.', {
      path: ['region'],
    });
  }
}

export class EffectiveFromInvalid extends DomainError {
  constructor() {
    super('EFFECTIVE_FROM_INVALID', 'effectiveFrom must not lie in the past.', {
      path: ['effectiveFrom'],
    });
  }
}
