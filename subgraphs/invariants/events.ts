import { SUBGRAPH_NAMES, schemaOf } from '../kernel/persistence/bootstrap.ts';
import type { Invariant } from './invariant.ts';

const inEach = (query: (schema: string, name: string) => string): string =>
  SUBGRAPH_NAMES.map((name) => query(schemaOf(name), name)).join('\nunion all\n');

/** What is told is told once and in order, chats have no holes, and nothing stands still. */
export const EVENTS: readonly Invariant[] = [
  {
    id: 'I11a',
    title: 'the versions of every aggregate are dense',
    sql: inEach(
      (schema, name) =>
        `select '${name} ' || o.aggregate_id as subject,
                count(*) || ' events, told up to ' || max(o.aggregate_version) as problem
         from ${schema}.outbox o join ${schema}.event_version v on v.aggregate_id = o.aggregate_id
         group by o.aggregate_id, v.version
         having max(o.aggregate_version) <> v.version
             or count(*) <> max(o.aggregate_version) - min(o.aggregate_version) + 1`,
    ),
  },
  {
    id: 'I11b',
    title: 'no event is both handled and parked, and none is handled that was never told',
    sql: inEach(
      (schema, name) =>
        `select '${name} ' || p.event_id as subject, 'handled and parked' as problem
         from ${schema}.parked_event p join ${schema}.inbox i on i.consumer = p.consumer and i.event_id = p.event_id`,
    ),
  },
  {
    id: 'I12',
    title: 'the messages of every conversation are numbered without a hole',
    sql: `select c.id as subject, coalesce(m.count, 0) || ' messages, the last is ' || c.last_seq as problem
          from conversations.conversation c
          left join (select conversation_id, count(*) as count, max(seq) as last, min(seq) as first
                     from conversations.message group by 1) as m on m.conversation_id = c.id
          where coalesce(m.count, 0) <> c.last_seq or coalesce(m.last, 0) <> c.last_seq
             or coalesce(m.first, 1) <> 1`,
  },
  {
    id: 'I17a',
    title: 'nothing waits for the processor longer than fifteen minutes without a finding',
    sql: `select a.id as subject, 'the attempt is ' || a.status as problem from payments.payment_attempt a
          where a.status in ('CREATED', 'REQUIRES_ACTION', 'CAPTURING', 'PENDING', 'UNKNOWN')
            and a.created_at < parley_clock.now() - interval '17 minutes'
            and not exists (select 1 from payments.finding f where f.reference = a.id and f.closed_at is null)
          union all
          select r.id, 'the refund is ' || r.status from payments.refund r
          where r.status in ('APPROVED', 'SUBMITTED', 'PENDING')
            and r.created_at < parley_clock.now() - interval '17 minutes'
            and not exists (select 1 from payments.finding f where f.reference = r.id and f.closed_at is null)`,
  },
  {
    id: 'I17b',
    title: 'every event reaches the bus within a minute',
    sql: inEach(
      (schema, name) =>
        `select '${name} ' || o.event_id as subject, 'not on the bus' as problem
         from ${schema}.outbox o
         where not exists (select 1 from event_bus.event e where e.event_id = o.event_id)
           and o.occurred_at < parley_clock.now() - interval '1 minute'`,
    ),
  },
  {
    id: 'I17c',
    title: 'no event is parked',
    sql: inEach(
      (schema, name) =>
        `select '${name} ' || event_id as subject, 'parked after ' || attempts || ' tries' as problem
         from ${schema}.parked_event`,
    ),
  },
  {
    id: 'I17d',
    title: 'webhooks are worked on',
    sql: `select event_id as subject, state || ' since ' || received_at as problem from payments.webhook_event
          where state = 'PARKED' or (state = 'RECEIVED' and waits_until is null and received_at < clock_timestamp() - interval '15 minutes')`,
  },
];
