import { SUBGRAPH_NAMES, type SubgraphName, schemaOf } from '../kernel/persistence/bootstrap.ts';
import { connected, keepAction } from './database.ts';

export interface ParkedEvent {
  readonly subgraph: SubgraphName;
  readonly eventId: string;
  readonly type: string;
  readonly aggregateId: string;
  readonly attempts: number;
  readonly error: string;
  readonly parkedAt: Date;
}

/** Events that a subgraph could not handle, oldest first; never what is in them. */
export function parkedEvents(
  databaseUrl: string,
  subgraph: SubgraphName | null,
): Promise<ParkedEvent[]> {
  return connected(databaseUrl, async (client) => {
    const parked: ParkedEvent[] = [];
    for (const name of subgraph ? [subgraph] : SUBGRAPH_NAMES) {
      const { rows } = await client.query<Omit<ParkedEvent, 'subgraph'>>(
        `select event_id as "eventId", envelope ->> 'type' as type, aggregate_id as "aggregateId",
                attempts, error, parked_at as "parkedAt"
         from ${schemaOf(name)}.parked_event order by parked_at, event_id`,
      );
      parked.push(...rows.map((row) => ({ subgraph: name, ...row })));
    }
    return parked;
  });
}

/**
 * Asks a subgraph to work on parked events again, all or those of one aggregate, and keeps who asked
 * and why. The subgraph looks within about a second; what fails again stays parked.
 */
export function replayParkedEvents(
  databaseUrl: string,
  {
    subgraph,
    aggregateId,
    reason,
  }: { subgraph: SubgraphName; aggregateId: string | null; reason: string },
): Promise<number> {
  const schema = schemaOf(subgraph);
  return connected(databaseUrl, async (client) => {
    await client.query('begin');
    const { rowCount } = await client.query(
      `update ${schema}.parked_event set replay_asked_at = clock_timestamp()
       where $1::text is null or aggregate_id = $1`,
      [aggregateId],
    );
    const subject = aggregateId ?? 'all';
    await keepAction(client, subgraph, { action: 'replay-events', subject, reason });
    await client.query('commit');
    return rowCount ?? 0;
  });
}

/**
 * Parks one aggregate's events at a subgraph from now on: whatever comes is kept in order and handled
 * when it is replayed. The row that stands for it is no event and is done with by the replay.
 */
export function parkAggregate(
  databaseUrl: string,
  {
    subgraph,
    aggregateId,
    reason,
  }: { subgraph: SubgraphName; aggregateId: string; reason: string },
): Promise<boolean> {
  const schema = schemaOf(subgraph);
  return connected(databaseUrl, async (client) => {
    await client.query('begin');
    const eventId = `parked-by-hand:${aggregateId}`;
    const { rowCount } = await client.query(
      `insert into ${schema}.parked_event (consumer, event_id, aggregate_id, envelope, error, attempts)
       values ($1, $2, $3, $4, 'parked by hand', 0) on conflict do nothing`,
      [
        subgraph,
        eventId,
        aggregateId,
        JSON.stringify({ eventId, type: 'parked-by-hand', aggregateId, aggregateVersion: 0 }),
      ],
    );
    await keepAction(client, subgraph, { action: 'park-events', subject: aggregateId, reason });
    await client.query('commit');
    return (rowCount ?? 0) > 0;
  });
}
