import { createVerify } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Call, Reply, Route, Sim } from './api.ts';
import { link } from './api.ts';
import { PayPalError } from './errors.ts';
import type { SimWebhook } from './store.ts';

const EVENTS_DEFAULT = 10;

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

/** Newest first, a page at a time; the link to older ones ends where this page does. */
function events({ query }: Call, sim: Sim): Reply {
  const time = (name: string, otherwise: number) => {
    const given = query.get(name);
    const at = given === null ? otherwise : Date.parse(given);
    if (Number.isNaN(at)) throw PayPalError.invalid('INVALID_PARAMETER_SYNTAX', `/${name}`);
    return at;
  };
  const [from, until] = [time('start_time', 0), time('end_time', sim.store.now())];
  const size = Number(query.get('page_size') ?? EVENTS_DEFAULT);
  if (!Number.isInteger(size) || size < 1)
    throw PayPalError.invalid('INVALID_PARAMETER_VALUE', '/page_size');
  const found = sim.webhooks.events
    .map((event) => ({ event, at: Date.parse(event.create_time) }))
    .filter(({ at }) => at >= from && at <= until)
    .sort((one, other) => other.at - one.at);
  // A page ends between two instants, so that the next begins with what this one has not.
  const last = found[size - 1];
  const page = last ? found.filter(({ at }) => at >= last.at) : found;
  const next = new URLSearchParams(query);
  if (last) next.set('end_time', new Date(last.at - 1).toISOString());
  const links =
    page.length < found.length
      ? [link(sim, 'next', `/v1/notifications/webhooks-events?${next}`)]
      : [];
  return {
    status: 200,
    body: { events: page.map(({ event }) => event), count: page.length, links },
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
