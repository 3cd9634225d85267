import pg from 'pg';

export const SUBGRAPH_NAMES = [
  'seller-accounts',
  'catalog',
  'conversations',
  'payments',
  'orders',
] as const;
export type SubgraphName = (typeof SUBGRAPH_NAMES)[number];

/** "seller-accounts" -> "seller_accounts": the name of its schema and, prefixed, of its role. */
export function schemaOf(subgraph: string): string {
  return subgraph.replaceAll('-', '_');
}

export function roleOf(subgraph: string): string {
  return `parley_${schemaOf(subgraph)}`;
}

/**
 * Makes, with an administrator's connection, what a subgraph's own role may not make for itself: the
 * roles, one schema each, the schema of its timed work, the event bus and the clock. Harmless to
 * repeat. Needs PostgreSQL 15 or newer and a role that may create roles and schemas.
 */
export async function bootstrapDatabase(
  adminUrl: string,
  passwordOf: (subgraph: SubgraphName) => string,
): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await requireVersion(client);
    await client.query("select pg_advisory_lock(hashtext('parley bootstrap'))");
    for (const name of SUBGRAPH_NAMES) await bootstrapSubgraph(client, name, passwordOf(name));
    await bootstrapEventBus(client);
    await bootstrapClock(client);
  } finally {
    await client.end();
  }
}

/** The connection URL of one subgraph's role in the same database. */
export function subgraphUrl(adminUrl: string, subgraph: SubgraphName, password: string): string {
  const url = new URL(adminUrl);
  url.username = roleOf(subgraph);
  url.password = password;
  return url.toString();
}

async function requireVersion(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ version: number }>(
    "select current_setting('server_version_num')::int as version",
  );
  const version = rows[0]?.version ?? 0;
  if (version < 150_000)
    throw new Error(
      `PostgreSQL 15 or newer is needed; this server is ${Math.floor(version / 10_000)}.`,
    );
}

async function bootstrapSubgraph(
  client: pg.Client,
  subgraph: SubgraphName,
  password: string,
): Promise<void> {
  const role = client.escapeIdentifier(roleOf(subgraph));
  const schema = schemaOf(subgraph);
  await ensureRole(client, roleOf(subgraph), password);
  // graphile-worker says "create schema if not exists" even where it does, which needs this right.
  const { rows } = await client.query<{ name: string }>('select current_database() as name');
  const database = client.escapeIdentifier(rows[0]?.name ?? '');
  await client.query(`grant connect, create on database ${database} to ${role}`);
  // An administrator that is no superuser must be a member of a role to create schemas for it.
  await client.query(`grant ${role} to current_user`);
  for (const name of [schema, `${schema}_jobs`]) {
    await client.query(`create schema if not exists ${name} authorization ${role}`);
    await client.query(`revoke all on schema ${name} from public`);
  }
  await client.query('revoke create on schema public from public');
}

// Roles belong to the whole server while locks belong to one database, so two databases being made
// ready at once can collide here; the loser simply tries again.
async function ensureRole(client: pg.Client, role: string, password: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { rowCount } = await client.query('select 1 from pg_roles where rolname = $1', [role]);
      const verb = rowCount ? 'alter' : 'create';
      await client.query(
        `${verb} role ${client.escapeIdentifier(role)} login password ${client.escapeLiteral(password)}`,
      );
      return;
    } catch (error) {
      if (attempt === 10) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20 * attempt));
    }
  }
}

async function bootstrapEventBus(client: pg.Client): Promise<void> {
  const roles = SUBGRAPH_NAMES.map(roleOf).join(', ');
  await client.query(`
    create schema if not exists event_bus;
    create table if not exists event_bus.event (
      id bigint generated always as identity primary key,
      xid xid8 not null default pg_current_xact_id(),
      event_id text not null unique,
      source text not null,
      type text not null,
      aggregate_id text not null,
      aggregate_version bigint not null,
      envelope jsonb not null,
      published_at timestamptz not null default clock_timestamp(),
      unique (aggregate_id, aggregate_version)
    );
    create index if not exists event_order on event_bus.event (xid, id);
    alter table event_bus.event enable row level security;
    drop policy if exists read_all on event_bus.event;
    create policy read_all on event_bus.event for select using (true);
    -- A subgraph publishes in its own name only.
    drop policy if exists publish_own on event_bus.event;
    create policy publish_own on event_bus.event for insert
      with check (current_user = 'parley_' || replace(source, '-', '_'));
    grant usage on schema event_bus to ${roles};
    grant select, insert on event_bus.event to ${roles};
  `);
}

// One clock for every process: the database's, moved forward only by the local mode's administrator.
async function bootstrapClock(client: pg.Client): Promise<void> {
  const roles = SUBGRAPH_NAMES.map(roleOf).join(', ');
  await client.query(`
    create schema if not exists parley_clock;
    create table if not exists parley_clock.shift (
      singleton boolean primary key default true check (singleton),
      milliseconds bigint not null default 0 check (milliseconds >= 0)
    );
    insert into parley_clock.shift default values on conflict do nothing;
    create or replace function parley_clock.now() returns timestamptz language sql stable as
      'select clock_timestamp() + make_interval(secs => milliseconds / 1000.0) from parley_clock.shift';
    grant usage on schema parley_clock to ${roles};
    grant select on parley_clock.shift to ${roles};
    grant execute on function parley_clock.now() to ${roles};
  `);
}
