import { describe, expect, it } from '@jest/globals';
import {
  statesOf,
  type Transitions,
  unreachableStates,
} from '../../../../subgraphs/kernel/state-machine.ts';
import {
  CANCEL_REQUEST_TRANSITIONS,
  CASE_TRANSITIONS,
  RETURN_TRANSITIONS,
} from '../../../../subgraphs/orders/domain/after-sale.states.ts';
import { headlineOf, ORDER_TRANSITIONS } from '../../../../subgraphs/orders/domain/order.states.ts';
import {
  type CarrierStatus,
  furthest,
  SHIPMENT_TRANSITIONS,
} from '../../../../subgraphs/orders/domain/shipment.states.ts';

const steps = (table: Transitions<string>) =>
  Object.entries(table).map(([from, successors]) => `${from} -> ${successors.join(' ')}`.trim());

// Written out by hand: a change to one of these lives must be made twice, on purpose.
describe('the lives', () => {
  it('of an order', () => {
    expect(steps(ORDER_TRANSITIONS)).toEqual([
      'ON_HOLD -> AWAITING_SHIPMENT CANCELLED',
      'AWAITING_SHIPMENT -> PARTIALLY_SENT SENT CANCELLED',
      'PARTIALLY_SENT -> AWAITING_SHIPMENT SENT DELIVERED CANCELLED',
      'SENT -> AWAITING_SHIPMENT PARTIALLY_SENT DELIVERED COMPLETED CANCELLED',
      'DELIVERED -> COMPLETED',
      'COMPLETED ->',
      'CANCELLED ->',
    ]);
  });

  it('of a shipment', () => {
    expect(steps(SHIPMENT_TRANSITIONS)).toEqual([
      'SENT -> IN_TRANSIT OUT_FOR_DELIVERY EXCEPTION LOST RETURNED_TO_SENDER DELIVERED VOIDED',
      'IN_TRANSIT -> OUT_FOR_DELIVERY EXCEPTION LOST RETURNED_TO_SENDER DELIVERED',
      'OUT_FOR_DELIVERY -> IN_TRANSIT EXCEPTION LOST RETURNED_TO_SENDER DELIVERED',
      'EXCEPTION -> IN_TRANSIT OUT_FOR_DELIVERY LOST RETURNED_TO_SENDER DELIVERED',
      'LOST -> RETURNED_TO_SENDER DELIVERED',
      'RETURNED_TO_SENDER -> LOST DELIVERED',
      'DELIVERED ->',
      'VOIDED ->',
    ]);
  });

  it('of what comes after the sale', () => {
    expect(steps(CANCEL_REQUEST_TRANSITIONS)).toEqual([
      'REQUESTED -> ACCEPTED DECLINED LAPSED',
      'ACCEPTED ->',
      'DECLINED ->',
      'LAPSED ->',
    ]);
    expect(steps(RETURN_TRANSITIONS)).toEqual([
      'REQUESTED -> APPROVED DECLINED',
      'APPROVED -> IN_TRANSIT RECEIVED LAPSED',
      'DECLINED ->',
      'IN_TRANSIT -> RECEIVED',
      'RECEIVED -> REFUNDED',
      'REFUNDED ->',
      'LAPSED ->',
    ]);
    expect(steps(CASE_TRANSITIONS)).toEqual([
      'SELLER_TURN -> BUYER_TURN ESCALATED CLOSED',
      'BUYER_TURN -> SELLER_TURN ESCALATED CLOSED',
      'ESCALATED -> DECIDED CLOSED',
      'DECIDED -> APPEALED CLOSED',
      'APPEALED -> CLOSED',
      'CLOSED ->',
    ]);
  });

  it('leave no state out of reach', () => {
    expect([
      unreachableStates(ORDER_TRANSITIONS, 'ON_HOLD'),
      unreachableStates(SHIPMENT_TRANSITIONS, 'SENT'),
      unreachableStates(CANCEL_REQUEST_TRANSITIONS, 'REQUESTED'),
      unreachableStates(RETURN_TRANSITIONS, 'REQUESTED'),
      unreachableStates(CASE_TRANSITIONS, 'SELLER_TURN'),
    ]).toEqual([[], [], [], [], []]);
  });
});

describe('headlineOf', () => {
  const none = { open: 0, sent: 0, delivered: 0, cancelled: 0, returned: 0 };
  const axes = { isOnHold: false, isCompleted: false };

  it.each([
    ['ON_HOLD', { isOnHold: true }, [{ open: 1 }]],
    ['CANCELLED', { isOnHold: true }, [{ cancelled: 1 }]],
    ['AWAITING_SHIPMENT', {}, [{ open: 1 }]],
    ['AWAITING_SHIPMENT', {}, [{ open: 1, cancelled: 2 }, { cancelled: 1 }]],
    ['PARTIALLY_SENT', {}, [{ open: 1, sent: 1 }]],
    ['PARTIALLY_SENT', {}, [{ open: 1 }, { delivered: 1 }]],
    ['SENT', {}, [{ sent: 1 }, { cancelled: 1 }]],
    ['SENT', {}, [{ sent: 1, delivered: 1 }]],
    ['DELIVERED', {}, [{ delivered: 1 }, { returned: 1 }, { cancelled: 1 }]],
    ['DELIVERED', {}, [{ returned: 1 }]],
    ['COMPLETED', { isCompleted: true }, [{ delivered: 1 }]],
    ['COMPLETED', { isCompleted: true }, [{ sent: 1 }]],
    ['CANCELLED', {}, [{ cancelled: 1 }, { cancelled: 3 }]],
  ])('says %s of %j and %j', (headline, flags, items) => {
    expect(
      headlineOf({ ...axes, ...flags, items: items.map((item) => ({ ...none, ...item })) }),
    ).toBe(headline);
  });

  it('has no word the table does not know', () => {
    expect(statesOf(ORDER_TRANSITIONS)).toHaveLength(7);
  });
});

describe('furthest', () => {
  const word = (status: CarrierStatus, minute: number) => ({
    status,
    occurredAt: new Date(Date.UTC(2030, 0, 1, 0, minute)),
  });

  it.each<[string, ReturnType<typeof word>[]]>([
    ['DELIVERED', [word('DELIVERED', 1), word('IN_TRANSIT', 9)]],
    ['EXCEPTION', [word('OUT_FOR_DELIVERY', 1), word('EXCEPTION', 2)]],
    ['OUT_FOR_DELIVERY', [word('EXCEPTION', 1), word('OUT_FOR_DELIVERY', 2)]],
    ['LOST', [word('LOST', 1), word('EXCEPTION', 2)]],
    ['DELIVERED', [word('LOST', 5), word('DELIVERED', 1)]],
  ])('is %s, in whatever order the words come', (status, words) => {
    expect(furthest(words)?.status).toBe(status);
    expect(furthest([...words].reverse())?.status).toBe(status);
  });

  it('is nothing when nothing was said', () => {
    expect(furthest([])).toBeNull();
  });
});
