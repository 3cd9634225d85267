import { globSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import {
  step,
  type Transitions,
  unreachableStates,
} from '../../../subgraphs/kernel/state-machine.ts';

const DOOR: Transitions<'OPEN' | 'SHUT' | 'GONE'> = {
  OPEN: ['SHUT', 'GONE'],
  SHUT: ['OPEN'],
  GONE: [],
};

describe('step', () => {
  it('returns the next state when the table allows it', () => {
    expect(step('Door', DOOR, 'OPEN', 'SHUT')).toBe('SHUT');
  });

  it('refuses what the table does not allow, and says what it does', () => {
    expect(() => step('Door', DOOR, 'SHUT', 'GONE')).toThrow(
      expect.objectContaining({
        code: 'ILLEGAL_TRANSITION',
        currentState: 'SHUT',
        allowedActions: ['OPEN'],
      }),
    );
  });

  it('says of a final state that it is final', () => {
    expect(() => step('Door', DOOR, 'GONE', 'OPEN')).toThrow('Door is GONE, which is final.');
  });
});

describe('unreachableStates', () => {
  it('finds states no path leads to', () => {
    const table: Transitions<string> = { A: ['B'], B: [], C: ['A'] };

    expect(unreachableStates(table, 'A')).toEqual(['C']);
  });
});

describe('every transition table', () => {
  it('names only its own states and reaches all of them from its first', async () => {
    const problems: string[] = [];
    const files = globSync('subgraphs/*/domain/**/*.states.ts');
    for (const file of files) {
      const module = (await import(`../../../${file}`)) as Record<string, unknown>;
      for (const [name, table] of Object.entries(module).filter(([key]) =>
        key.endsWith('_TRANSITIONS'),
      )) {
        const states = table as Transitions<string>;
        const [initial = ''] = Object.keys(states);
        for (const [from, successors] of Object.entries(states)) {
          for (const to of successors)
            if (!(to in states)) problems.push(`${name}: ${from} -> ${to} is no state`);
        }
        for (const state of unreachableStates(states, initial))
          problems.push(`${name}: ${state} is unreachable`);
      }
    }

    expect(files.length).toBeGreaterThanOrEqual(10);
    expect(problems).toEqual([]);
  });
});
