import { describe, expect, it } from '@jest/globals';
import { type Transitions, unreachableStates } from '../../../../subgraphs/kernel/state-machine.ts';
import { DISBURSEMENT_TRANSITIONS } from '../../../../subgraphs/payments/domain/disbursement.states.ts';
import {
  OPEN_ATTEMPT_STATUSES,
  PAYMENT_ATTEMPT_TRANSITIONS,
} from '../../../../subgraphs/payments/domain/payment-attempt.states.ts';
import { PAYMENT_METHOD_TRANSITIONS } from '../../../../subgraphs/payments/domain/payment-method.states.ts';
import { PAYMENT_REQUEST_TRANSITIONS } from '../../../../subgraphs/payments/domain/payment-request.states.ts';
import { REFUND_TRANSITIONS } from '../../../../subgraphs/payments/domain/refund.states.ts';

function stepsOf<S extends string>(table: Transitions<S>): string[] {
  return Object.entries<readonly S[]>(table).flatMap(([from, successors]) =>
    successors.map((to) => `${from} -> ${to}`),
  );
}

// Written out by hand: a change to how money moves must be made twice, on purpose.
describe('the tables of payments', () => {
  it('let a request be paid once, and closed only while no money may have moved', () => {
    expect(stepsOf(PAYMENT_REQUEST_TRANSITIONS)).toEqual([
      'SENT -> PAYING',
      'SENT -> DECLINED',
      'SENT -> WITHDRAWN',
      'SENT -> EXPIRED',
      'SENT -> SUPERSEDED',
      'PAYING -> PAID',
      'PAYING -> PENDING',
      'PAYING -> SENT',
      'PENDING -> PAID',
      'PENDING -> SENT',
    ]);
    expect(unreachableStates(PAYMENT_REQUEST_TRANSITIONS, 'SENT')).toEqual([]);
  });

  it('let an attempt end in one of three ways, and out of silence by a reading', () => {
    expect(stepsOf(PAYMENT_ATTEMPT_TRANSITIONS)).toEqual([
      'CREATED -> REQUIRES_ACTION',
      'CREATED -> CAPTURING',
      'CREATED -> CANCELED',
      'REQUIRES_ACTION -> CAPTURING',
      'REQUIRES_ACTION -> CANCELED',
      'CAPTURING -> CAPTURED',
      'CAPTURING -> DECLINED',
      'CAPTURING -> PENDING',
      'CAPTURING -> UNKNOWN',
      'PENDING -> CAPTURED',
      'PENDING -> DECLINED',
      'UNKNOWN -> CAPTURED',
      'UNKNOWN -> DECLINED',
      'UNKNOWN -> CANCELED',
      'UNKNOWN -> PENDING',
    ]);
    expect(unreachableStates(PAYMENT_ATTEMPT_TRANSITIONS, 'CREATED')).toEqual([]);
  });

  it('call an attempt open exactly while it can still end', () => {
    const withoutEnd = Object.entries(PAYMENT_ATTEMPT_TRANSITIONS)
      .filter(([, successors]) => successors.length > 0)
      .map(([status]) => status);

    expect(OPEN_ATTEMPT_STATUSES).toEqual(withoutEnd);
  });

  it('let a payout be made once, and never beside a full refund', () => {
    expect(stepsOf(DISBURSEMENT_TRANSITIONS)).toEqual([
      'HELD -> SCHEDULED',
      'HELD -> FROZEN',
      'HELD -> RETURNED',
      'HELD -> AUTO_DISBURSED',
      'SCHEDULED -> RELEASING',
      'SCHEDULED -> HELD',
      'SCHEDULED -> FROZEN',
      'SCHEDULED -> RETURNED',
      'SCHEDULED -> AUTO_DISBURSED',
      'FROZEN -> HELD',
      'FROZEN -> SCHEDULED',
      'FROZEN -> RETURNED',
      'FROZEN -> AUTO_DISBURSED',
      'RELEASING -> RELEASED',
      'RELEASING -> FAILED',
      'RELEASING -> AUTO_DISBURSED',
      'FAILED -> SCHEDULED',
      'FAILED -> HELD',
      'FAILED -> FROZEN',
      'FAILED -> AUTO_DISBURSED',
    ]);
    expect(unreachableStates(DISBURSEMENT_TRANSITIONS, 'HELD')).toEqual([]);
  });

  it('let a refund be tried again until it is done, or a dispute has given its money back', () => {
    expect(stepsOf(REFUND_TRANSITIONS)).toEqual([
      'APPROVED -> SUBMITTED',
      'APPROVED -> CANCELLED',
      'SUBMITTED -> PENDING',
      'SUBMITTED -> COMPLETED',
      'SUBMITTED -> FAILED',
      'PENDING -> COMPLETED',
      'PENDING -> FAILED',
      'FAILED -> SUBMITTED',
      'FAILED -> ESCALATED',
      'FAILED -> CANCELLED',
      'ESCALATED -> SUBMITTED',
      'ESCALATED -> CANCELLED',
    ]);
    expect(unreachableStates(REFUND_TRANSITIONS, 'APPROVED')).toEqual([]);
  });

  it('let a saved instrument be used after its setup and never after its removal', () => {
    expect(stepsOf(PAYMENT_METHOD_TRANSITIONS)).toEqual([
      'SETUP -> ACTIVE',
      'SETUP -> REMOVED',
      'ACTIVE -> EXPIRED',
      'ACTIVE -> REMOVED',
      'EXPIRED -> REMOVED',
    ]);
    expect(unreachableStates(PAYMENT_METHOD_TRANSITIONS, 'SETUP')).toEqual([]);
  });
});
