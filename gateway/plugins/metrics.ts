import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Requests take from under a millisecond, when shared, to the deadline. */
const SECONDS_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export interface GatewayMetrics {
  request(outcome: string, kind: string, seconds: number): void;
  subgraphCall(serviceName: string, outcome: string, seconds: number): void;
  reload(outcome: 'ok' | 'failed'): void;
  /** What became of the operation a registered client named or sent. */
  clientOperation(outcome: string, client: string): void;
  /** A number that is read when it is asked for. */
  gauge(name: string, help: string, read: () => number): void;
  /** The same with one number for each value of a label. */
  gaugeBy(name: string, help: string, label: string, read: () => ReadonlyMap<string, number>): void;
  text(): Promise<{ readonly body: string; readonly type: string }>;
}

/** Counters of one gateway, in a registry of its own: several may live in one process. */
export function createMetrics(): GatewayMetrics {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Histogram({
    name: 'gateway_request_seconds',
    help: 'Seconds from the first byte of a request to its answer.',
    labelNames: ['outcome', 'kind'],
    buckets: SECONDS_BUCKETS,
    registers,
  });
  const calls = new Histogram({
    name: 'gateway_subgraph_call_seconds',
    help: 'Seconds a subgraph took to answer.',
    labelNames: ['subgraph', 'outcome'],
    buckets: SECONDS_BUCKETS,
    registers,
  });
  const reloads = new Counter({
    name: 'gateway_supergraph_reloads_total',
    help: 'Supergraph versions that took over, or could not.',
    labelNames: ['outcome'],
    registers,
  });
  const operations = new Counter({
    name: 'gateway_client_operations_total',
    help: 'Operations by client and by how they were found, or why they were refused.',
    labelNames: ['outcome', 'client'],
    registers,
  });
  return {
    request: (outcome, kind, seconds) => requests.observe({ outcome, kind }, seconds),
    subgraphCall: (subgraph, outcome, seconds) => calls.observe({ subgraph, outcome }, seconds),
    reload: (outcome) => reloads.inc({ outcome }),
    clientOperation: (outcome, client) => operations.inc({ outcome, client }),
    gauge(name, help, read) {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read());
        },
      });
    },
    gaugeBy(name, help, label, read) {
      new Gauge({
        name,
        help,
        labelNames: [label],
        registers,
        collect() {
          for (const [value, count] of read()) this.set({ [label]: value }, count);
        },
      });
    },
    text: async () => ({ body: await registry.metrics(), type: registry.contentType }),
  };
}
