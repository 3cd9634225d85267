import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { PayPalVault } from '../../../../../subgraphs/payments/processor/paypal/paypal-vault.ts';
import { type Sandbox, startSandbox } from '../../../../local/paypal/support/sandbox.ts';

const BUYER = 'usr_01980000-0000-7000-8000-00000000abcd';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

it('saves nothing before the buyer has approved, and one instrument after', async () => {
  const { setupToken, approvalUrl } = await sandbox.vault.beginSetup(BUYER, 'setup:1');
  expect(await sandbox.vault.completeSetup(setupToken, 'vault:1')).toBeNull();
  expect(await sandbox.vault.list(BUYER)).toEqual([]);

  await fetch(`${approvalUrl}?brand=mastercard&last_digits=4444`, { method: 'POST' });
  const saved = await sandbox.vault.completeSetup(setupToken, 'vault:1');

  expect(saved).toEqual({
    vaultId: expect.stringMatching(/^card:[0-9a-f]{17}$/),
    brand: 'MASTERCARD',
    lastFour: '4444',
    expiry: '2031-12',
  });
  expect(await sandbox.vault.completeSetup(setupToken, 'vault:1')).toEqual(saved);
  expect(await sandbox.vault.list(BUYER)).toEqual([saved]);
});

it('lists across pages, and removes one for good', async () => {
  const buyer = 'usr_01980000-0000-7000-8000-00000000ffff';
  const saved: string[] = [];
  for (let n = 1; n <= 7; n += 1) {
    const { setupToken, approvalUrl } = await sandbox.vault.beginSetup(buyer, `setup:many:${n}`);
    await fetch(`${approvalUrl}?last_digits=000${n}`, { method: 'POST' });
    saved.push((await sandbox.vault.completeSetup(setupToken, `vault:many:${n}`))?.vaultId ?? '');
  }
  expect((await sandbox.vault.list(buyer)).map(({ lastFour }) => lastFour)).toEqual([
    '0001',
    '0002',
    '0003',
    '0004',
    '0005',
    '0006',
    '0007',
  ]);

  await sandbox.vault.remove(saved[0] ?? '');
  await sandbox.vault.remove(saved[0] ?? '');

  expect((await sandbox.vault.list(buyer)).map(({ vaultId }) => vaultId)).toEqual(saved.slice(1));
});

it('saves a PayPal account, which has a name and no number', async () => {
  const vault = new PayPalVault(sandbox.client, 'https://shop.example/return', 'paypal');
  const { setupToken, approvalUrl } = await vault.beginSetup(BUYER, 'setup:wallet');
  await fetch(`${approvalUrl}?last_digits=7777`, { method: 'POST' });

  const saved = await vault.completeSetup(setupToken, 'vault:wallet');

  expect(saved).toMatchObject({ brand: 'PAYPAL', lastFour: '7777', expiry: null });
  expect(saved?.vaultId).toMatch(/^paypal:/);
});

it('never sends or receives a card number', () => {
  const wire = JSON.stringify(sandbox.exchanges);

  expect(wire).toContain('/v3/vault/payment-tokens');
  expect(wire).not.toMatch(/"(number|security_code)":"/);
});
