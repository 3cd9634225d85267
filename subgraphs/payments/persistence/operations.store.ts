import type { EntityManager } from '@mikro-orm/postgresql';
import type { NewId } from '../../kernel/ids.ts';
import { Money } from '../../kernel/money.ts';
import type { DatabaseClock } from '../../kernel/persistence/database-clock.ts';
import type { Transactions } from '../../kernel/persistence/transaction.ts';
import type {
  HistoryEntry,
  OpenFinding,
  OperationsStore,
  OperationsTransaction,
  OperatorAction,
  OwnAttempt,
  OwnMovement,
} from '../application/operations.ports.ts';
import { type Finding, findingKey, STUCK_AFTER_MS } from '../domain/finding.ts';
import { OPEN_ATTEMPT_STATUSES } from '../domain/payment-attempt.states.ts';
import { historyQuery } from './payment-history.sql.ts';

const OPEN_ATTEMPTS = OPEN_ATTEMPT_STATUSES.map((status) => `'${status}'`).join(', ');

interface FindingRow {
  readonly id: string;
  readonly kind: Finding['kind'];
  readonly subject: Finding['subject'];
  readonly reference: string;
  readonly payment_id: string | null;
  readonly ours_minor: string | null;
  readonly ours_currency: string | null;
  readonly theirs_minor: string | null;
  readonly theirs_currency: string | null;
  readonly opened_at: Date | string;
}

interface MovementRow {
  readonly id: string;
  readonly kind: OwnMovement['kind'];
  readonly minor: string;
  readonly currency: string;
  readonly capture_id: string;
  readonly payment_id: string;
  readonly at: Date | string;
}

/** Findings, operators' actions, and what they may look at. */
export class StoredOperations implements OperationsStore {
  constructor(
    private readonly transactions: Transactions,
    private readonly clock: DatabaseClock,
    private readonly newId: NewId,
  ) {}

  transact<T>(work: (tx: OperationsTransaction) => Promise<T>): Promise<T> {
    return this.transactions.run((em) =>
      work({
        now: () => this.clock.fromDatabase(),
        open: (findings, now) => open(em, findings, now, this.newId),
        close: (id, resolution, now) => close(em, id, resolution, now),
        audit: (action, now) => audit(em, action, now),
        replayWebhooks: (eventId) => replayWebhooks(em, eventId),
        parkWebhook: async (eventId) => {
          const rows = await em.execute<unknown[]>(
            `update webhook_event set state = 'PARKED', last_error = 'parked by hand'
             where event_id = ? and state = 'RECEIVED' returning 1`,
            [eventId],
          );
          return rows.length > 0;
        },
      }),
    );
  }

  async ownMovements(since: Date, until: Date): Promise<OwnMovement[]> {
    const rows = await this.rows<MovementRow>(
      `select * from (
         select capture_id as id, 'CAPTURE' as kind, amount_minor::text as minor, amount_currency as currency,
                capture_id, id as payment_id, captured_at as at
           from payment
         union all
         select r.processor_refund_id, 'REFUND', r.amount_minor::text, r.amount_currency,
                r.capture_id, r.payment_id, r.completed_at
           from refund r where r.status = 'COMPLETED'
         union all
         select d.release_id, 'RELEASE', d.net_minor::text, d.net_currency,
                d.capture_id, d.payment_id, d.released_at
           from disbursement d where d.release_id is not null
       ) as movement where movement.at between ? and ? order by movement.at, movement.id`,
      [since, until],
    );
    return rows.map((row) => ({
      id: row.id,
      kind: row.kind,
      amount: Money.of(BigInt(row.minor), row.currency),
      captureId: row.capture_id,
      paymentId: row.payment_id,
      at: new Date(row.at),
    }));
  }

  async captureIdsReturnedByDispute(captureIds: readonly string[]): Promise<Set<string>> {
    const rows = await this.rows<{ capture_id: string }>(
      `select distinct p.capture_id from dispute d join payment p on p.id = d.payment_id
       where d.outcome = 'LOST' and p.capture_id in (select jsonb_array_elements_text(?::jsonb))`,
      [JSON.stringify(captureIds)],
    );
    return new Set(rows.map((row) => row.capture_id));
  }

  async attempt(attemptId: string): Promise<OwnAttempt | null> {
    const [row] = await this.rows<OwnAttempt>(
      'select id, status, payee_merchant_id as "payeeMerchantId" from payment_attempt where id = ?',
      [attemptId],
    );
    return row ?? null;
  }

