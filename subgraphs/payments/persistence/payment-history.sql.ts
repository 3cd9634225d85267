/**
 * Everything that is known of one request and what came of it, oldest first: one parameter, the
 * request's id. States, amounts and ids only: no address, no name, no words of anybody.
 */
export const historyQuery = `
  with request as (select * from payment_request where id = ?),
  attempts as (select a.* from payment_attempt a join request on a.request_id = request.id),
  paid as (select p.* from payment p join request on p.request_id = request.id),
  refunds as (select r.* from refund r join paid on r.payment_id = paid.id),
  disputes as (select d.* from dispute d join paid on d.payment_id = paid.id),
  payouts as (select d.* from disbursement d join paid on d.payment_id = paid.id),
  ids as (
    select id from request union all select id from attempts union all select id from paid
    union all select id from refunds union all select id from disputes union all select id from payouts
  ),
  entries as (
    select created_at as at, 'request' as source,
           origin || ' of ' || total_minor || ' ' || total_currency || ' minor units, ' || status as text,
           id as reference, 0 as rank from request
    union all
    select created_at, 'attempt', 'began, for ' || amount_minor || ' ' || amount_currency, id, 1 from attempts
    union all
    select settled_at, 'attempt', status || coalesce(': ' || decline_code, ''),
           coalesce(processor_order_id, id), 2 from attempts where settled_at is not null
    union all
    select created_at, 'attempt', 'awaits the processor: ' || status, coalesce(processor_order_id, id), 2
      from attempts where settled_at is null
    union all
    select captured_at, 'payment', 'captured ' || amount_minor || ' ' || amount_currency, capture_id, 3 from paid
    union all
    select captured_at, 'disbursement',
           'payout of ' || net_minor || ' ' || net_currency || ': ' || status
             || case when jsonb_array_length(reasons) > 0 then ' for ' || reasons::text else '' end
             || coalesce(', due ' || to_char(release_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"'), ''),
           id, 5 from payouts
    union all
    select released_at, 'disbursement', 'paid out', release_id, 6 from payouts where released_at is not null
    union all
    select created_at, 'refund', 'decided: ' || amount_minor || ' ' || amount_currency || ', ' || status
             || coalesce(' (' || failure_code || ')', ''), id, 4 from refunds
    union all
    select completed_at, 'refund', 'returned', processor_refund_id, 6 from refunds where completed_at is not null
    union all
    select opened_at, 'dispute', status || coalesce(', ' || outcome, ''), processor_dispute_id, 4 from disputes
    union all
    select posted_at, 'ledger', debit || ' -> ' || credit || ' ' || amount_minor || ' ' || currency, reference, 7
      from ledger_entry where split_part(reference, ':', 1) in (select id from ids)
    union all
    select occurred_at, 'event', type || ' v' || aggregate_version, event_id, 8
      from outbox where aggregate_id in (select id from ids)
    union all
    select received_at, 'webhook', event_type || ': ' || state || coalesce(' after ' || last_error, ''), event_id, 9
      from webhook_event w where exists (
        select 1 from paid where position(paid.capture_id in convert_from(w.raw_body, 'UTF8')) > 0
           or position(paid.processor_order_id in convert_from(w.raw_body, 'UTF8')) > 0)
    union all
    select at, 'operator', principal || ': ' || action || ' (' || reason || ')', subject, 10
      from operator_action where subject in (select id from ids)
  )
  select at, source, text, reference from entries order by entries.at, entries.rank, entries.reference`;
