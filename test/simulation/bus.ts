import type { EventEnvelope } from '../../subgraphs/kernel/events/envelope.ts';
import type {
  EventTransport,
  PublishedNews,
  TransportBatch,
} from '../../subgraphs/kernel/events/transport.ts';
import type { Faults } from './faults.ts';
import type { Scheduler, SimProcess } from './scheduler.ts';

interface Listener {
  readonly process: SimProcess;
  readonly callback: (news: PublishedNews) => void;
}

/**
 * The bus between subgraphs, durable and shared: at least once, and what one subgraph tells in the
 * order it was told, as the product's own transport does. Its faults are those a broker has: it takes
 * events and does not say so, does not take them, delivers them again long after, and forgets to call.
 */
export class SimBus {
  /** Publishing happens inside the relay's transaction: where that is a real one, nobody stops there. */
  isStepped = true;
  private readonly log: EventEnvelope[] = [];
  private readonly known = new Set<string>();
  private readonly listeners: Listener[] = [];
  private readonly asked = new Map<SimProcess, readonly string[]>();

  constructor(
    private readonly scheduler: Scheduler,
    private readonly faults: Faults,
  ) {}

  get events(): readonly EventEnvelope[] {
    return this.log;
  }

  /** The bus as one process sees it. */
  for(process: SimProcess): EventTransport {
    return {
      publish: (events) => this.publish(process, events),
      read: (position, types, limit) => this.read(process, position, types, limit),
      onPublished: (callback) => {
        const listener = { process, callback };
        this.listeners.push(listener);
        return () => void this.listeners.splice(this.listeners.indexOf(listener), 1);
      },
      close: async () => {},
    };
  }

  private async publish(process: SimProcess, events: readonly EventEnvelope[]): Promise<void> {
    if (this.isStepped) await this.scheduler.step(process, `publish ${events.length} events`);
    const fault = this.faults.next('publish');
    if (fault === 'LOST') throw new Error('the bus did not take it');
    let isNew = false;
    for (const event of events) {
      const isRepeat = this.known.has(event.eventId);
      if (isRepeat && fault !== 'REPEATED') continue;
      this.known.add(event.eventId);
      this.log.push(event);
      isNew = true;
    }
    if (fault === 'REPEATED') this.log.push(...events);
    if (isNew && fault !== 'SILENT') this.call(events);
    if (fault === 'UNCONFIRMED') throw new Error('the bus did not confirm it');
    if (this.isStepped) await this.scheduler.step(process, 'published');
  }

  private async read(
    process: SimProcess,
    position: string | null,
    types: readonly string[],
    limit: number,
  ): Promise<TransportBatch> {
    await this.scheduler.step(process, 'read the bus');
    this.asked.set(process, types);
    const events: EventEnvelope[] = [];
    let last = position;
    for (let at = Number(position ?? 0); at < this.log.length && events.length < limit; at += 1) {
      const event = this.log[at] as EventEnvelope;
      if (!types.includes(event.type)) continue;
      events.push(event);
      last = String(at + 1);
    }
    return { events, position: last, more: events.length === limit };
  }

  /** False when there is surely nothing of this process's types after the position. */
  mayHaveNew(process: SimProcess, position: string | null): boolean {
    const types = this.asked.get(process);
    if (!types) return true;
    for (let at = Number(position ?? 0); at < this.log.length; at += 1)
      if (types.includes((this.log[at] as EventEnvelope).type)) return true;
    return false;
  }

  /** Delivers everything a consumer has seen once more, as a broker does that lost its memory. */
  repeatAll(): void {
    const all = this.log.slice();
    this.log.push(...all);
    this.call(all);
  }

  // A call comes from the network, outside of everything that its sender is in the middle of. Who
  // would find nothing of theirs is not called: that saves a third of all steps.
  private call(events: readonly EventEnvelope[]): void {
    const news = new Set(events.map(({ type }) => type));
    for (const { process, callback } of this.listeners) {
      const types = this.asked.get(process);
      if (types && !types.some((type) => news.has(type))) continue;
      this.scheduler.begin(process, 'is called', () => callback(news));
    }
  }
}
