import { describe, expect, it } from '@jest/globals';
import { Money } from '../../../../subgraphs/kernel/money.ts';
import {
  type Offer,
  PaymentRequest,
} from '../../../../subgraphs/payments/domain/payment-request.ts';
import { checkLimits } from '../../../../subgraphs/payments/domain/request-limits.ts';
import type { RequestLine } from '../../../../subgraphs/payments/domain/request-line.ts';

const now = new Date('2030-01-01T00:00:00.000Z');
const later = new Date('2030-01-01T00:00:01.000Z');
const usd = (minor: number) => Money.of(BigInt(minor), 'USD');
const line = (change: Partial<RequestLine> = {}): RequestLine => ({
  lineId: '1',
  kind: 'CUSTOM',
  listingId: null,
  variantId: null,
  title: 'Mug',
  description: 'A mug.',
  unitPrice: usd(1000),
  quantity: 1,
  ...change,
});
const offer = (change: Partial<Offer> = {}): Offer => ({
  lines: [line()],
  shipping: usd(0),
  tax: usd(0),
  discount: usd(0),
  expectedTotal: null,
  terms: { returnWindowDays: 30, handlingBusinessDays: 3, isFinalSale: false },
  ...change,
});
const send = (change: Partial<Offer> = {}, expiresInHours: number | null = null) =>
  PaymentRequest.send(
    'prq_1',
    { conversationId: 'cnv_1', origin: 'CHAT', buyerId: 'usr_b', sellerId: 'slr_s' },
    offer(change),
    { expiresInHours, replacesId: null, currency: 'USD' },
    now,
  );
const refusal = (expected: object) => expect.objectContaining(expected);

describe('the total of a request', () => {
  it.each([
    { change: {}, subtotal: 1000n, total: 1000n },
    { change: { lines: [line({ quantity: 3 })] }, subtotal: 3000n, total: 3000n },
    { change: { shipping: usd(500), tax: usd(83) }, subtotal: 1000n, total: 1583n },
    { change: { discount: usd(999) }, subtotal: 1000n, total: 1n },
    { change: { shipping: usd(1), discount: usd(1000) }, subtotal: 1000n, total: 1n },
    {
      change: { lines: [line({ unitPrice: usd(1) }), line({ lineId: '2', quantity: 1000 })] },
      subtotal: 1_000_001n,
      total: 1_000_001n,
    },
    { change: { expectedTotal: usd(1000) }, subtotal: 1000n, total: 1000n },
  ])('adds up to $total', ({ change, subtotal, total }) => {
    const { request, event } = send(change);

    expect(request.subtotal.amountMinor).toBe(subtotal);
    expect(request.total.amountMinor).toBe(total);
    expect(request).toMatchObject({ status: 'SENT', version: 1, viewedAt: null });
    expect(event).toMatchObject({ change: 'sent', reason: null, occurredAt: now });
  });

  it.each([
    { change: { lines: [] }, code: 'LINES_INVALID', path: ['lines'] },
    { change: { lines: Array(51).fill(line()) }, code: 'LINES_INVALID', path: ['lines'] },
    {
      change: { lines: [line(), line({ quantity: 0 })] },
      code: 'LINES_INVALID',
      path: ['lines', '1', 'quantity'],
    },
    {
      change: { lines: [line({ quantity: 1001 })] },
      code: 'LINES_INVALID',
      path: ['lines', '0', 'quantity'],
    },
    {
      change: { lines: [line({ quantity: 1.5 })] },
      code: 'LINES_INVALID',
      path: ['lines', '0', 'quantity'],
    },
    {
      change: { lines: [line({ unitPrice: usd(0) })] },
      code: 'AMOUNT_NOT_POSITIVE',
      path: ['lines', '0', 'unitPrice'],
    },
    {
      change: { lines: [line({ unitPrice: Money.of(1000n, 'EUR') })] },
      code: 'CURRENCY_NOT_SUPPORTED',
      path: ['lines', '0', 'unitPrice'],
    },
    {
      change: { tax: Money.of(0n, 'EUR') },
      code: 'CURRENCY_NOT_SUPPORTED',
      path: ['tax'],
    },
    { change: { shipping: usd(-1) }, code: 'AMOUNT_NEGATIVE', path: ['shipping'] },
    { change: { tax: usd(-1) }, code: 'AMOUNT_NEGATIVE', path: ['tax'] },
    { change: { discount: usd(-1) }, code: 'AMOUNT_NEGATIVE', path: ['discount'] },
    { change: { discount: usd(1000) }, code: 'AMOUNT_NOT_POSITIVE', path: ['discount'] },
    { change: { discount: usd(1001) }, code: 'AMOUNT_NOT_POSITIVE', path: ['discount'] },
    { change: { expectedTotal: usd(1001) }, code: 'TOTAL_MISMATCH', path: ['expectedTotal'] },
    {
      change: { expectedTotal: Money.of(1000n, 'EUR') },
      code: 'TOTAL_MISMATCH',
      path: ['expectedTotal'],
    },
    {
      change: { lines: [line({ title: 'x'.repeat(128) })] },
      code: 'TEXT_TOO_LONG',
      path: ['lines', '0', 'title'],
    },
    {
      change: { lines: [line({ description: '' })] },
      code: 'TEXT_EMPTY',
      path: ['lines', '0', 'description'],
    },
  ])('is refused with $code at $path', ({ change, code, path }) => {
    expect(() => send(change)).toThrow(refusal({ code, path }));
  });
});

