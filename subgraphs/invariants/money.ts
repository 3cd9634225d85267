import type { Invariant } from './invariant.ts';

/** Buyers are charged once, the books balance, and sellers are paid once and only when they may be. */
export const MONEY: readonly Invariant[] = [
  {
    id: 'I1',
    title: 'at most one capture per payment request',
    sql: `select request_id as subject, count(*) || ' captures' as problem
          from payments.payment group by request_id having count(*) > 1
          union all
          select request_id, count(*) || ' captured attempts'
          from payments.payment_attempt where status = 'CAPTURED' group by request_id having count(*) > 1`,
  },
  {
    id: 'I2',
    title: 'the books agree with the processor, by what it told and what reconciliation last found',
    sql: `select coalesce(payment_id, reference) as subject, kind || ' ' || subject || ' ' || reference as problem
          from payments.finding
          where closed_at is null and kind in ('MISSING_HERE', 'MISSING_THERE', 'AMOUNT_DIFFERS')
          union all
          select told.capture_id, case when p.id is null then 'the processor told of it, and there is no payment'
                                       else 'the processor told of another amount' end
          from (select convert_from(raw_body, 'UTF8')::jsonb -> 'resource' as resource,
                       convert_from(raw_body, 'UTF8')::jsonb #>> '{resource,id}' as capture_id
                from payments.webhook_event
                where event_type = 'PAYMENT.CAPTURE.COMPLETED'
                  and received_at < clock_timestamp() - interval '15 minutes') as told
          -- What was taken for an attempt that is over was given back.
          join payments.payment_attempt a on a.id = told.resource ->> 'invoice_id'
            and a.status not in ('DECLINED', 'CANCELED')
          left join payments.payment p on p.capture_id = told.capture_id
          where p.id is null or p.amount_currency <> told.resource #>> '{amount,currency_code}'
             or (p.amount_currency = 'USD'
                 and p.amount_minor <> ((told.resource #>> '{amount,value}')::numeric * 100)::bigint)
          union all
          select id, 'given back without an id of the processor' from payments.refund
          where status = 'COMPLETED' and processor_refund_id is null
          union all
          select payment_id, 'paid out without an id of the processor' from payments.disbursement
          where status in ('RELEASED', 'AUTO_DISBURSED') and release_id is null`,
  },
  {
    id: 'I3a',
    title: 'every captured payment has its order, or was given back',
    sql: `select p.id as subject, 'no order after five minutes' as problem
          from payments.payment p left join orders."order" o on o.payment_id = p.id
          where o.id is null and p.refunded_total_minor < p.amount_minor
            and p.captured_at < parley_clock.now() - interval '5 minutes'`,
  },
  {
    id: 'I3b',
    title: 'every order is of a captured payment, for its amount',
    sql: `select o.id as subject,
                 case when p.id is null then 'no payment' else 'another amount than its payment' end as problem
          from orders."order" o left join payments.payment p on p.id = o.payment_id
          where p.id is null or p.request_id <> o.payment_request_id
             or (p.amount_minor, p.amount_currency) <> (o.total_minor, o.total_currency)`,
  },
  {
    id: 'I4a',
    title: 'the ledger is one unbroken chain',
    sql: `select reference as subject, 'its hash is not that of its row' as problem from (
            select *, lag(hash, 1, '') over (order by id) as before,
              encode(sha256(
                convert_to(previous_hash, 'UTF8') || '\\x00' || convert_to(reference, 'UTF8') || '\\x00' ||
                convert_to(debit, 'UTF8') || '\\x00' || convert_to(credit, 'UTF8') || '\\x00' ||
                convert_to(amount_minor::text, 'UTF8') || '\\x00' || convert_to(currency, 'UTF8') || '\\x00' ||
                convert_to(to_char(posted_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'UTF8')), 'hex') as expected
            from payments.ledger_entry) as entry
          where previous_hash <> before or hash <> expected`,
  },
  {
    id: 'I4b',
    title: 'the ledger refuses changes',
    sql: `select name as subject, 'the trigger is missing or off' as problem
          from unnest(array['ledger_entry_append_only', 'ledger_entry_never_emptied']) as name
          where not exists (select 1 from pg_trigger t
            where t.tgname = name and t.tgrelid = 'payments.ledger_entry'::regclass and t.tgenabled in ('O', 'A'))`,
  },
  {
    id: 'I4c',
    title: 'every movement of money is in the ledger with its amount, and nothing else',
    sql: `select coalesce(expected.reference, e.reference) as subject,
                 case when e.reference is null then 'not posted'
                      when expected.reference is null then 'posted for nothing'
                      else 'posted with another amount' end as problem
          from (
            select id || ':captured' as reference, amount_minor as minor from payments.payment
            union all
            select id || ':refunded', amount_minor from payments.refund where status = 'COMPLETED'
            union all
            select payment_id || ':released', net_minor from payments.disbursement
              where status in ('RELEASED', 'AUTO_DISBURSED') and net_minor > 0
          ) as expected
          full join (select reference, amount_minor as minor from payments.ledger_entry
                     where split_part(reference, ':', 2) in ('captured', 'refunded', 'released')) as e
            on e.reference = expected.reference
          where e.minor is distinct from expected.minor`,
  },
  {
    id: 'I5a',
    title: 'what is held for each seller is what is still to be paid to them',
    sql: `select coalesce(h.seller_id, d.seller_id) as subject,
                 'held ' || coalesce(h.minor, 0) || ', to be paid ' || coalesce(d.minor, 0) as problem
          from (select split_part(account, ':', 2) as seller_id, currency, sum(minor) as minor from (
                  select credit as account, currency, amount_minor as minor from payments.ledger_entry
                  union all select debit, currency, -amount_minor from payments.ledger_entry) as side
                where account like 'seller:%:held' group by 1, 2) as h
          full join (select seller_id, net_currency as currency, sum(net_minor) as minor from payments.disbursement
                     where status not in ('RELEASED', 'RETURNED', 'AUTO_DISBURSED') group by 1, 2) as d
            on d.seller_id = h.seller_id and d.currency = h.currency
          where coalesce(h.minor, 0) <> coalesce(d.minor, 0)`,
  },
  {
    id: 'I5b',
    title: 'no account is below its floor',
    sql: `select account as subject, 'stands at ' || minor || ' ' || currency as problem from (
            select account, currency, sum(minor) as minor from (
              select credit as account, currency, amount_minor as minor from payments.ledger_entry
              union all select debit, currency, -amount_minor from payments.ledger_entry) as side
            group by account, currency) as balance
          where (account like 'seller:%:held' and minor < 0)
             or (account like 'seller:%:paid-out' and minor <> 0)
             or (account = 'buyers:refunded' and minor <> 0)
             or (account = 'platform:fees' and minor < 0)`,
  },
  {
    id: 'I7',
    title: 'a seller is paid once per capture, and no more than is left of it',
    sql: `select d.payment_id as subject, 'paid more than was left' as problem
          from payments.disbursement d join payments.payment p on p.id = d.payment_id
          where d.status in ('RELEASED', 'AUTO_DISBURSED')
            and d.net_minor + p.processor_fee_minor + p.platform_fee_minor + coalesce((
                  select sum(r.amount_minor - r.platform_fee_share_minor) from payments.refund r
                  where r.payment_id = p.id and r.status = 'COMPLETED' and r.completed_at <= d.released_at), 0)
                > p.amount_minor
          union all
          select capture_id, count(*) || ' payouts' from payments.disbursement
          where release_id is not null group by capture_id having count(*) > 1`,
  },
  {
    id: 'I8a',
    title: 'nobody is paid before everything was sent, marked, and three days passed',
    sql: `select d.payment_id as subject, 'paid too early' as problem
          from payments.disbursement d
          where d.status = 'RELEASED'
            and (d.fully_sent_at is null or d.released_at < d.fully_sent_at + interval '3 days')
          union all
          select d.payment_id, 'paid, and something was never sent'
          from payments.disbursement d join orders."order" o on o.payment_id = d.payment_id
          where d.status = 'RELEASED' and o.last_marked_sent_at is null`,
  },
  {
    id: 'I8b',
    title: 'nobody is paid while a dispute is open',
    sql: `select d.payment_id as subject, 'paid while dispute ' || q.id || ' was open' as problem
          from payments.disbursement d join payments.dispute q on q.payment_id = d.payment_id
          where d.status = 'RELEASED' and d.released_at > q.opened_at + interval '1 minute'
            and (q.resolved_at is null or q.resolved_at > d.released_at)`,
  },
  {
    id: 'I9',
    title: 'refunds never exceed the capture, and what is set aside is what was decided',
    sql: `select p.id as subject, 'refunds of ' || coalesce(r.minor, 0) || ' for ' || p.amount_minor || ', set aside '
                   || p.refunded_total_minor as problem
          from payments.payment p
          left join (select payment_id, sum(amount_minor) as minor from payments.refund
                     where status <> 'CANCELLED' group by 1) as r
            on r.payment_id = p.id
          left join (select payment_id, sum(lost_minor) as minor from payments.dispute group by 1) as q
            on q.payment_id = p.id
          where coalesce(r.minor, 0) + coalesce(q.minor, 0) > p.amount_minor
             or coalesce(r.minor, 0) + coalesce(q.minor, 0) <> p.refunded_total_minor`,
  },
  {
    id: 'I10a',
    title: 'a request is paid exactly when there is a payment, and paying when an attempt is open',
    sql: `select q.id as subject, q.status || case when p.id is null then ' without a payment' else ' with a payment' end
                   || case when a.id is null then ', no open attempt' else ', an open attempt' end as problem
          from payments.payment_request q
          left join payments.payment p on p.request_id = q.id
          left join payments.payment_attempt a on a.request_id = q.id
            and a.status in ('CREATED', 'REQUIRES_ACTION', 'CAPTURING', 'PENDING', 'UNKNOWN')
          where (q.status = 'PAID') <> (p.id is not null)
             or (q.status in ('PAYING', 'PENDING')) <> (a.id is not null)`,
  },
  {
    id: 'I10b',
    title: 'requests move along their table of transitions only',
    sql: `select aggregate_id as subject, coalesce(before, 'nothing') || ' -> ' || change as problem from (
            select aggregate_id, change, lag(change) over (partition by aggregate_id order by aggregate_version) as before
            from (select aggregate_id, aggregate_version, replace(type, 'payments.payment-request-', '') as change
                  from payments.outbox where type like 'payments.payment-request-%' and type not like '%-viewed') as told
          ) as step
          where (before is not null and (before, change) not in (
              ('sent', 'paying'), ('attempt-declined', 'paying'),
              ('paying', 'paid'), ('paying', 'pending'), ('paying', 'attempt-declined'),
              ('pending', 'paid'), ('pending', 'attempt-declined'),
              ('sent', 'declined-by-buyer'), ('sent', 'withdrawn'), ('sent', 'expired'), ('sent', 'superseded'),
              ('attempt-declined', 'declined-by-buyer'), ('attempt-declined', 'withdrawn'),
              ('attempt-declined', 'expired'), ('attempt-declined', 'superseded')))
             or (before is null and change <> 'sent')`,
  },
  {
    id: 'I15',
    title: 'a key has one effect: what it answers exists, and nothing stays half done',
    sql: `select k.operation || ' of ' || k.principal as subject, 'answers an attempt that does not exist' as problem
          from payments.idempotency_key k
          where k.operation = 'payPaymentRequest' and k.response is not null
            and not exists (select 1 from payments.payment_attempt a where a.id = k.response ->> 'attemptId')
          union all
          select k.operation || ' of ' || k.principal, 'claimed for an hour and not answered'
          from payments.idempotency_key k
          where k.completed_at is null and k.created_at < clock_timestamp() - interval '1 hour'`,
  },
];
