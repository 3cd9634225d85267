import { checkInvariants } from '../../subgraphs/invariants/check.ts';
import { SUBGRAPH_NAMES, schemaOf } from '../../subgraphs/kernel/persistence/bootstrap.ts';
import { type Arena, until } from './arena.ts';
import type { Effects } from './scenarios.ts';
import type { Sale } from './world.ts';

const QUIET_MS = 60_000;

/** Waits until nothing is on its way: events told and heard, webhooks worked, money settled. */
export async function quiescence(arena: Arena): Promise<void> {
  let open = '';
  await until('quiescence', QUIET_MS, async () => {
    const rows = await arena.rows<{ what: string; n: number }>(BUSY);
    open = rows.map(({ what, n }) => `${what}: ${n}`).join(', ');
    if (rows.length > 0) throw new Error(open);
    return true;
  });
}

const schemas = SUBGRAPH_NAMES.map((name) => ({ name, schema: schemaOf(name) }));
// What a consumer has not read yet is what lies behind its position and is of a type it has heard before.
const BUSY = `select what, n from (
  ${schemas
    .map(
      ({ name, schema }) => `
  select '${name} not relayed' as what, count(*)::int as n from ${schema}.outbox o
    where not exists (select 1 from event_bus.event e where e.event_id = o.event_id)
  union all
  select '${name} not heard', count(*)::int from event_bus.event e
    where e.type in (select distinct known.type from event_bus.event known
                     join ${schema}.inbox i on i.event_id = known.event_id)
      and not exists (select 1 from ${schema}.inbox i where i.event_id = e.event_id)
      and not exists (select 1 from ${schema}.parked_event p where p.event_id = e.event_id)`,
    )
    .join('\n  union all')}
  union all
  select 'attempts', count(*)::int from payments.payment_attempt
    where status in ('CREATED', 'REQUIRES_ACTION', 'CAPTURING', 'PENDING', 'UNKNOWN')
  union all
  select 'refunds', count(*)::int from payments.refund where status <> 'COMPLETED'
  union all
  select 'payouts', count(*)::int from payments.disbursement where status in ('RELEASING', 'FAILED')
  union all
  select 'webhooks', count(*)::int from payments.webhook_event where state = 'RECEIVED'
) as busy where n > 0`;

/** What is wrong once everything is quiet; empty when nothing is. */
export async function wrongs(arena: Arena): Promise<string[]> {
  const violations = await checkInvariants(arena.ground.databaseUrl);
  return [
    ...violations.map(({ id, subject, problem }) => `${id} ${subject}: ${problem}`),
    ...(await differences(arena)),
  ];
}

/** I2: the processor's own log against our rows, both ways, to the minor unit. */
async function differences(arena: Arena): Promise<string[]> {
  const log = await arena.processorLog();
  const theirs = new Map<string, string>();
  const found: string[] = [];
  for (const { what, id, detail } of log) {
    const [kind, how] = what.split('.');
    if (how !== 'completed' || !['capture', 'refund', 'payout'].includes(kind ?? '')) continue;
    const key = `${kind} ${id}`;
    if (theirs.has(key)) found.push(`I2 ${key}: twice in the processor's log`);
    theirs.set(key, `${detail.amount?.minor} ${detail.amount?.currency}`);
  }
  const ours = new Map(
    (
      await arena.rows<{ key: string; amount: string }>(
        `select 'capture ' || capture_id as key, amount_minor || ' ' || amount_currency as amount from payments.payment
         union all
         select 'refund ' || processor_refund_id, amount_minor || ' ' || amount_currency
           from payments.refund where status = 'COMPLETED'
         union all
         select 'payout ' || release_id, net_minor || ' ' || net_currency
           from payments.disbursement where release_id is not null`,
      )
    ).map(({ key, amount }) => [key, amount]),
  );
  for (const key of new Set([...theirs.keys(), ...ours.keys()])) {
    if (theirs.get(key) !== ours.get(key))
      found.push(
        `I2 ${key}: ${theirs.get(key) ?? 'nothing'} there, ${ours.get(key) ?? 'nothing'} here`,
      );
  }
  return found;
}

/** How often each thing happened to one sale, at the processor and here. */
export async function effectsOf(arena: Arena, sale: Sale): Promise<Record<keyof Effects, number>> {
  const attempts = await arena.rows<{ id: string }>(
    'select id from payments.payment_attempt where request_id = $1',
    [sale.requestId],
  );
  const invoices = new Set(attempts.map(({ id }) => id));
  const log = await arena.processorLog();
  const captures = log.filter(
    ({ what, detail }) => what === 'capture.completed' && invoices.has(detail.invoiceId ?? ''),
  );
  const captureIds = new Set(captures.map(({ id }) => id));
  const moved = (kind: string) =>
    log.filter(
      ({ what, detail }) => what === `${kind}.completed` && captureIds.has(detail.captureId ?? ''),
    ).length;
  const [counted] = await arena.rows<{ orders: number; shipments: number }>(
    `select count(distinct o.id)::int as orders, count(s.id)::int as shipments
     from orders."order" o left join orders.shipment s on s.order_id = o.id where o.payment_request_id = $1`,
    [sale.requestId],
  );
  return {
    captures: captures.length,
    orders: counted?.orders ?? 0,
    refunds: moved('refund'),
    payouts: moved('payout'),
    shipments: counted?.shipments ?? 0,
  };
}
