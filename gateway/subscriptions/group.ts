import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Identity, PreparedOperation, RequestContext } from '../types.ts';
import type { EndCode } from './contract.ts';
import type { StreamCounters } from './counters.ts';
import type { Cursors } from './cursors.ts';
import type { Member } from './member.ts';
import { ReplayHistory } from './replay-history.ts';
import { SharedPayload, withCursor } from './shared-payload.ts';
import { refusedBySubgraph } from './stream-errors.ts';
import {
  type FeedLimits,
  type OpenUpstream,
  type QueuedEvent,
  UpstreamFeed,
} from './upstream-feed.ts';

/** A replay waits this long for its slowest reader; then that reader is sent away to resume alone. */
const REPLAY_WAIT_MILLISECONDS_MAX = 2_000;
const REPLAY_POLL_MILLISECONDS = 5;
/** Payloads written to one late joiner before others get their turn. */
const CATCH_UP_SLICE_EVENTS = 64;

export interface StreamRequest {
  readonly prepared: PreparedOperation;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: RequestContext;
}

export interface GroupSettings {
  readonly cursors: Cursors;
  readonly counters: StreamCounters;
  readonly limits: FeedLimits;
  /** Milliseconds one event may take to be joined across the other subgraphs. */
  readonly eventMillisecondsMax: number;
}

export interface GroupListener {
  /** After each event: the group may now stand where another one stands. */
  advanced(group: SubscriptionGroup): void;
  /** The last subscriber has left, or the stream has ended. */
  closed(group: SubscriptionGroup): void;
}

/**
 * Identical subscriptions of one identity: one upstream, one execution at a time per event and in
 * order, one serialised payload, any number of readers.
 */
export class SubscriptionGroup {
  /** Opened at a cursor: goes at its readers' pace, so that a long replay does not overrun them. */
  readonly isReplay: boolean;
  private readonly members = new Set<Member>();
  /** Those still reading what a replay sent before they came, with the index of their next event. */
  private readonly catchingUp = new Map<Member, number>();
  readonly context: RequestContext;
  readonly variables: Readonly<Record<string, unknown>>;
  private readonly feed: UpstreamFeed;
  private readonly abort = new AbortController();
  private running = false;
  private closed = false;
  private history: ReplayHistory | null;
  /** The last event every member has been sent. */
  position: string | null;

  constructor(
    public familyKey: string,
    request: StreamRequest,
    private scope: Buffer,
    startPosition: string | null,
    open: (group: SubscriptionGroup) => OpenUpstream,
    private readonly settings: GroupSettings,
    private readonly listener: GroupListener,
  ) {
    this.context = request.context;
    this.variables = request.variables;
    this.position = startPosition;
    this.isReplay = startPosition !== null;
    this.history = startPosition === null ? null : new ReplayHistory(startPosition);
    this.feed = new UpstreamFeed(
      request.prepared,
      startPosition,
      open(this),
      () => this.run(),
      settings.counters,
      settings.limits,
    );
  }

  get identity(): Identity {
    return this.context.identity;
  }

  get prepared(): PreparedOperation {
    return this.feed.prepared;
  }

  get size(): number {
    return this.members.size + this.catchingUp.size;
  }

  start(): void {
    this.feed.start();
  }

  /** Gives `member` everything after this moment. */
  join(member: Member): void {
    this.settings.counters.begin();
    member.group = this;
    this.members.add(member);
    if (member.wantsBookmarks && this.position !== null) {
      member.sink.next(this.bookmark(this.position));
    }
  }

  /** Gives `member` everything after `position`, or returns false when this group cannot. */
  joinReplay(member: Member, position: string): boolean {
    if (!this.isJoinable || !this.history?.isJoinable) return false;
    const index = this.history.indexAfterPosition(position);
    if (index === null) return false;
    this.settings.counters.begin();
    member.group = this;
    this.catchingUp.set(member, index);
    this.catchUp(member);
    return true;
  }

  leave(member: Member, reason = 'unsubscribed'): void {
    if (!this.members.delete(member) && !this.catchingUp.delete(member)) return;
    member.group = null;
    this.settings.counters.end(reason);
    if (this.size === 0) this.close();
    else if (this.feed.end) this.run();
  }

  /** Hands every reader to `other`, which stands at the same event, and ends. */
  mergeInto(other: SubscriptionGroup): void {
    for (const member of this.members) {
      member.group = other;
      other.members.add(member);
      this.settings.counters.merged++;
    }
    this.members.clear();
    this.close();
  }

  /** Open, and its upstream has not said that it ends. */
  get isJoinable(): boolean {
    return !this.closed && this.feed.end === null;
  }

  /** Others may still come and read this replay from its beginning: worth an upstream of its own. */
  get isShared(): boolean {
    return this.history?.isJoinable ?? false;
  }

  /** True when nobody here is behind the others. */
  get canMerge(): boolean {
    return this.isJoinable && this.catchingUp.size === 0;
  }

  /** Goes on with the operation as another schema prepared it; false when events could be missed. */
  moveTo(prepared: PreparedOperation, scope: Buffer, sameUpstream: boolean): boolean {
    if (sameUpstream) this.feed.replacePrepared(prepared);
    else if (!this.feed.reopenWith(prepared)) return false;
    this.scope = scope;
    return true;
  }

  end(code: EndCode, reason: string): void {
    if (this.closed) return;
    const members = this.dismiss();
    this.settings.counters.end(code, members.length);
    for (const { sink } of members) sink.end(code, reason);
  }

