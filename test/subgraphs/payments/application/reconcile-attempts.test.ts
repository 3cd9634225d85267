import { expect, it } from '@jest/globals';
import { ReconcileAttempts } from '../../../../subgraphs/payments/application/reconcile-attempts.ts';

it('settles the others when one cannot be settled, and says so', async () => {
  const settled: string[] = [];
  const now = new Date('2030-01-04T15:00:00.000Z');
  const store = {
    transact: async () => now,
    unsettledAttempts: async () => ['pat_1', 'pat_2', 'pat_3'],
    findAttempt: async (id: string) => ({ id, isOpen: () => true }),
  };
  const settle = {
    execute: async (id: string) => {
      if (id === 'pat_1') throw new Error('PayPal refuses to give it back');
      settled.push(id);
      return { isOpen: () => false };
    },
  };
  const gateway = { lookUp: async () => ({ kind: 'PENDING' }) };
  const reconcile = new ReconcileAttempts(store as never, gateway as never, settle as never);

  await expect(reconcile.execute()).rejects.toThrow('1 attempts could not be settled');
  expect(settled).toEqual(['pat_2', 'pat_3']);
});
