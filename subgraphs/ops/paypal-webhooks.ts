import {
  ProcessorOutcomeUnknown,
  ProcessorRefused,
  ProcessorUnavailable,
} from '../payments/application/processor.port.ts';
import { PayPalClient } from '../payments/processor/paypal/paypal-client.ts';
import {
  listWebhooks,
  type RegisteredWebhook,
  registerWebhook,
} from '../payments/processor/paypal/paypal-webhooks.ts';
import { canKeepActions, connected as inDatabase, keepAction } from './database.ts';
import { CannotRun, databaseOf, Refused } from './surroundings.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What PayPal has registered for our application. Asked of PayPal itself, because payments cannot
 * start before its webhook is registered.
 */
export function registeredWebhooks(env: Environment): Promise<RegisteredWebhook[]> {
  return connected(env, listWebhooks);
}

/**
 * Registers an address for every event that payments listens to, or finds it; resolves to its id. Who
 * asked and why is kept first, so that nothing is registered unseen; only before the first start of
 * payments there is nothing to keep it in.
 */
export async function registerAddress(
  env: Environment,
  { url, reason }: { readonly url: string; readonly reason: string },
): Promise<{ readonly id: string; readonly isKept: boolean }> {
  return connected(env, async (paypal) => {
    const isKept = await inDatabase(databaseOf(env), async (client) => {
      if (!(await canKeepActions(client, 'payments'))) return false;
      const action = { action: 'register-webhook', subject: url, reason };
      await keepAction(client, 'payments', action);
      return true;
    });
    return { id: await registerWebhook(paypal, url), isKept };
  });
}

async function connected<T>(
  env: Environment,
  work: (client: PayPalClient) => Promise<T>,
): Promise<T> {
  const setting = (name: string) => {
    const value = env[name];
    if (!value) throw new CannotRun(`${name} is not set: PayPal is asked directly.`);
    return value;
  };
  const client = new PayPalClient({
    baseUrl: setting('PAYPAL_URL').replace(/\/$/, ''),
    clientId: setting('PAYPAL_CLIENT_ID'),
    clientSecret: setting('PAYPAL_CLIENT_SECRET'),
    attributionId: null,
  });
  try {
    return await work(client);
  } catch (error) {
    if (error instanceof ProcessorRefused) throw new Refused(`PayPal refuses: ${error.issue}.`);
    if (error instanceof ProcessorUnavailable || error instanceof ProcessorOutcomeUnknown)
      throw new CannotRun('PayPal does not answer. Try again: a repeat registers nothing twice.');
    throw error;
  } finally {
    await client.close();
  }
}
