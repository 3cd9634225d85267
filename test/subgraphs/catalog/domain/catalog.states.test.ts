import { describe, expect, it } from '@jest/globals';
import { ALLOCATION_TRANSITIONS } from '../../../../subgraphs/catalog/domain/allocation.states.ts';
import { LISTING_TRANSITIONS } from '../../../../subgraphs/catalog/domain/listing.states.ts';
import { STOCK_HOLD_TRANSITIONS } from '../../../../subgraphs/catalog/domain/stock-hold.states.ts';
import { type Transitions, unreachableStates } from '../../../../subgraphs/kernel/state-machine.ts';

const stepsOf = <S extends string>(table: Transitions<S>) =>
  Object.entries<readonly S[]>(table).flatMap(([from, successors]) =>
    successors.map((to) => `${from} -> ${to}`),
  );

// Written out by hand: a change to one of these lives must be made twice, on purpose.
describe('the tables of the catalog', () => {
  it('let a listing take these steps and no others', () => {
    expect(stepsOf(LISTING_TRANSITIONS)).toEqual([
      'DRAFT -> IN_REVIEW',
      'DRAFT -> ARCHIVED',
      'IN_REVIEW -> ACTIVE',
      'IN_REVIEW -> REMOVED_BY_POLICY',
      'IN_REVIEW -> ARCHIVED',
      'ACTIVE -> PAUSED',
      'ACTIVE -> IN_REVIEW',
      'ACTIVE -> REMOVED_BY_POLICY',
      'ACTIVE -> ARCHIVED',
      'PAUSED -> ACTIVE',
      'PAUSED -> IN_REVIEW',
      'PAUSED -> REMOVED_BY_POLICY',
      'PAUSED -> ARCHIVED',
      'REMOVED_BY_POLICY -> IN_REVIEW',
      'REMOVED_BY_POLICY -> ARCHIVED',
    ]);
    expect(unreachableStates(LISTING_TRANSITIONS, 'DRAFT')).toEqual([]);
  });

  it('let a hold end once, in one of three ways', () => {
    expect(stepsOf(STOCK_HOLD_TRANSITIONS)).toEqual([
      'HELD -> CONVERTED',
      'HELD -> RELEASED',
      'HELD -> EXPIRED',
    ]);
    expect(unreachableStates(STOCK_HOLD_TRANSITIONS, 'HELD')).toEqual([]);
  });

  it('let a paid unit be sent or released, and only a sent one come back', () => {
    expect(stepsOf(ALLOCATION_TRANSITIONS)).toEqual([
      'ALLOCATED -> SOLD',
      'ALLOCATED -> RELEASED',
      'SOLD -> RESTOCKED',
      'SOLD -> WRITTEN_OFF',
    ]);
    expect(unreachableStates(ALLOCATION_TRANSITIONS, 'ALLOCATED')).toEqual([]);
  });
});
