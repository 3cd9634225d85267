import type { GatewayMetrics } from '../plugins/metrics.ts';
import type { StreamCounters } from './counters.ts';

/** Shows what live streams do, read when the metrics are asked for: nothing is counted twice. */
export function measureStreams(metrics: GatewayMetrics, counters: StreamCounters): void {
  const numbers: readonly [name: string, help: string, read: () => number][] = [
    ['active', 'Subscribers at this moment.', () => counters.active],
    ['opened_total', 'Subscriptions begun.', () => counters.opened],
    ['resumed_total', 'Subscriptions begun with a cursor.', () => counters.resumed],
    ['delivered_total', 'Events handed to subscribers.', () => counters.delivered],
    ['slow_closes_total', 'Readers sent away to resume.', () => counters.slowCloses],
    ['merged_total', 'Subscribers that caught up with a live stream.', () => counters.merged],
    ['moved_total', 'Subscribers moved to a new supergraph.', () => counters.moved],
    ['upstreams_opened_total', 'Streams opened at subgraphs.', () => counters.upstreamsOpened],
    [
      'upstream_reconnects_total',
      'Streams of subgraphs that were lost and opened again.',
      () => counters.upstreamReconnects,
    ],
  ];
  for (const [name, help, read] of numbers) {
    metrics.gauge(`gateway_subscriptions_${name}`, help, read);
  }
  metrics.gaugeBy(
    'gateway_subscriptions_rejected_total',
    'Subscriptions, operations and sockets refused.',
    'reason',
    () => counters.rejected,
  );
  metrics.gaugeBy(
    'gateway_subscriptions_ended_total',
    'Subscriptions ended.',
    'reason',
    () => counters.ended,
  );
}