  private dismiss(): Member[] {
    const members = [...this.members, ...this.catchingUp.keys()];
    for (const member of members) member.group = null;
    this.close();
    return members;
  }

  private close(): void {
    if (this.closed) return;
    this.closed = true;
    this.members.clear();
    this.catchingUp.clear();
    this.feed.close();
    this.abort.abort();
    this.listener.closed(this);
  }

  private run(): void {
    if (this.running || this.closed) return;
    this.running = true;
    this.deliverQueued().catch((error: unknown) => this.end('STREAM_INTERRUPTED', String(error)));
  }

  private async deliverQueued(): Promise<void> {
    for (let queued = this.feed.take(); queued && !this.closed; queued = this.feed.take()) {
      if (this.isReplay) await this.waitForReaders();
      await this.deliver(queued);
    }
    this.running = false;
    // Those still catching up have yet to read what came before the end.
    if (!this.closed && this.feed.end && this.catchingUp.size === 0) this.finish();
  }

  private async deliver({ event, prepared }: QueuedEvent): Promise<void> {
    const position = event.extensions?.position ?? null;
    if (event.extensions?.bookmark) {
      if (position !== null) this.announce(position);
      return;
    }
    const answer = await prepared.executeEvent(event, this.variables, this.eventContext());
    if (this.closed) return;
    const cursor = position === null ? null : this.settings.cursors.issue(position, this.scope);
    this.fanOut(new SharedPayload(withCursor(answer.json, cursor), cursor), position);
  }

  private fanOut(payload: SharedPayload, position: string | null): void {
    this.settings.counters.delivered += this.members.size;
    for (const member of this.members) member.sink.next(payload);
    if (this.history) {
      this.history.append(payload, position);
      if (!this.history.isJoinable && this.catchingUp.size === 0) this.history = null;
    }
    if (position === null) return;
    this.position = position;
    if (!this.closed) this.listener.advanced(this);
  }

  private announce(position: string): void {
    this.position = position;
    const bookmark = this.bookmark(position);
    for (const member of this.members) if (member.wantsBookmarks) member.sink.next(bookmark);
  }

  private bookmark(position: string): SharedPayload {
    const cursor = this.settings.cursors.issue(position, this.scope);
    const json = `{"data":null,"extensions":{"cursor":"${cursor}","bookmark":true}}`;
    return new SharedPayload(json, cursor, true);
  }

  private catchUp(member: Member): void {
    const start = this.catchingUp.get(member);
    const history = this.history;
    if (start === undefined || !history) return;
    if (member.sink.lagging()) {
      setTimeout(() => this.catchUp(member), REPLAY_POLL_MILLISECONDS);
      return;
    }
    let index = start;
    member.sink.batch(() => {
      for (; index < start + CATCH_UP_SLICE_EVENTS; index++) {
        const payload = history.at(index);
        if (!payload || !this.catchingUp.has(member)) return;
        member.sink.next(payload);
        this.settings.counters.delivered++;
      }
    });
    if (!this.catchingUp.has(member)) return;
    if (history.at(index)) {
      this.catchingUp.set(member, index);
      setImmediate(() => this.catchUp(member));
      return;
    }
    // Nothing can come in between: the next event finds this reader among the members.
    this.catchingUp.delete(member);
    this.members.add(member);
    if (this.feed.end) this.run();
  }

  // A replay is as fast as its readers, within reason; live events never wait for anybody.
  private async waitForReaders(): Promise<void> {
    const until = Date.now() + REPLAY_WAIT_MILLISECONDS_MAX;
    let late = this.lateReaders();
    while (late.length > 0 && !this.closed && Date.now() < until) {
      await delay(REPLAY_POLL_MILLISECONDS);
      late = this.lateReaders();
    }
    for (const member of late) {
      this.leave(member, 'SLOW_CONSUMER');
      member.sink.end('SLOW_CONSUMER', 'reads slower than the replay');
    }
  }

  private lateReaders(): Member[] {
    const late = [...this.members].filter((member) => member.sink.lagging());
    // What is kept for those still catching up must not grow without end.
    return this.history?.isFull ? [...late, ...this.catchingUp.keys()] : late;
  }

  private finish(): void {
    const end = this.feed.end;
    if (end?.kind === 'interrupted') this.end('STREAM_INTERRUPTED', end.reason);
    if (!end || this.closed) return;
    const serviceName = this.prepared.upstream?.serviceName ?? '';
    const members = this.dismiss();
    this.settings.counters.end(end.kind, members.length);
    const errors = end.kind === 'refused' ? refusedBySubgraph(end.errors, serviceName) : null;
    for (const { sink } of members) errors ? sink.error(errors) : sink.complete();
  }

  /** For the upstream: it lives as long as the group, not as long as the request that began it. */
  streamContext(): RequestContext {
    return this.contextUntil(Number.POSITIVE_INFINITY, this.context.requestId);
  }

  // One of its own for every event: an event is a request to the other subgraphs.
  private eventContext(): RequestContext {
    return this.contextUntil(Date.now() + this.settings.eventMillisecondsMax, randomUUID());
  }

  // Named one by one: how the first subscriber's request is cancelled is not the group's affair.
  private contextUntil(deadline: number, requestId: string): RequestContext {
    const { identity, client, headers } = this.context;
    return { requestId, identity, client, headers, deadline, signal: this.abort.signal };
  }
}
