import type { Call, Reply, Route, Sim } from './api.ts';
import { link } from './api.ts';
import { PayPalError } from './errors.ts';
import type { SimPaymentToken, SimSetupToken } from './store.ts';

// Vault v3. PayPal remembers a request id three hours here.
const MEMORY_HOURS = 3;

export const vaultRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/v3/vault/setup-tokens',
    operation: 'vault.setup',
    memoryHours: MEMORY_HOURS,
    handle: createSetupToken,
  },
  {
    method: 'GET',
    path: '/v3/vault/setup-tokens/:id',
    operation: 'vault.setup.get',
    memoryHours: 0,
    handle: getSetupToken,
  },
  {
    method: 'POST',
    path: '/v3/vault/payment-tokens',
    operation: 'vault.create',
    memoryHours: MEMORY_HOURS,
    handle: createPaymentToken,
  },
  {
    method: 'GET',
    path: '/v3/vault/payment-tokens',
    operation: 'vault.list',
    memoryHours: 0,
    handle: listPaymentTokens,
  },
  {
    method: 'GET',
    path: '/v3/vault/payment-tokens/:id',
    operation: 'vault.get',
    memoryHours: 0,
    handle: getPaymentToken,
  },
  {
    method: 'DELETE',
    path: '/v3/vault/payment-tokens/:id',
    operation: 'vault.delete',
    memoryHours: 0,
    handle: deletePaymentToken,
  },
  // PayPal's own page, where a payer types what no merchant may see.
  {
    method: 'GET',
    path: '/agreements/approve/:id',
    operation: null,
    memoryHours: 0,
    handle: approvalPage,
  },
  {
    method: 'POST',
    path: '/agreements/approve/:id',
    operation: null,
    memoryHours: 0,
    handle: approve,
  },
];

function createSetupToken(call: Call, sim: Sim): Reply {
  const source = call.body.payment_source as Record<string, unknown> | undefined;
  if (!source?.card && !source?.paypal)
    throw PayPalError.invalid('MISSING_REQUIRED_PARAMETER', '/payment_source');
  const customer = (call.body.customer as { id?: string } | undefined)?.id ?? sim.newId();
  if (!/^[0-9a-zA-Z_-]{1,22}$/.test(customer))
    throw PayPalError.invalid('INVALID_STRING_LENGTH', '/customer/id');
  const token: SimSetupToken = {
    id: sim.newId(),
    customerId: customer,
    kind: source.card ? 'card' : 'paypal',
    status: 'PAYER_ACTION_REQUIRED',
    brand: 'VISA',
    lastFour: '1881',
    expiry: '2031-12',
  };
  sim.store.state.setupTokens.set(token.id, token);
  return { status: 201, body: setupTokenJson(token, sim) };
}

function setupTokenOf(call: Call, sim: Sim): SimSetupToken {
  const token = sim.store.state.setupTokens.get(call.params.id ?? '');
  if (!token) throw PayPalError.notFound();
  return token;
}

function getSetupToken(call: Call, sim: Sim): Reply {
  return { status: 200, body: setupTokenJson(setupTokenOf(call, sim), sim) };
}

function createPaymentToken(call: Call, sim: Sim): Reply {
  const { token } = (call.body.payment_source ?? {}) as { token?: { id?: string; type?: string } };
  if (token?.type !== 'SETUP_TOKEN' || !token.id)
    throw PayPalError.invalid('MISSING_REQUIRED_PARAMETER', '/payment_source/token');
  const setup = sim.store.state.setupTokens.get(token.id);
  if (!setup) throw PayPalError.unprocessable('TOKEN_NOT_FOUND', '/payment_source/token/id');
  if (setup.status !== 'APPROVED')
    throw PayPalError.unprocessable('SETUP_TOKEN_NOT_APPROVED', '/payment_source/token/id');
  setup.status = 'VAULTED';
  const { customerId, kind, brand, lastFour, expiry } = setup;
  const saved: SimPaymentToken = {
    id: sim.newId().toLowerCase(),
    customerId,
    kind,
    brand,
    lastFour,
    expiry,
  };
  sim.store.state.paymentTokens.set(saved.id, saved);
  sim.webhooks.publish('VAULT.PAYMENT-TOKEN.CREATED', paymentTokenJson(saved, sim));
  return { status: 201, body: paymentTokenJson(saved, sim) };
}

