import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import pg from 'pg';
import { Report } from '../../local/demo/report.ts';
import { tellStory } from '../../local/demo/story.ts';
import type { LocalStack } from '../../local/stack.ts';
import { checkInvariants } from '../../subgraphs/invariants/check.ts';
import { startTestStack } from '../support/stack.ts';

let stack: LocalStack;
let database: pg.Client;

beforeAll(async () => {
  stack = await startTestStack();
  database = new pg.Client({ connectionString: stack.databaseUrl });
  await database.connect();
});

afterAll(async () => {
  await database?.end();
  await stack?.close();
});

/** Counts the steps instead of printing them. */
class Quiet extends Report {
  readonly steps: string[] = [];

  constructor() {
    super(true);
  }

  override step({ who, what }: { readonly who: string; readonly what: string }): void {
    this.steps.push(`${who}: ${what}`);
  }
}

const rows = async (sql: string) => (await database.query<Record<string, unknown>>(sql)).rows;

describe('from the first question to the payout', () => {
  it('goes as the demo tells it, by both ways to buy', async () => {
    const report = new Quiet();

    await tellStory(stack, report);

    expect(report.steps).toHaveLength(30);
  });

  it('took the money once for each request, and paid it out once', async () => {
    const { entries } = (await (await fetch(`${stack.paypal.url}/simulator/log`)).json()) as {
      entries: { what: string }[];
    };

    const counted = Object.groupBy(entries, ({ what }) => what);

    expect(counted['capture.completed']).toHaveLength(2);
    expect(counted['payout.completed']).toHaveLength(2);
    expect(counted['refund.completed']).toBeUndefined();
    expect(await rows('select count(*)::int as n from payments.payment')).toEqual([{ n: 2 }]);
    expect(await rows('select count(*)::int as n from orders."order"')).toEqual([{ n: 2 }]);
  });

  it('left books in which every account but what was taken and paid is empty', async () => {
    const balances = await rows(`
      select account, sum(minor)::text as minor from (
        select debit as account, amount_minor as minor from payments.ledger_entry
        union all select credit, -amount_minor from payments.ledger_entry
      ) sides group by account having sum(minor) <> 0`);

    expect(balances).toEqual([]);
  });

  it('left nothing parked, nothing unread and nothing on its way between the subgraphs', async () => {
    for (const schema of ['seller_accounts', 'catalog', 'conversations', 'payments', 'orders']) {
      expect(await rows(`select consumer, event_id, error from ${schema}.parked_event`)).toEqual(
        [],
      );
    }
  });

  it('published events of the shapes that are checked in, and of no other', async () => {
    const ajv = new Ajv2020({ allErrors: true });
    (ajvFormats as unknown as (ajv: Ajv2020) => void)(ajv);
    const events = await rows('select type, envelope from event_bus.event');
    const wrong: string[] = [];
    for (const { type, envelope } of events) {
      const { schemaVersion, payload } = envelope as { schemaVersion: number; payload: object };
      const file = new URL(`../../schema/events/${type}.v${schemaVersion}.json`, import.meta.url);
      const shape = JSON.parse(readFileSync(file, 'utf8')) as object;
      if (!ajv.validate(shape, payload)) wrong.push(`${type}: ${ajv.errorsText()}`);
    }

    expect(new Set(events.map(({ type }) => String(type).split('.')[0]))).toEqual(
      new Set(['seller-accounts', 'catalog', 'conversations', 'payments', 'orders']),
    );
    expect(wrong).toEqual([]);
  });

  it('left no identity data and no address in the clear, in any column of any schema', async () => {
    const canaries = [
      '219-09-9999',
      '219099999',
      'Clara Potter',
      '5 Kiln Road',
      '12 Orchard Street',
      '94607',
    ];
    const columns = await rows(`
      select table_schema, table_name, column_name from information_schema.columns
      where table_schema in ('seller_accounts', 'catalog', 'conversations', 'payments', 'orders', 'event_bus',
        'seller_accounts_jobs', 'payments_jobs', 'orders_jobs')
      and data_type in ('text', 'jsonb', 'json', 'character varying', 'ARRAY', 'bytea')`);
    const found: string[] = [];
    for (const { table_schema: schema, table_name: table, column_name: column } of columns) {
      for (const canary of canaries) {
        const hits = await rows(
          `select 1 from "${schema}"."${table}" where position(${database.escapeLiteral(canary)} in "${column}"::text) > 0 limit 1`,
        );
        if (hits.length > 0) found.push(`${schema}.${table}.${column}: ${canary}`);
      }
    }

    expect(columns.length).toBeGreaterThan(100);
    expect(found).toEqual([]);
  });

  it('breaks nothing that must always be true', async () => {
    expect(await checkInvariants(stack.databaseUrl)).toEqual([]);
  });
});
