import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type PaypalSimulator, startPaypalSimulator } from '../../../local/paypal/simulator.ts';
import { parseSealingKeys, Sealer } from '../../../subgraphs/kernel/sealing.ts';
import {
  accessHash,
  IdentityVault,
} from '../../../subgraphs/seller-accounts/persistence/identity-vault.ts';
import { subgraph } from '../../../subgraphs/seller-accounts/server.ts';
import { misshapen } from '../conversations/event-schemas.ts';
import {
  type Claims,
  type Harness,
  idOf,
  member,
  neighbour,
  startHarness,
  support,
  system,
  until,
} from '../conversations/harness.ts';

let at: Harness;
let paypal: PaypalSimulator;
/** What orders and payments say is still open. */
const SETTLED = {
  ...{ orders: 0, held: '0', owed: '0', disputes: 0, refunds: 0, attempts: 0, isDown: false },
};
let left = { ...SETTLED };

const SEALING_KEYS = `k1:${Buffer.alloc(32, 7).toString('base64')}`;
const NUMBER = '123-45-6789';

beforeAll(async () => {
  paypal = await startPaypalSimulator({ seed: 7 });
  const orders = neighbour('type Query { openOrdersOfSeller(sellerId: ID!): Int }', {
    openOrdersOfSeller: () => {
      if (left.isDown) throw new Error('down');
      return left.orders;
    },
  });
  const payments = neighbour(
    `type Query { sellerObligations(sellerId: ID!): O }
     type O { held: M!, owed: M!, openDisputes: Int!, openRefunds: Int!, openAttempts: Int! }
     type M { amountMinor: String!, currency: String! }`,
    {
      sellerObligations: () => ({
        held: { amountMinor: left.held, currency: 'USD' },
        owed: { amountMinor: left.owed, currency: 'USD' },
        openDisputes: left.disputes,
        openRefunds: left.refunds,
        openAttempts: left.attempts,
      }),
    },
  );
  const neighbours = new Map([
    ['orders', orders],
    ['payments', payments],
  ]);
  at = await startHarness(subgraph, neighbours, {
    PAYPAL_URL: paypal.url,
    PAYPAL_CLIENT_ID: paypal.clientId,
    PAYPAL_CLIENT_SECRET: paypal.clientSecret,
    PAYPAL_PARTNER_ID: paypal.partnerId,
    SEALING_KEYS,
  });
});

afterAll(async () => {
  await at.close();
  await paypal.close();
});

const ACCOUNT = `id status accountType tier canRequestPayments canReceivePayouts isIdentityProvided isUnderReview
  disabledReason disabledText onboardingUrl consentText consentedAt seller { id displayName handle isSelling }
  requirements { currentlyDue eventuallyDue pastDue pendingVerification currentDeadline errors { requirement reason } }`;
const ERRORS = 'userErrors { code message path currentState allowedActions }';