const PAGE_SIZE_DEFAULT = 5;
const PAGE_SIZE_MAX = 20;

function listPaymentTokens({ query }: Call, sim: Sim): Reply {
  const customer = query.get('customer_id') ?? '';
  if (!/^[0-9a-zA-Z_-]{7,36}$/.test(customer))
    throw PayPalError.invalid('INVALID_PARAMETER_SYNTAX', '/customer_id');
  const page = Number(query.get('page') ?? 1);
  const size = Math.min(Number(query.get('page_size') ?? PAGE_SIZE_DEFAULT), PAGE_SIZE_MAX);
  const tokens = [...sim.store.state.paymentTokens.values()].filter(
    (token) => token.customerId === customer,
  );
  const isCounted = query.get('total_required') === 'true' && tokens.length > 0;
  return {
    status: 200,
    body: {
      customer: { id: customer },
      payment_tokens: tokens
        .slice((page - 1) * size, page * size)
        .map((token) => paymentTokenJson(token, sim)),
      ...(isCounted
        ? { total_items: tokens.length, total_pages: Math.ceil(tokens.length / size) }
        : {}),
      links: [link(sim, 'self', `/v3/vault/payment-tokens?${query}`)],
    },
  };
}

function getPaymentToken(call: Call, sim: Sim): Reply {
  const token = sim.store.state.paymentTokens.get(call.params.id ?? '');
  if (!token) throw PayPalError.notFound();
  return { status: 200, body: paymentTokenJson(token, sim) };
}

function deletePaymentToken(call: Call, sim: Sim): Reply {
  const id = call.params.id ?? '';
  if (sim.store.state.paymentTokens.delete(id))
    sim.webhooks.publish('VAULT.PAYMENT-TOKEN.DELETED', { id });
  return { status: 204, body: null };
}

/** With `?brand=` in its address the page takes that for the payer's answer. */
function approvalPage(call: Call, sim: Sim): Reply {
  const token = setupTokenOf(call, sim);
  if (call.query.has('brand') && token.status === 'PAYER_ACTION_REQUIRED') approve(call, sim);
  const body = `<!doctype html><title>Approve</title><h1>Save a payment method</h1>
<p>${token.status === 'PAYER_ACTION_REQUIRED' ? 'This stands for the page of PayPal.' : 'Approved. You can close this page.'}</p>
<form method="post"><label>Brand <input name="brand" value="VISA"></label> <label>Last four <input name="last_digits" value="1881" pattern="[0-9]{4}"></label> <button>Agree and continue</button></form>`;
  return { status: 200, body, type: 'text/html; charset=utf-8' };
}

function approve(call: Call, sim: Sim): Reply {
  const token = setupTokenOf(call, sim);
  if (token.status === 'VAULTED') throw PayPalError.unprocessable('SETUP_TOKEN_USED');
  token.status = 'APPROVED';
  const { brand = 'VISA', last_digits = '1881' } = {
    ...Object.fromEntries(call.query),
    ...call.body,
  } as Record<string, string | undefined>;
  token.brand = brand.toUpperCase().slice(0, 20);
  if (/^\d{4}$/.test(last_digits)) token.lastFour = last_digits;
  return { status: 200, body: { id: token.id, status: token.status } };
}

function setupTokenJson(token: SimSetupToken, sim: Sim) {
  const path = `/v3/vault/setup-tokens/${token.id}`;
  return {
    id: token.id,
    customer: { id: token.customerId },
    status: token.status,
    payment_source: sourceJson(token),
    links: [
      link(sim, 'self', path),
      ...(token.status === 'PAYER_ACTION_REQUIRED'
        ? [link(sim, 'approve', `/agreements/approve/${token.id}`)]
        : []),
    ],
  };
}

function paymentTokenJson(token: SimPaymentToken, sim: Sim) {
  return {
    id: token.id,
    customer: { id: token.customerId },
    payment_source: sourceJson(token),
    links: [
      link(sim, 'self', `/v3/vault/payment-tokens/${token.id}`),
      link(sim, 'delete', `/v3/vault/payment-tokens/${token.id}`, 'DELETE'),
    ],
  };
}

function sourceJson({ kind, brand, lastFour, expiry }: SimSetupToken | SimPaymentToken) {
  if (kind === 'paypal') return { paypal: { email_address: `payer-${lastFour}@example.com` } };
  return { card: { brand, last_digits: lastFour, expiry } };
}
