import { expect, it } from '@jest/globals';
import { CONVERSATION_TRANSITIONS } from '../../../../subgraphs/conversations/domain/conversation.states.ts';
import { unreachableStates } from '../../../../subgraphs/kernel/state-machine.ts';

// Written out by hand: a change to the life of a conversation must be made twice, on purpose.
it('allows these steps and no others', () => {
  const steps = Object.entries(CONVERSATION_TRANSITIONS).flatMap(([from, successors]) =>
    successors.map((to) => `${from} -> ${to}`),
  );

  expect(steps).toEqual([
    'REQUESTED -> ACTIVE',
    'REQUESTED -> CLOSED',
    'ACTIVE -> CLOSED',
    'CLOSED -> REQUESTED',
  ]);
});

it('leaves no state out of reach', () => {
  expect(unreachableStates(CONVERSATION_TRANSITIONS, 'REQUESTED')).toEqual([]);
});
