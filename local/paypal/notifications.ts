import { createVerify } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Call, Reply, Route, Sim } from './api.ts';
import { link } from './api.ts';
import { PayPalError } from './errors.ts';
import type { SimWebhook } from './store.ts';

export const notificationRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/v1/notifications/webhooks',
    operation: 'webhooks.create',
    memoryHours: 0,
    handle: create,
  },
  {
    method: 'GET',
    path: '/v1/notifications/webhooks',
    operation: 'webhooks.list',
    memoryHours: 0,
    handle: list,
  },
  {
    method: 'DELETE',
    path: '/v1/notifications/webhooks/:id',
    operation: 'webhooks.delete',
    memoryHours: 0,
    handle: remove,
  },
  {
    method: 'POST',
    path: '/v1/notifications/verify-webhook-signature',
    operation: 'webhooks.verify',
    memoryHours: 0,
    handle: verify,
  },
  {
    method: 'POST',
    path: '/v1/notifications/simulate-event',
    operation: 'webhooks.simulate',
    memoryHours: 0,
    handle: simulate,
  },
  {
    method: 'GET',
    path: '/v1/notifications/webhooks-events',
    operation: 'webhooks.events',
    memoryHours: 0,
    handle: events,
  },
  {
    method: 'GET',
    path: '/v1/notifications/certs/:id',
    operation: null,
    memoryHours: 0,
    handle: certificate,
  },
];

function create(call: Call, sim: Sim): Reply {
  const url = String(call.body.url ?? '');
  if (!URL.canParse(url)) throw PayPalError.invalid('INVALID_PARAMETER_SYNTAX', '/url');
  const names = ((call.body.event_types ?? []) as { name?: string }[]).map((type) =>
    String(type.name),
  );
  const known = [...sim.store.state.webhooks.values()].find((webhook) => webhook.url === url);
  if (known)
    throw new PayPalError(400, 'WEBHOOK_URL_ALREADY_EXISTS', 'Webhook URL already exists.');
  const webhook: SimWebhook = { id: sim.newId(), url, eventTypes: names };
  sim.store.state.webhooks.set(webhook.id, webhook);
  return { status: 201, body: webhookJson(webhook, sim) };
}

function list(_call: Call, sim: Sim): Reply {
  return {
    status: 200,
    body: {
      webhooks: [...sim.store.state.webhooks.values()].map((webhook) => webhookJson(webhook, sim)),
    },
  };
}

function remove(call: Call, sim: Sim): Reply {
  if (!sim.store.state.webhooks.delete(call.params.id ?? '')) throw PayPalError.notFound();
  return { status: 204, body: null };
}

function verify(call: Call, sim: Sim): Reply {
  const { transmission_id, transmission_time, webhook_id, transmission_sig, webhook_event } =
    call.body as Record<string, string>;
  const text = `${transmission_id}|${transmission_time}|${webhook_id}|${crc32(Buffer.from(JSON.stringify(webhook_event)))}`;
  const good = createVerify('RSA-SHA256')
    .update(text)
    .verify(sim.webhooks.certificatePem, String(transmission_sig ?? ''), 'base64');
  return { status: 200, body: { verification_status: good ? 'SUCCESS' : 'FAILURE' } };
}

function simulate(call: Call, sim: Sim): Reply {
  const eventType = String(call.body.event_type ?? '');
  if (!/^[A-Z][A-Z.\-_]+$/.test(eventType))
    throw PayPalError.invalid('INVALID_PARAMETER_VALUE', '/event_type');
  sim.webhooks.publish(eventType, call.body.resource ?? {});
  return { status: 202, body: { event_type: eventType, links: [] } };
}

function events(_call: Call, sim: Sim): Reply {
  return {
    status: 200,
    body: { events: sim.webhooks.events, count: sim.webhooks.events.length, links: [] },
  };
}

function certificate(_call: Call, sim: Sim): Reply {
  return { status: 200, body: sim.webhooks.certificatePem, type: 'application/x-pem-file' };
}

function webhookJson(webhook: SimWebhook, sim: Sim) {
  return {
    id: webhook.id,
    url: webhook.url,
    event_types: webhook.eventTypes.map((name) => ({ name, description: name })),
    links: [link(sim, 'self', `/v1/notifications/webhooks/${webhook.id}`)],
  };
}
