import { describe, expect, it } from '@jest/globals';
import { type Transitions, unreachableStates } from '../../../../subgraphs/kernel/state-machine.ts';
import { ALLOW_LIST_TRANSITIONS } from '../../../../subgraphs/seller-accounts/domain/allow-list.states.ts';
import {
  checkAdult,
  checkedIdentity,
} from '../../../../subgraphs/seller-accounts/domain/identity.ts';
import type { ProcessorStanding } from '../../../../subgraphs/seller-accounts/domain/processor-standing.ts';
import { SELLER_ACCOUNT_TRANSITIONS } from '../../../../subgraphs/seller-accounts/domain/seller-account.states.ts';
import { SellerAccount } from '../../../../subgraphs/seller-accounts/domain/seller-account.ts';

const now = new Date('2030-01-01T00:00:00.000Z');
const later = new Date('2030-01-05T00:00:00.000Z');
const given = {
  id: 'sel_1',
  userId: 'usr_1',
  accountType: 'BUSINESS',
  displayName: 'Café 茶',
  handle: 'cafe.cha',
  region: 'US',
};
const ready: ProcessorStanding = {
  merchantId: 'M1',
  paymentsReceivable: true,
  primaryEmailConfirmed: true,
  hasNeededPermissions: true,
};
const nothing: ProcessorStanding = {
  merchantId: 'M1',
  paymentsReceivable: false,
  primaryEmailConfirmed: false,
  hasNeededPermissions: false,
};

const draft = () => SellerAccount.apply(given, now);
const submitted = (isKnownPerson = false) => {
  const account = draft();
  account.provideIdentity(now);
  account.submit(true, isKnownPerson, now);
  return account;
};
const verifying = () => {
  const account = submitted();
  account.beginVerifying('https://paypal.example/finish', now);
  return account;
};
const active = () => {
  const account = verifying();
  account.learnStanding(ready, now);
  return account;
};

const stepsOf = <S extends string>(table: Transitions<S>) =>
  Object.entries<readonly S[]>(table).flatMap(([from, successors]) =>
    successors.map((to) => `${from} -> ${to}`),
  );

// Written out by hand: a change to one of these lives must be made twice, on purpose.
describe('the tables of seller accounts', () => {
  it('let an account take these steps and no others', () => {
    expect(stepsOf(SELLER_ACCOUNT_TRANSITIONS)).toEqual([
      'DRAFT -> SUBMITTED',
      'DRAFT -> CLOSED',
      'SUBMITTED -> VERIFYING',
      'SUBMITTED -> REJECTED',
      'VERIFYING -> ACTIVE',
      'VERIFYING -> ACTION_REQUIRED',
      'VERIFYING -> REJECTED',
      'VERIFYING -> SUSPENDED',
      'ACTION_REQUIRED -> VERIFYING',
      'ACTION_REQUIRED -> SUSPENDED',
      'ACTIVE -> RESTRICTED',
      'ACTIVE -> SUSPENDED',
      'ACTIVE -> CLOSED',
      'RESTRICTED -> ACTIVE',
      'RESTRICTED -> SUSPENDED',
      'RESTRICTED -> CLOSED',
      'SUSPENDED -> ACTIVE',
      'SUSPENDED -> CLOSED',
      'REJECTED -> SUBMITTED',
      'REJECTED -> CLOSED',
    ]);
    expect(unreachableStates(SELLER_ACCOUNT_TRANSITIONS, 'DRAFT')).toEqual([]);
  });

  it('let an entry of the list take these steps and no others', () => {
    expect(stepsOf(ALLOW_LIST_TRANSITIONS)).toEqual([
      'INVITED -> ENABLED',
      'INVITED -> REVOKED',
      'ENABLED -> PAUSED',
      'ENABLED -> REVOKED',
      'PAUSED -> ENABLED',
      'PAUSED -> REVOKED',
    ]);
    expect(unreachableStates(ALLOW_LIST_TRANSITIONS, 'INVITED')).toEqual([]);
  });
});

describe('SellerAccount.apply', () => {
  it('starts a draft that can neither sell nor be paid', () => {
    expect(draft()).toMatchObject({
      status: 'DRAFT',
      displayName: 'Café 茶',
      canRequestPayments: false,
      canReceivePayouts: false,
      disabledReason: 'APPLICATION_INCOMPLETE',
      currentlyDue: ['provideSellerIdentity', 'submitSellerApplication'],
    });
  });

  it.each([
    { change: { accountType: 'PERSONAL' }, code: 'PROFESSIONAL_ACCOUNT_REQUIRED' },
    { change: { handle: 'ab' }, code: 'HANDLE_INVALID' },
    { change: { handle: 'Upper' }, code: 'HANDLE_INVALID' },
    { change: { handle: '.dot' }, code: 'HANDLE_INVALID' },
    { change: { handle: 'x'.repeat(31) }, code: 'HANDLE_INVALID' },
    { change: { handle: 'раyраl' }, code: 'HANDLE_INVALID' },
    { change: { displayName: ' ' }, code: 'TEXT_EMPTY' },
    { change: { displayName: 'x'.repeat(61) }, code: 'TEXT_TOO_LONG' },
  ])('refuses $change with $code', ({ change, code }) => {
    expect(() => SellerAccount.apply({ ...given, ...change }, now)).toThrow(
      expect.objectContaining({ code }),
    );
  });
});