  async waiting(before: Date): Promise<Finding[]> {
    const rows = await this.rows<FindingRow>(
      `select 'STUCK' as kind, 'ATTEMPT' as subject, a.id as reference, null::text as payment_id,
              a.amount_minor::text as ours_minor, a.amount_currency as ours_currency
         from payment_attempt a where a.status in (${OPEN_ATTEMPTS}) and a.created_at <= ?
       union all
       select 'NO_ORDER', 'CAPTURE', p.id, p.id, p.amount_minor::text, p.amount_currency
         from payment p where p.order_id is null and p.captured_at <= ?
          and p.refunded_total_minor < p.amount_minor
       union all
       select 'STUCK', 'REFUND', r.id, r.payment_id, r.amount_minor::text, r.amount_currency
         from refund r where r.status in ('APPROVED', 'SUBMITTED', 'PENDING') and r.created_at <= ?
       union all
       select 'REFUSED', 'REFUND', r.id, r.payment_id, r.amount_minor::text, r.amount_currency
         from refund r where r.status = 'ESCALATED'
       union all
       select 'STUCK', 'RELEASE', d.payment_id, d.payment_id, d.net_minor::text, d.net_currency
         from disbursement d where d.status = 'RELEASING'
          and (select max(o.occurred_at) from outbox o where o.aggregate_id = d.id) <= ?
       union all
       select 'REFUSED', 'WEBHOOK', w.event_id, null, null, null
         from webhook_event w where w.state = 'PARKED'
       union all
       select 'STUCK', 'WEBHOOK', w.event_id, null, null, null
         from webhook_event w
        -- By the wall clock, like received_at: the local mode's clock can jump.
        where w.state = 'RECEIVED' and w.received_at <= clock_timestamp() - ? * interval '1 millisecond'
       order by 2, 3`,
      [before, before, before, before, STUCK_AFTER_MS],
    );
    return rows.map((row) => findingOf({ ...row, theirs_minor: null, theirs_currency: null }));
  }

  async openFindings(limit: number): Promise<OpenFinding[]> {
    const rows = await this.rows<FindingRow>(
      `select id, kind, subject, reference, payment_id, ours_minor::text, ours_currency,
              theirs_minor::text, theirs_currency, opened_at
       from finding where closed_at is null order by finding.opened_at desc, finding.id desc limit ?`,
      [limit],
    );
    return rows.map((row) => ({
      ...findingOf(row),
      id: row.id,
      openedAt: new Date(row.opened_at),
    }));
  }

  async requestOf(reference: string): Promise<string | null> {
    const [row] = await this.rows<{ id: string }>(
      `select id from payment_request where id = ?
       union select request_id from payment where ? in (id, order_id, capture_id, processor_order_id)
       union select request_id from payment_attempt where ? in (id, processor_order_id)
       union select p.request_id from refund r join payment p on p.id = r.payment_id
         where ? in (r.id, r.processor_refund_id)
       limit 1`,
      [reference, reference, reference, reference],
    );
    return row?.id ?? null;
  }

  async history(requestId: string): Promise<HistoryEntry[]> {
    const rows = await this.rows<{
      at: Date | string;
      source: string;
      text: string;
      reference: string;
    }>(historyQuery, [requestId]);
    return rows.map((row) => ({ ...row, at: new Date(row.at) }));
  }

  private rows<Row>(sql: string, parameters: readonly unknown[]): Promise<Row[]> {
    return this.transactions.reader().execute<Row[]>(sql, [...parameters]);
  }
}

function findingOf(row: Omit<FindingRow, 'id' | 'opened_at'>): Finding {
  return {
    kind: row.kind,
    subject: row.subject,
    reference: row.reference,
    paymentId: row.payment_id,
    ours: moneyOf(row.ours_minor, row.ours_currency),
    theirs: moneyOf(row.theirs_minor, row.theirs_currency),
  };
}

function moneyOf(minor: string | null, currency: string | null): Money | null {
  return minor === null || currency === null ? null : Money.of(BigInt(minor), currency);
}

async function open(
  em: EntityManager,
  findings: readonly Finding[],
  now: Date,
  newId: NewId,
): Promise<OpenFinding[]> {
  const opened: OpenFinding[] = [];
  for (const finding of findings) {
    const id = newId('finding');
    const rows = await em.execute<unknown[]>(
      `insert into finding (id, key, kind, subject, reference, payment_id, ours_minor, ours_currency,
                            theirs_minor, theirs_currency, opened_at)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       on conflict (key) where closed_at is null do nothing returning 1`,
      [
        id,
        findingKey(finding),
        finding.kind,
        finding.subject,
        finding.reference,
        finding.paymentId,
        finding.ours?.amountMinor ?? null,
        finding.ours?.currency ?? null,
        finding.theirs?.amountMinor ?? null,
        finding.theirs?.currency ?? null,
        now,
      ],
    );
    if (rows.length > 0) opened.push({ ...finding, id, openedAt: now });
  }
  return opened;
}

async function close(em: EntityManager, id: string, resolution: string, now: Date) {
  const rows = await em.execute<unknown[]>(
    'update finding set closed_at = ?, resolution = ? where id = ? and closed_at is null returning 1',
    [now, resolution, id],
  );
  return rows.length > 0;
}

async function audit(em: EntityManager, action: OperatorAction, now: Date): Promise<void> {
  await em.execute(
    'insert into operator_action (principal, action, subject, reason, at) values (?, ?, ?, ?, ?)',
    [action.principal, action.action, action.subject, action.reason, now],
  );
}

async function replayWebhooks(em: EntityManager, eventId: string | null): Promise<number> {
  const rows = await em.execute<unknown[]>(
    `update webhook_event set state = 'RECEIVED', attempts = 0, last_error = null, waits_until = null
     where (?::text is null and state = 'PARKED') or event_id = ? returning 1`,
    [eventId, eventId],
  );
  return rows.length;
}