describe('the time of a request', () => {
  it.each([
    { hours: null, expiresAt: '2030-01-04T00:00:00.000Z' },
    { hours: 1, expiresAt: '2030-01-01T01:00:00.000Z' },
    { hours: 168, expiresAt: '2030-01-08T00:00:00.000Z' },
  ])('is $hours hours, and over at its very end', ({ hours, expiresAt }) => {
    const { request } = send({}, hours);
    const end = new Date(expiresAt);

    expect(request.expiresAt).toEqual(end);
    expect(request.isExpiredAt(new Date(end.getTime() - 1))).toBe(false);
    expect(request.isExpiredAt(end)).toBe(true);
  });

  it.each([0, 169, -1, 1.5, Number.NaN])('is refused at %d hours', (hours) => {
    expect(() => send({}, hours)).toThrow(refusal({ code: 'EXPIRY_OUT_OF_RANGE' }));
  });
});

describe('a request', () => {
  it('is noted as seen once, and by that in no other state', () => {
    const { request } = send();

    expect(request.view(later)).toMatchObject({ change: 'viewed' });
    expect(request.view(new Date('2031-01-01'))).toBeNull();
    expect(request).toMatchObject({ status: 'SENT', viewedAt: later, version: 2 });
  });

  it('begins to be paid for exactly the total that was approved', () => {
    const { request } = send();

    expect(() => request.beginPaying(usd(999), later)).toThrow(refusal({ code: 'OFFER_CHANGED' }));
    expect(() => request.beginPaying(Money.of(1000n, 'EUR'), later)).toThrow(
      refusal({ code: 'OFFER_CHANGED' }),
    );
    expect(request).toMatchObject({ status: 'SENT', version: 1 });
    expect(request.beginPaying(usd(1000), later)).toMatchObject({ change: 'paying' });
    expect(request).toMatchObject({ status: 'PAYING', version: 2 });
  });

  const paying = () => {
    const { request } = send();
    request.beginPaying(usd(1000), now);
    return request;
  };
  const pending = () => {
    const request = paying();
    request.markPending('ECHECK', now);
    return request;
  };
  const paid = () => {
    const request = pending();
    request.markPaid(now);
    return request;
  };

  it.each([
    { state: 'PAYING', make: paying },
    { state: 'PENDING', make: pending },
    { state: 'PAID', make: paid },
  ])('that is $state is neither withdrawn, declined nor replaced', ({ state, make }) => {
    const request = make();
    const { version } = request;
    const inFlight = refusal({ code: 'PAYMENT_IN_FLIGHT', currentState: state });

    expect(() => request.withdraw(later)).toThrow(inFlight);
    expect(() => request.declineByBuyer(later)).toThrow(inFlight);
    expect(() => request.supersede(later)).toThrow(inFlight);
    expect(() => request.expire(later)).toThrow(refusal({ code: 'ILLEGAL_TRANSITION' }));
    expect(request).toMatchObject({ status: state, version });
  });

  it('is open again after a decline, and can still be taken back', () => {
    const request = pending();

    expect(request.reopen('USE_OTHER', later)).toMatchObject({
      change: 'attempt-declined',
      reason: 'USE_OTHER',
    });
    expect(request.withdraw(later)).toMatchObject({ change: 'withdrawn' });
    expect(() => request.beginPaying(usd(1000), later)).toThrow(
      refusal({ code: 'ILLEGAL_TRANSITION', currentState: 'WITHDRAWN', allowedActions: [] }),
    );
  });
});

describe('the limits of a seller', () => {
  const limits = { perRequest: usd(75_000), perWindow: usd(225_000), windowHours: 168 };

  it.each([
    { total: 75_000, sent: 0, code: null },
    { total: 75_001, sent: 0, code: 'REQUEST_LIMIT_EXCEEDED' },
    { total: 75_000, sent: 150_000, code: null },
    { total: 75_000, sent: 150_001, code: 'WEEKLY_LIMIT_EXCEEDED' },
    { total: 1, sent: 225_000, code: 'WEEKLY_LIMIT_EXCEEDED' },
    { total: 1, sent: 300_000, code: 'WEEKLY_LIMIT_EXCEEDED' },
  ])('after $sent, $total is answered with $code', ({ total, sent, code }) => {
    const check = () => checkLimits(limits, usd(total), usd(sent));

    if (code === null) expect(check).not.toThrow();
    else expect(check).toThrow(refusal({ code }));
  });

  it('say what is left, never less than nothing', () => {
    expect(() => checkLimits(limits, usd(1), usd(300_000))).toThrow(/0\.00/);
  });
});
