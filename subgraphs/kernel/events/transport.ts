import type { EventEnvelope } from './envelope.ts';

/**
 * Carries events between subgraphs, at least once, in order per aggregate. The outbox stays the
 * truth: a transport may be lost and filled again from it, and consumers drop what they have seen.
 */
export interface EventTransport {
  /** Resolves when the events will be delivered even if this process dies. Repeats are dropped. */
  publish(events: readonly EventEnvelope[]): Promise<void>;
  /** What follows `position` (opaque; null is the beginning), oldest first, only the given types. */
  read(position: string | null, types: readonly string[], limit: number): Promise<TransportBatch>;
  /** Calls back soon after anything was published by anybody. Returns how to stop. */
  onPublished(callback: (news: PublishedNews) => void): () => void;
  close(): Promise<void>;
}

/** The types of what was published; null when it is not known, and may be anything. */
export type PublishedNews = ReadonlySet<string> | null;

export interface TransportBatch {
  readonly events: readonly EventEnvelope[];
  /** Where to read on. */
  readonly position: string | null;
  /** True when more is known to come at once: read again without waiting for a call. */
  readonly more: boolean;
}