describe('SellerAccount.submit', () => {
  it('needs the identity, then the consent, and records what was agreed to and when', () => {
    const account = draft();

    expect(() => account.submit(true, false, now)).toThrow(
      expect.objectContaining({
        code: 'REQUIREMENTS_OPEN',
        allowedActions: ['provideSellerIdentity'],
      }),
    );
    account.provideIdentity(now);
    expect(() => account.submit(false, false, now)).toThrow(
      expect.objectContaining({ code: 'CONSENT_REQUIRED' }),
    );
    expect(account).toMatchObject({ status: 'DRAFT', consentedAt: null });
    account.submit(true, false, later);

    expect(account).toMatchObject({
      status: 'SUBMITTED',
      consentedAt: later,
      isUnderReview: false,
    });
    expect(account.consentText).toContain('Social Security number');
  });

  it('of a person who is known already waits for a look', () => {
    const account = submitted(true);

    expect(account).toMatchObject({ status: 'SUBMITTED', isUnderReview: true });
    account.clearReview(later);
    expect(account.isUnderReview).toBe(false);
  });

  it('again after a rejection is open for ten days', () => {
    const rejected = () => {
      const account = verifying();
      account.reject('The name does not match.', now);
      return account;
    };
    const inTime = rejected();
    const late = rejected();

    inTime.submit(true, false, new Date('2030-01-11T00:00:00.000Z'));
    expect(() => late.submit(true, false, new Date('2030-01-11T00:00:00.001Z'))).toThrow(
      expect.objectContaining({ code: 'APPEAL_WINDOW_OVER' }),
    );

    expect(inTime.status).toBe('SUBMITTED');
    expect(late).toMatchObject({ status: 'REJECTED', disabledReason: 'REJECTED' });
  });
});

describe('SellerAccount.learnStanding', () => {
  it('activates when everything is granted, confirmed and receivable', () => {
    const account = verifying();

    const event = account.learnStanding(ready, later);

    expect(event).toEqual({ type: 'seller-standing-changed', account, occurredAt: later });
    expect(account).toMatchObject({
      status: 'ACTIVE',
      merchantId: 'M1',
      canRequestPayments: true,
      canReceivePayouts: true,
      disabledReason: null,
      onboardingUrl: null,
    });
    expect(account.learnStanding(ready, later)).toBeNull();
  });

  it('waits while the seller has not been on the page at all', () => {
    const account = verifying();

    expect(account.learnStanding(nothing, later)).toBeNull();
    expect(account).toMatchObject({ status: 'VERIFYING', canRequestPayments: false });
  });

  it('asks for what the seller left open, once, until it is done', () => {
    const account = verifying();
    const half = { ...ready, primaryEmailConfirmed: false };

    expect(account.learnStanding(half, now)).not.toBeNull();
    expect(account).toMatchObject({
      status: 'ACTION_REQUIRED',
      currentlyDue: ['CONFIRM_EMAIL'],
      dueAt: new Date('2030-01-15T00:00:00.000Z'),
      disabledReason: 'ACTION_REQUIRED_BY_PROCESSOR',
      canRequestPayments: false,
    });
    expect(account.learnStanding(half, later)).toBeNull();
    account.learnStanding(ready, later);

    expect(account).toMatchObject({ status: 'ACTIVE', currentlyDue: [], dueAt: null });
  });

  it.each([
    { lost: 'primaryEmailConfirmed', due: ['CONFIRM_EMAIL'], payouts: true },
    { lost: 'paymentsReceivable', due: ['ENABLE_RECEIVING'], payouts: false },
  ])('restricts a seller who lost $lost, and takes it back', ({ lost, due, payouts }) => {
    const account = active();

    expect(account.learnStanding({ ...ready, [lost]: false }, later)).not.toBeNull();
    expect(account).toMatchObject({
      status: 'RESTRICTED',
      canRequestPayments: false,
      canReceivePayouts: payouts,
      processorDue: due,
    });
    account.learnStanding(ready, later);

    expect(account).toMatchObject({
      status: 'ACTIVE',
      canRequestPayments: true,
      canReceivePayouts: true,
    });
  });

  it('suspends a seller who revoked the consent, until it is granted again', () => {
    const account = active();

    account.learnStanding({ ...ready, hasNeededPermissions: false }, later);
    expect(account).toMatchObject({
      status: 'SUSPENDED',
      canRequestPayments: false,
      canReceivePayouts: false,
      disabledReason: 'CONSENT_REVOKED',
    });
    expect(() => account.reinstate(later)).toThrow(
      expect.objectContaining({ code: 'REQUIREMENTS_OPEN', allowedActions: ['GRANT_PERMISSIONS'] }),
    );
    account.learnStanding(ready, later);

    expect(account.status).toBe('ACTIVE');
  });

  it.each([
    { how: 'RESTRICTED', decide: (account: SellerAccount) => account.restrict('Late often.', now) },
    { how: 'SUSPENDED', decide: (account: SellerAccount) => account.suspend('Fraud.', now) },
  ])('never lifts what support decided: $how', ({ how, decide }) => {
    const account = active();
    decide(account);

    expect(account.learnStanding(ready, later)).toBeNull();
    expect(account).toMatchObject({ status: how, canRequestPayments: false });
    account.reinstate(later);

    expect(account).toMatchObject({ status: 'ACTIVE', disabledText: null });
  });
});

