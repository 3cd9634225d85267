import type { Invariant } from './invariant.ts';

/** Columns that hold what is sealed or hashed: random text, in which any pattern can stand. */
const SEALED = [
  'sealed',
  'wrapped',
  'hash',
  'fingerprint',
  'raw_body',
  'setup_token',
  'approval_url',
];
/** Three, two and four digits, on their own. */
const SOCIAL_SECURITY_NUMBER = '(^|[^0-9A-Za-z-])[0-9]{3}-[0-9]{2}-[0-9]{4}($|[^0-9A-Za-z-])';
/** As long as card numbers of their brands are, written in groups or not. */
const CARD_NUMBER = [
  '(?<![0-9A-Za-z])(',
  ...['4(?:[ -]?[0-9]){15}', '|(?:5[1-5]|2[2-7])(?:[ -]?[0-9]){14}', '|3[47](?:[ -]?[0-9]){13}'],
  '|6(?:011|5[0-9]{2})(?:[ -]?[0-9]){12}',
  ')(?![0-9A-Za-z])',
].join('');
/** Its last digit checks the others: of numbers that only look like one, nine in ten are none. */
const PASSES_LUHN = `(select mod(sum(case when mod(length(digits) - place, 2) = 1
       then div(2 * digit, 10) + mod(2 * digit, 10) else digit end), 10) = 0
     from generate_series(1, length(digits)) as place,
          lateral (select substr(digits, place, 1)::int as digit) as one)`;
const SCHEMAS = "'seller_accounts', 'catalog', 'conversations', 'payments', 'orders', 'event_bus'";

/** Identity data stays sealed and its opening is kept; strangers share no row. */
export const PEOPLE: readonly Invariant[] = [
  {
    id: 'I13',
    title: 'no social security number and no card number stands in plain text',
    // One query per column, run by the server over its own catalogue; only counts come back.
    sql: `select subject, found || ' rows look like it' as problem from (
            select format('%I.%I.%I', table_schema, table_name, column_name) as subject,
              (xpath('/row/n/text()', query_to_xml(format(
                 'select count(*) as n from %1$I.%2$I where %3$I::text ~ %4$L
                    or (%3$I::text ~ %5$L and exists (
                      select 1 from regexp_matches(%3$I::text, %5$L, ''g'') as found,
                        lateral (select regexp_replace(found[1], ''[^0-9]'', '''', ''g'') as digits) as bare
                      where ${PASSES_LUHN}))',
                 table_schema, table_name, column_name,
                 '${SOCIAL_SECURITY_NUMBER}', '${CARD_NUMBER}'),
                 false, true, '')))[1]::text::int as found
            from information_schema.columns c
            where table_schema in (${SCHEMAS}) and data_type in ('text', 'jsonb', 'character varying')
              and not column_name ~ '${SEALED.join('|')}'
              and exists (select 1 from information_schema.tables t where t.table_type = 'BASE TABLE'
                and (t.table_schema, t.table_name) = (c.table_schema, c.table_name))
          ) as searched where found > 0`,
  },
  {
    id: 'I14a',
    title: 'the record of who opened identity data is one unbroken chain',
    sql: `select seller_id as subject, 'its hash is not that of its row' as problem from (
            select *, lag(hash, 1, '') over (order by id) as before,
              encode(sha256(
                convert_to(previous_hash, 'UTF8') || '\\x00' || convert_to(seller_id, 'UTF8') || '\\x00' ||
                convert_to(accessed_by, 'UTF8') || '\\x00' || convert_to(purpose, 'UTF8') || '\\x00' ||
                convert_to(to_char(accessed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'UTF8')), 'hex') as expected
            from seller_accounts.identity_access) as access
          where previous_hash <> before or hash <> expected`,
  },
  {
    id: 'I14b',
    title: 'who is at the processor had their identity data opened for it, on record',
    sql: `select a.id as subject, 'submitted, and no opening on record' as problem
          from seller_accounts.seller_account a
          where a.merchant_id is not null
            and not exists (select 1 from seller_accounts.identity_access i where i.seller_id = a.id)`,
  },
  {
    id: 'I16',
    title: 'no row ties strangers together',
    sql: `select a.id as subject, 'an attempt of another buyer, or with another buyer''s method' as problem
          from payments.payment_attempt a
          join payments.payment_request q on q.id = a.request_id
          join payments.payment_method m on m.id = a.payment_method_id
          where a.buyer_id <> q.buyer_id or m.buyer_id <> q.buyer_id
          union all
          select p.id, 'a payment of others than its request' from payments.payment p
          join payments.payment_request q on q.id = p.request_id
          where (p.buyer_id, p.seller_id) <> (q.buyer_id, q.seller_id)
          union all
          select d.id, 'a payout of another seller' from payments.disbursement d
          join payments.payment p on p.id = d.payment_id where d.seller_id <> p.seller_id
          union all
          select r.id, 'a refund of another seller' from payments.refund r
          join payments.payment p on p.id = r.payment_id where r.seller_id <> p.seller_id
          union all
          select o.id, 'an order of others than its payment' from orders."order" o
          join payments.payment p on p.id = o.payment_id
          where (o.buyer_id, o.seller_id) <> (p.buyer_id, p.seller_id)
          union all
          select q.id, 'a request in a conversation of others' from payments.payment_request q
          join conversations.conversation c on c.id = q.conversation_id
          where (c.buyer_id, c.seller_id) <> (q.buyer_id, q.seller_id)
          union all
          select m.id, 'a message of somebody who is not in the conversation' from conversations.message m
          join conversations.conversation c on c.id = m.conversation_id
          where (m.sender_side = 'BUYER' and m.sender_id <> c.buyer_id)
             or (m.sender_side = 'SELLER' and right(m.sender_id, 32) <> right(c.seller_id, 32)
                 and m.sender_id not like 'partner:%')`,
  },
];