const change = async (
  who: Claims,
  name: string,
  input: object,
  select = `sellerAccount { ${ACCOUNT} }`,
) => {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input!`;
  const answer = await at.ask(
    who,
    `mutation($input: ${type}) { ${name}(input: $input) { ${select} ${ERRORS} } }`,
    { input },
  );
  if (answer.errors) return { errors: answer.errors.map((error) => error.extensions.code) };
  return answer.data[name];
};
const enlist = (userId: string, state = 'ENABLED') =>
  change(support, 'setAllowListEntry', { userId, state }, 'state');
const start = (who: ReturnType<typeof member>, more: object = {}) =>
  change(who.claims, 'startSellerApplication', {
    accountType: 'BUSINESS',
    displayName: 'Corner shop',
    handle: `shop.${who.userId.slice(-8)}`,
    region: 'US',
    dateOfBirth: '1990-12-10',
    ...more,
  });
const identify = (who: ReturnType<typeof member>, more: object = {}) =>
  change(who.claims, 'provideSellerIdentity', {
    legalName: 'Ada Lovelace',
    dateOfBirth: '1990-12-10',
    socialSecurityNumber: NUMBER,
    line1: '1 Main Street',
    city: 'Springfield',
    state: 'IL',
    postalCode: '62701',
    ...more,
  });
const submit = (who: ReturnType<typeof member>, hasConsented = true) =>
  change(who.claims, 'submitSellerApplication', { hasConsented });
const decide = (sellerId: string, decision: string, reason?: string) =>
  change(support, 'decideSellerAccount', { sellerId, decision, reason });
const mine = async (who: ReturnType<typeof member>) =>
  (
    await at.ask(
      who.claims,
      `{ viewer { id sellerAccount { ${ACCOUNT} } sellerEligibility { gate isMet reason } } }`,
    )
  ).data.viewer;
const statusOf = async (who: ReturnType<typeof member>) => (await mine(who)).sellerAccount.status;
const standing = async (sellerId: string) =>
  (
    await at.ask(
      system,
      `query($sellerId: ID!) { sellerStanding(sellerId: $sellerId) {
        sellerId status canRequestPayments canReceivePayouts tier merchantId region isAllowListed reason } }`,
      { sellerId },
    )
  ).data.sellerStanding;
const events = async (sellerId: string) =>
  (
    await at.sql(
      'select type, schema_version, payload from outbox where aggregate_id = $1 order by id',
      [sellerId],
    )
  ).map((row) => row.payload);
let serial = 0;
/** Each a person of their own: nine digits that were never given before. */
const freshNumber = () => String(234_560_000 + ++serial * 3 + 1);
const admin = (path: string, body: object = {}) =>
  fetch(`${paypal.url}/simulator/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

/** Statements of a read, without those of timed work that happened to run beside one of three tries. */
async function fewestStatements(read: () => Promise<unknown>): Promise<number> {
  const counts: number[] = [];
  for (let n = 0; n < 3; n += 1) counts.push((await at.statements(read)).length);
  return Math.min(...counts);
}

async function activeSeller(name: string) {
  const who = member(name);
  await enlist(who.userId);
  await start(who);
  await identify(who, { socialSecurityNumber: freshNumber() });
  await submit(who);
  await until(async () => (await statusOf(who)) === 'ACTIVE');
  return who;
}

describe('closing an account', () => {
  const close = (who: Claims, sellerId: string, isFinal = true) =>
    change(who, 'closeSellerAccount', { sellerId, isFinal });
  const codesOf = (payload: { userErrors: { code: string }[] }) =>
    payload.userErrors.map(({ code }) => code);

  it.each([
    ['ORDERS', { orders: 1 }],
    ['HELD_MONEY', { held: '1' }],
    ['DEBT', { owed: '1' }],
    ['DISPUTES', { disputes: 1 }],
    ['REFUNDS', { refunds: 1 }],
    ['PAYMENTS_IN_FLIGHT', { attempts: 1 }],
  ])('is refused while there are %s, and changes nothing', async (what, more) => {
    const who = await activeSeller(`Leaving ${what}`);
    const before = await events(who.sellerId);
    left = { ...SETTLED, ...more };

    const refused = await close(who.claims, who.sellerId);
    left = { ...SETTLED };

    expect(refused.sellerAccount).toBeNull();
    expect(refused.userErrors).toMatchObject([
      { code: 'OBLIGATIONS_OPEN', allowedActions: [what] },
    ]);
    expect(await statusOf(who)).toBe('ACTIVE');
    expect(await events(who.sellerId)).toEqual(before);
  });

  it('is refused while a neighbour does not answer, without the word, and for others', async () => {
    const who = await activeSeller('Leaving');
    const partner: Claims = { iss: 'test', sub: 'erp', kind: 'partner', sellerIds: [who.sellerId] };
    left = { ...SETTLED, isDown: true };

    expect(codesOf(await close(who.claims, who.sellerId))).toEqual(['TEMPORARILY_UNAVAILABLE']);
    left = { ...SETTLED };
    expect(codesOf(await close(who.claims, who.sellerId, false))).toEqual([
      'CONFIRMATION_REQUIRED',
    ]);
    expect(codesOf(await close(member('Else').claims, who.sellerId))).toEqual(['NOT_FOUND']);
    expect(codesOf(await close(partner, who.sellerId))).toEqual(['NOT_ALLOWED']);
    expect(codesOf(await close(who.claims, who.userId))).toEqual(['NOT_FOUND']);
    expect(await statusOf(who)).toBe('ACTIVE');
  });

  it('is for good: nothing new, told once, never reopened', async () => {
    const who = await activeSeller('Gone');
    const told = (await events(who.sellerId)).length;

    const { sellerAccount } = await close(who.claims, who.sellerId);

    expect(sellerAccount).toMatchObject({
      status: 'CLOSED',
      canRequestPayments: false,
      disabledReason: 'CLOSED',
    });
    expect(await standing(who.sellerId)).toMatchObject({
      status: 'CLOSED',
      canRequestPayments: false,
    });
    expect((await events(who.sellerId)).slice(told)).toMatchObject([
      {
        sellerId: who.sellerId,
        status: 'CLOSED',
        canRequestPayments: false,
        canReceivePayouts: true,
      },
    ]);
    expect(codesOf(await close(who.claims, who.sellerId))).toEqual(['ILLEGAL_TRANSITION']);
    expect(codesOf(await close(support, who.sellerId))).toEqual(['ILLEGAL_TRANSITION']);
    expect(codesOf(await decide(who.sellerId, 'REINSTATE'))).toEqual(['ILLEGAL_TRANSITION']);
    expect(codesOf(await start(who))).toEqual(['ALREADY_APPLIED']);
    expect((await events(who.sellerId)).length).toBe(told + 1);
  });

  it('is also for support, from a suspended account', async () => {
    const who = await activeSeller('Put out');
    await decide(who.sellerId, 'SUSPEND', 'Fraud');

    const { sellerAccount } = await close(support, who.sellerId);

    expect(sellerAccount).toMatchObject({ status: 'CLOSED', canReceivePayouts: false });
  });
});

describe('an application', () => {
  it('goes from the first gate to selling, and tells at each step what is due', async () => {
    const who = member('First');
    expect((await mine(who)).sellerEligibility).toEqual([
      {
        gate: 'PROFESSIONAL_ACCOUNT',
        isMet: false,
        reason: 'Apply with a BUSINESS or CREATOR account.',
      },
      {
        gate: 'AGE',
        isMet: false,
        reason: 'Apply with a date of birth of at least 18 years ago.',
      },
      { gate: 'REGION', isMet: true, reason: null },
      {
        gate: 'ALLOW_LIST',
        isMet: false,
        reason: 'Selling is open to invited businesses only for now.',
      },
      { gate: 'APPLICATION', isMet: false, reason: 'Complete and submit the application.' },
      { gate: 'PROCESSOR', isMet: false, reason: 'PayPal has not confirmed the account yet.' },
    ]);
    await enlist(who.userId);

    expect(await start(who, { displayName: 'ร้านชา 茶 🫖' })).toMatchObject({
      sellerAccount: {
        id: who.sellerId,
        status: 'DRAFT',
        seller: null,
        requirements: {
          currentlyDue: ['provideSellerIdentity', 'submitSellerApplication'],
          eventuallyDue: ['GRANT_PERMISSIONS'],
        },
      },
      userErrors: [],
    });
    expect((await submit(who)).userErrors).toMatchObject([
      { code: 'REQUIREMENTS_OPEN', allowedActions: ['provideSellerIdentity'] },
    ]);
    expect((await identify(who)).sellerAccount).toMatchObject({
      isIdentityProvided: true,
      requirements: { currentlyDue: ['submitSellerApplication'] },
    });
    expect((await submit(who, false)).userErrors).toMatchObject([
      { code: 'CONSENT_REQUIRED', path: ['hasConsented'] },
    ]);
    const { sellerAccount } = await submit(who);
    expect(sellerAccount).toMatchObject({
      status: 'VERIFYING',
      onboardingUrl: expect.stringContaining(paypal.url),
      requirements: { currentlyDue: [], pendingVerification: ['identity'] },
    });
    await until(async () => (await statusOf(who)) === 'ACTIVE');

    const { sellerAccount: account, sellerEligibility } = await mine(who);
    expect(account).toMatchObject({
      canRequestPayments: true,
      canReceivePayouts: true,
      disabledReason: null,
      onboardingUrl: null,
      consentedAt: expect.any(String),
      seller: { id: who.sellerId, displayName: 'ร้านชา 茶 🫖', isSelling: true },
    });
    expect(sellerEligibility.every((gate: { isMet: boolean }) => gate.isMet)).toBe(true);
    expect((await events(who.sellerId)).map((payload) => payload.status)).toEqual([
      'VERIFYING',
      'ACTIVE',
    ]);
    expect(await standing(who.sellerId)).toEqual({
      sellerId: who.sellerId,
      status: 'ACTIVE',
      canRequestPayments: true,
      canReceivePayouts: true,
      tier: 'NEW',
      merchantId: expect.stringMatching(/^[A-Z0-9]{13}$/),
      region: 'US',
      isAllowListed: true,
      reason: null,
    });
  });

  it.each([
    ['a personal account', { accountType: 'PERSONAL' }, 'PROFESSIONAL_ACCOUNT_REQUIRED'],
    ['another region', { region: 'IN' }, 'REGION_NOT_ENABLED'],
    ['no region', { region: 'x; drop' }, 'REGION_NOT_ENABLED'],
    ['a minor', { dateOfBirth: '2020-01-01' }, 'UNDER_AGE'],
    ['a wrong date', { dateOfBirth: '2001-02-30' }, 'DATE_OF_BIRTH_INVALID'],
    ['a bad handle', { handle: 'No Spaces' }, 'HANDLE_INVALID'],
    ['half a character', { displayName: 'a\ud83d' }, 'TEXT_NOT_STORABLE'],
    ['a NUL', { displayName: 'a\u0000' }, 'TEXT_NOT_STORABLE'],
    ['no name', { displayName: '' }, 'TEXT_EMPTY'],
  ])('from %s is refused, and nothing is written', async (name, more, code) => {
    const who = member(`Refused ${name}`);
    await enlist(who.userId);

    expect(await start(who, more)).toMatchObject({ sellerAccount: null, userErrors: [{ code }] });

    expect((await mine(who)).sellerAccount).toBeNull();
    expect(await at.sql('select 1 from seller_account where id = $1', [who.sellerId])).toEqual([]);
    expect(await events(who.sellerId)).toEqual([]);
  });

  it('from a place that the identity provider denies is refused', async () => {
    const who = member('Abroad');
    await enlist(who.userId);

    expect(await start({ ...who, claims: { ...who.claims, region: 'IN' } })).toMatchObject({
      sellerAccount: null,
      userErrors: [{ code: 'REGION_NOT_ENABLED' }],
    });
  });

  it.each([['INVITED'], ['PAUSED'], ['REVOKED']])(
    'from a member whose entry is %s is refused',
    async (state) => {
      const who = member(`Entry ${state}`);
      if (state === 'PAUSED') await enlist(who.userId);
      await enlist(who.userId, state);

      expect(await start(who)).toMatchObject({
        sellerAccount: null,
        userErrors: [{ code: 'NOT_ALLOW_LISTED' }],
      });
    },
  );

  it('begun twice at once, or under one handle, is begun once', async () => {
    const [one, other] = [member('Twin one'), member('Twin other')];
    await enlist(one.userId);
    await enlist(other.userId);
    const codes = (answers: { userErrors: { code: string }[] }[]) =>
      answers.flatMap((answer) => answer.userErrors.map((error) => error.code)).sort();

    const same = await Promise.all([1, 2, 3].map(() => start(one, { handle: 'twin.shop' })));
    const taken = await Promise.all([start(other, { handle: 'twin.shop' })]);

    expect(codes(same)).toEqual(['ALREADY_APPLIED', 'ALREADY_APPLIED']);
    expect(codes(taken)).toEqual(['HANDLE_TAKEN']);
    const third = member('Twin third');
    await enlist(third.userId);
    const race = await Promise.all([
      start(other, { handle: 'raced.shop' }),
      start(third, { handle: 'raced.shop' }),
    ]);
    expect(codes(race)).toEqual(['HANDLE_TAKEN']);
  });

  it('is found by everyone who waited for it', async () => {
    const who = member('Hasty');
    await enlist(who.userId);
    await start(who);
    const socialSecurityNumber = freshNumber();

    const answers = await Promise.all(
      Array.from({ length: 8 }, () => identify(who, { socialSecurityNumber })),
    );

    for (const answer of answers) expect(answer).toMatchObject({ userErrors: [] });
  });

  it('is nobody else’s: without a member, or by support, there is none', async () => {
    expect(await change(null, 'submitSellerApplication', { hasConsented: true })).toEqual({
      errors: ['UNAUTHENTICATED'],
    });
    expect(await change(support, 'submitSellerApplication', { hasConsented: true })).toEqual({
      errors: ['FORBIDDEN'],
    });
    expect(await submit(member('Nobody'))).toMatchObject({ userErrors: [{ code: 'NOT_FOUND' }] });
  });

  it('survives a processor that does not answer, and goes on when it does', async () => {
    const who = member('Patient');
    await enlist(who.userId);
    await start(who);
    await identify(who, { socialSecurityNumber: freshNumber() });
    await admin('faults', { operation: 'referrals.create', kind: 'http-5xx', times: 1 });

    expect((await submit(who)).sellerAccount).toMatchObject({ status: 'SUBMITTED' });
    await at.moveClock(31_000);
    await until(async () => (await statusOf(who)) === 'ACTIVE');

    expect((await events(who.sellerId)).map((payload) => payload.status)).toEqual([
      'VERIFYING',
      'ACTIVE',
    ]);
  });
});

describe('identity data', () => {
  it('is sealed, opened only with a trace, and erased when the processor has it', async () => {
    const who = member('Sealed');
    await enlist(who.userId);
    await start(who);
    const number = freshNumber();
    await identify(who, { socialSecurityNumber: number });
    const [stored] = await at.sql('select * from seller_identity where seller_id = $1', [
      who.sellerId,
    ]);

    expect(JSON.stringify(stored)).not.toContain(number);
    expect(JSON.stringify(stored)).not.toContain('Lovelace');
    await submit(who);
    await until(async () => (await statusOf(who)) === 'ACTIVE');

    expect(
      await at.sql(
        'select wrapped_key, sealed, erased_at is not null as erased, length(number_fingerprint) as length from seller_identity where seller_id = $1',
        [who.sellerId],
      ),
    ).toEqual([{ wrapped_key: null, sealed: null, erased: true, length: 64 }]);
    expect(
      await at.sql('select accessed_by, purpose from identity_access where seller_id = $1', [
        who.sellerId,
      ]),
    ).toEqual([{ accessed_by: 'system:onboarding', purpose: 'refer the seller to the processor' }]);
  });

  it('does not open in the row of another seller', async () => {
    const [owner, thief] = [member('Owner'), member('Thief')];
    for (const who of [owner, thief]) {
      await enlist(who.userId);
      await start(who);
      await identify(who, { socialSecurityNumber: freshNumber() });
    }
    await at.sql(
      `update seller_identity set wrapped_key = own.wrapped_key, sealed = own.sealed
       from seller_identity own where own.seller_id = $1 and seller_identity.seller_id = $2`,
      [owner.sellerId, thief.sellerId],
    );
    const vault = new IdentityVault(new Sealer(parseSealingKeys(SEALING_KEYS)));
    const open = (sellerId: string) =>
      at.running.runtime.transactions.run((em) => vault.open(em, sellerId, 'test', 'a test'));

    expect(await open(owner.sellerId)).toMatchObject({ legalName: 'Ada Lovelace' });
    await expect(open(thief.sellerId)).rejects.toThrow();
  });

  it('keeps a log of openings that nobody can change unseen', async () => {
    const rows = await at.sql('select * from identity_access order by id');
    let previous = '';
    for (const row of rows) {
      expect(row.previous_hash).toBe(previous);
      expect(row.hash).toBe(
        accessHash(previous, row.seller_id, row.accessed_by, row.purpose, row.accessed_at),
      );
      previous = row.hash;
    }
    expect(rows.length).toBeGreaterThan(2);
    await expect(at.sql(`update identity_access set purpose = 'none'`)).rejects.toThrow(
      'only ever added',
    );
    await expect(at.sql('delete from identity_access')).rejects.toThrow('only ever added');
  });

  it('can be read by no field of the schema', async () => {
    const { data } = await at.ask(support, '{ __schema { types { name kind fields { name } } } }');
    const fields = (
      data.__schema.types as { name: string; fields: { name: string }[] | null }[]
    ).flatMap((type) => (type.fields ?? []).map((field) => `${type.name}.${field.name}`));

    expect(fields).toContain('SellerAccount.isIdentityProvided');
    expect(
      fields.filter((name) =>
        /legalName|dateOfBirth|socialSecurity|line1|line2|postalCode|fingerprint/i.test(name),
      ),
    ).toEqual([]);
  });

  it.each([
    [{ socialSecurityNumber: '000-00-0000' }, 'IDENTITY_INVALID', 'socialSecurityNumber'],
    [{ dateOfBirth: '2020-01-01' }, 'UNDER_AGE', 'dateOfBirth'],
    [{ postalCode: 'x' }, 'IDENTITY_INVALID', 'postalCode'],
    [{ line1: '' }, 'TEXT_EMPTY', 'line1'],
  ])('like %j is refused with %s, and nothing is kept', async (more, code, field) => {
    const who = member(`Bad ${field}`);
    await enlist(who.userId);
    await start(who);

    const { sellerAccount, userErrors } = await identify(who, more);

    expect(sellerAccount).toBeNull();
    expect(userErrors).toMatchObject([{ code, path: [field] }]);
    expect(userErrors[0].message).not.toContain('000-00-0000');
    expect((await mine(who)).sellerAccount.isIdentityProvided).toBe(false);
    expect(
      await at.sql('select 1 from seller_identity where seller_id = $1', [who.sellerId]),
    ).toEqual([]);
  });

  it('given again for another account brings a look by support, which its owner cannot see', async () => {
    const [known, again] = [await activeSeller('Known'), member('Again')];
    const [{ number_fingerprint: print }] = await at.sql(
      'select number_fingerprint from seller_identity where seller_id = $1',
      [known.sellerId],
    );
    await enlist(again.userId);
    await start(again);
    await identify(again, { socialSecurityNumber: freshNumber() });
    await at.sql('update seller_identity set number_fingerprint = $1 where seller_id = $2', [
      print,
      again.sellerId,
    ]);

    const { sellerAccount, userErrors } = await submit(again);

    expect(userErrors).toEqual([]);
    expect(sellerAccount).toMatchObject({
      status: 'SUBMITTED',
      isUnderReview: null,
      disabledReason: 'PENDING_VERIFICATION',
      requirements: { pendingVerification: ['identity'], errors: [] },
    });
    await at.moveClock(120_000);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const { data } = await at.ask(
      support,
      'query($id: ID!) { sellerAccountById(id: $id) { status isUnderReview } }',
      { id: again.sellerId },
    );
    expect(data.sellerAccountById).toEqual({ status: 'SUBMITTED', isUnderReview: true });
    expect((await decide(again.sellerId, 'CLEAR_REVIEW')).userErrors).toEqual([]);
    await at.moveClock(31_000);
    await until(async () => (await statusOf(again)) === 'ACTIVE');
  });
});

describe('a seller', () => {
  it('is restricted, suspended and reinstated by support alone, and each is told', async () => {
    const who = await activeSeller('Governed');
    const before = (await events(who.sellerId)).length;

    expect(
      await change(who.claims, 'decideSellerAccount', {
        sellerId: who.sellerId,
        decision: 'REINSTATE',
      }),
    ).toEqual({ errors: ['FORBIDDEN'] });
    expect((await decide(who.sellerId, 'RESTRICT')).userErrors).toMatchObject([
      { code: 'TEXT_EMPTY', path: ['reason'] },
    ]);
    expect((await decide(who.sellerId, 'RESTRICT', 'Late often.')).sellerAccount).toMatchObject({
      status: 'RESTRICTED',
      canRequestPayments: false,
      canReceivePayouts: true,
      disabledText: 'Late often.',
    });
    await decide(who.sellerId, 'SUSPEND', 'Fraud.');
    expect(await standing(who.sellerId)).toMatchObject({
      canRequestPayments: false,
      canReceivePayouts: false,
      reason: 'Fraud.',
    });
    await decide(who.sellerId, 'REINSTATE');
    expect((await decide(who.sellerId, 'REINSTATE')).userErrors).toMatchObject([
      { code: 'ILLEGAL_TRANSITION', currentState: 'ACTIVE' },
    ]);
    expect((await decide(idOf('sel', 'none'), 'REINSTATE')).userErrors).toMatchObject([
      { code: 'NOT_FOUND' },
    ]);

    expect((await events(who.sellerId)).slice(before)).toMatchObject([
      { status: 'RESTRICTED', canRequestPayments: false, canReceivePayouts: true },
      { status: 'SUSPENDED', canRequestPayments: false, canReceivePayouts: false },
      { status: 'ACTIVE', canRequestPayments: true, canReceivePayouts: true },
    ]);
  });

  it('who takes back the consent at the processor is suspended within minutes', async () => {
    const who = await activeSeller('Revoking');
    const { merchantId } = await standing(who.sellerId);
    await admin(`merchants/${merchantId}/revoke`);

    await at.moveClock(301_000);
    await until(async () => (await statusOf(who)) === 'SUSPENDED');

    expect((await mine(who)).sellerAccount).toMatchObject({
      canRequestPayments: false,
      canReceivePayouts: false,
      disabledReason: 'CONSENT_REVOKED',
      requirements: { currentlyDue: ['GRANT_PERMISSIONS', 'ENABLE_RECEIVING'] },
    });
    expect((await decide(who.sellerId, 'REINSTATE')).userErrors).toMatchObject([
      { code: 'REQUIREMENTS_OPEN' },
    ]);
    await at.moveClock(15 * 86_400_000);
    const { requirements } = (await mine(who)).sellerAccount;
    expect(requirements.pastDue).toEqual(requirements.currentlyDue);
  });

  it('taken off the list, or in a closed region, starts nothing new and is still paid', async () => {
    const who = await activeSeller('Paused');

    await enlist(who.userId, 'PAUSED');
    expect(await standing(who.sellerId)).toMatchObject({
      canRequestPayments: false,
      canReceivePayouts: true,
      isAllowListed: false,
      reason: 'Selling is open to invited businesses only for now.',
    });
    expect((await events(who.sellerId)).at(-1)).toMatchObject({
      status: 'ACTIVE',
      canRequestPayments: false,
      canReceivePayouts: true,
    });
    await enlist(who.userId);
    const region = (isEnabled: boolean, effectiveFrom?: string) =>
      change(
        support,
        'setRegionPolicy',
        { region: 'US', isEnabled, effectiveFrom },
        'regionPolicy { region isEnabled }',
      );
    expect((await region(false)).regionPolicy).toEqual({ region: 'US', isEnabled: false });
    expect(await standing(who.sellerId)).toMatchObject({
      canRequestPayments: false,
      canReceivePayouts: true,
      isAllowListed: true,
      reason: 'New sales are paused in US.',
    });
    await region(true);

    expect(await standing(who.sellerId)).toMatchObject({ canRequestPayments: true, reason: null });
    expect((await region(false, '2020-01-01T00:00:00Z')).userErrors).toMatchObject([
      { code: 'EFFECTIVE_FROM_INVALID' },
    ]);
    expect(
      await change(
        support,
        'setRegionPolicy',
        { region: 'usa', isEnabled: true },
        'regionPolicy { region }',
      ),
    ).toMatchObject({ userErrors: [{ code: 'REGION_INVALID' }] });
    expect(
      await change(
        who.claims,
        'setRegionPolicy',
        { region: 'US', isEnabled: true },
        'regionPolicy { region }',
      ),
    ).toEqual({ errors: ['FORBIDDEN'] });
  });

  it('is told to others seller by seller when the rule of its region takes effect, once', async () => {
    const [one, two] = [await activeSeller('Told One'), await activeSeller('Told Two')];
    const toldOf = async (sellerId: string) =>
      (await events(sellerId)).slice(1).map((event) => event.canRequestPayments);
    const set = (isEnabled: boolean, effectiveFrom?: string) =>
      change(
        support,
        'setRegionPolicy',
        { region: 'US', isEnabled, effectiveFrom },
        'regionPolicy { region }',
      );
    await until(
      async () => (await at.sql('select 1 from region_policy where not is_told')).length === 0,
    );
    const before = [await toldOf(one.sellerId), await toldOf(two.sellerId)];
    const [{ soon }] = await at.sql(`select parley_clock.now() + interval '1 hour' as soon`);
    await set(false, soon.toISOString());
    await at.running.runtime.enqueue('announce-regions');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect([await toldOf(one.sellerId), await toldOf(two.sellerId)]).toEqual(before);

    await at.moveClock(3_600_000 + 1_000);
    await until(async () => (await toldOf(two.sellerId)).at(-1) === false);
    await until(async () => (await toldOf(one.sellerId)).at(-1) === false);
    await set(true);
    await until(async () => (await toldOf(two.sellerId)).at(-1) === true);
    await until(
      async () => (await at.sql('select 1 from region_policy where not is_told')).length === 0,
    );
    await at.running.runtime.enqueue('announce-regions');
    await new Promise((resolve) => setTimeout(resolve, 500));

    expect(await toldOf(one.sellerId)).toEqual([...(before[0] ?? []), false, true]);
    expect(await toldOf(two.sellerId)).toEqual([...(before[1] ?? []), false, true]);
  });

  it('is public by profile and private by account', async () => {
    const who = await activeSeller('Public');
    const ENTITIES =
      'query($r: [_Any!]!) { _entities(representations: $r) { ... on Seller { displayName } ... on SellerAccount { status } } }';
    const r = (...ids: string[]) => [
      ...ids.map((id) => ({ __typename: 'Seller', id })),
      { __typename: 'SellerAccount', id: who.sellerId },
    ];

    const statements = await fewestStatements(async () => {
      const { data } = await at.ask(member('Curious').claims, ENTITIES, {
        r: r(who.sellerId, idOf('sel', 'none'), 'x', who.userId),
      });
      expect(data._entities).toEqual([{ displayName: 'Corner shop' }, null, null, null, null]);
    });

    expect(statements).toBeLessThanOrEqual(2);
    const { data } = await at.ask(who.claims, ENTITIES, { r: r(who.sellerId) });
    expect(data._entities[1]).toEqual({ status: 'ACTIVE' });
    const granted: Claims = {
      iss: 'test',
      sub: 'partner-1',
      kind: 'partner',
      sellerIds: [who.sellerId],
    };
    expect((await at.ask(granted, ENTITIES, { r: r(who.sellerId) })).data._entities[1]).toEqual({
      status: 'ACTIVE',
    });
  });

  it('cannot ask what only other subgraphs may', async () => {
    const who = member('Asking');

    const { errors } = await at.ask(
      who.claims,
      `{ sellerStanding(sellerId: "${who.sellerId}") { status } }`,
    );

    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    expect(await standing('x')).toBeNull();
    expect(await standing(idOf('sel', 'none'))).toBeNull();
  });
});

describe('the reading of standings', () => {
  it('of one account that fails keeps no other from being read', async () => {
    const [stuck, next] = [member('Stuck'), member('Next')];
    for (const who of [stuck, next]) {
      await enlist(who.userId);
      await start(who);
      await identify(who, { socialSecurityNumber: freshNumber() });
    }
    await submit(stuck);
    // What cannot be opened cannot be referred: it fails every time it is tried.
    await at.sql(
      `update seller_account set status = 'SUBMITTED', standing_read_at = '2020-01-01' where id = $1`,
      [stuck.sellerId],
    );
    await at.sql(
      `update seller_identity set sealed = 'v1.k1.AAAA', wrapped_key = 'v1.k1.AAAA', erased_at = null where seller_id = $1`,
      [stuck.sellerId],
    );

    await submit(next);
    await until(async () => (await statusOf(next)) === 'ACTIVE');

    expect(await statusOf(stuck)).toBe('SUBMITTED');
  });

  // Last, after everything above has published.
  it('published only what the checked-in shape allows, and nothing of the person', async () => {
    const rows = await at.sql('select type, schema_version, payload from outbox');

    expect(misshapen(rows as never)).toEqual([]);
    expect(rows.length).toBeGreaterThan(20);
    expect(JSON.stringify(rows)).not.toMatch(
      /Lovelace|Main Street|62701|\d{3}-\d{2}-\d{4}|23456\d{4}/,
    );
  });
});