describe('SellerAccount, decided by support', () => {
  it('keeps payouts in a restriction and takes them in a suspension', () => {
    const account = active();

    account.restrict('Late often.', now);
    expect(account).toMatchObject({ canRequestPayments: false, canReceivePayouts: true });
    account.suspend('Fraud.', now);

    expect(account).toMatchObject({ canReceivePayouts: false, disabledText: 'Fraud.' });
  });

  it.each([
    { what: 'a draft restricted', act: () => draft().restrict('x', now) },
    { what: 'an active one reinstated', act: () => active().reinstate(now) },
    { what: 'one being verified reinstated', act: () => verifying().reinstate(now) },
    { what: 'an active one rejected', act: () => active().reject('x', now) },
    { what: 'a review of a draft cleared', act: () => draft().clearReview(now) },
  ])('refuses $what', ({ act }) => {
    expect(act).toThrow(expect.objectContaining({ code: 'ILLEGAL_TRANSITION' }));
  });

  it('does not make a seller of who never was one', () => {
    const account = verifying();
    account.suspend('Fraud.', now);

    expect(() => account.reinstate(later)).toThrow(
      expect.objectContaining({ code: 'REQUIREMENTS_OPEN' }),
    );

    expect(account).toMatchObject({ status: 'SUSPENDED', canRequestPayments: false });
  });
});

describe('checkAdult', () => {
  it.each([
    { born: '2012-01-01', code: null },
    { born: '2012-01-02', code: 'UNDER_AGE' },
    { born: '2029-12-31', code: 'UNDER_AGE' },
    { born: '2030-01-02', code: 'DATE_OF_BIRTH_INVALID' },
    { born: '2001-02-29', code: 'DATE_OF_BIRTH_INVALID' },
    { born: '1.1.2000', code: 'DATE_OF_BIRTH_INVALID' },
    { born: '', code: 'DATE_OF_BIRTH_INVALID' },
  ])('answers $code for $born', ({ born, code }) => {
    const check = () => checkAdult(born, now);

    if (code === null) expect(check).not.toThrow();
    else expect(check).toThrow(expect.objectContaining({ code, path: ['dateOfBirth'] }));
  });
});

describe('checkedIdentity', () => {
  const identity = {
    legalName: 'Ada Lovelace',
    dateOfBirth: '1990-12-10',
    socialSecurityNumber: '123-45-6789',
    line1: '1 Main Street',
    line2: null,
    city: 'Springfield',
    state: 'IL',
    postalCode: '62701',
  };

  it('keeps the digits alone', () => {
    expect(checkedIdentity(identity, now)).toEqual({
      ...identity,
      socialSecurityNumber: '123456789',
    });
  });

  it.each([
    { change: { socialSecurityNumber: '000-12-3456' }, path: 'socialSecurityNumber' },
    { change: { socialSecurityNumber: '666-12-3456' }, path: 'socialSecurityNumber' },
    { change: { socialSecurityNumber: '912-12-3456' }, path: 'socialSecurityNumber' },
    { change: { socialSecurityNumber: '123-00-3456' }, path: 'socialSecurityNumber' },
    { change: { socialSecurityNumber: '123-45-0000' }, path: 'socialSecurityNumber' },
    { change: { socialSecurityNumber: '12345678' }, path: 'socialSecurityNumber' },
    { change: { state: 'Illinois' }, path: 'state' },
    { change: { postalCode: '6270' }, path: 'postalCode' },
    { change: { legalName: '' }, path: 'legalName' },
    { change: { city: 'a\u0000' }, path: 'city' },
  ])('refuses $change, and never repeats what was given', ({ change, path }) => {
    const value = Object.values(change)[0] ?? '';

    try {
      checkedIdentity({ ...identity, ...change }, now);
      throw new Error('was accepted');
    } catch (error) {
      expect(error).toMatchObject({ path: [path] });
      if (value !== '') expect((error as Error).message).not.toContain(value);
    }
  });
});
