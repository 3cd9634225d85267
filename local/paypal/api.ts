import type { Faults } from './faults.ts';
import type { SimStore } from './store.ts';
import type { Webhooks } from './webhooks.ts';

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Record<string, unknown>;
}

export interface Reply {
  readonly status: number;
  readonly body: unknown;
  /** HTML or another type than JSON. */
  readonly type?: string;
}

/** What every part of the simulator works with. */
export interface Sim {
  readonly store: SimStore;
  readonly webhooks: Webhooks;
  readonly faults: Faults;
  readonly baseUrl: () => string;
  /** A fresh id in PayPal's style, 17 characters, the same for the same seed and order of calls. */
  newId(): string;
}

export interface Route {
  readonly method: string;
  /** e.g. /v2/checkout/orders/:id/capture */
  readonly path: string;
  /** The name faults are asked for by; null for pages and administration, which need no token. */
  readonly operation: string | null;
  /** How long PayPal remembers a PayPal-Request-Id for this call, in hours; 0 where it does not. */
  readonly memoryHours: number;
  /** The answer to a repeat, from the first one's body: the same thing, as it is now. */
  again?(first: Record<string, unknown>, sim: Sim): unknown;
  handle(call: Call, sim: Sim): Reply;
}

export const iso = (milliseconds: number): string =>
  new Date(milliseconds).toISOString().replace(/\.\d{3}Z$/, 'Z');

export function link(sim: Sim, rel: string, path: string, method = 'GET') {
  return { href: `${sim.baseUrl()}${path}`, rel, method };
}

/** Without `Prefer: return=representation` PayPal answers with the id, the status and the links. */
export function preferred<T extends { id: string; status: string; links: unknown }>(
  call: Call,
  full: T,
): Partial<T> {
  if (call.headers.prefer === 'return=representation') return full;
  const { id, status, links } = full;
  return { id, status, links } as Partial<T>;
}
