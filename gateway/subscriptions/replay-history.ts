import type { SharedPayload } from './shared-payload.ts';

/**
 * How long others may join a replay that has begun. Longer lets authorisation at the subgraph age;
 * shorter makes clients that return together after an outage replay one by one.
 */
const JOINABLE_MILLISECONDS = 10_000;
/** More memory per replay in flight against more replays of the same events. */
const KEPT_EVENTS_MAX = 10_000;
const KEPT_CHARACTERS_MAX = 8_000_000;

/**
 * What a replay has sent since it began, so that clients that come back a moment later with the same
 * cursor, or a later one of the same replay, share it from its beginning.
 */
export class ReplayHistory {
  private readonly payloads: SharedPayload[] = [];
  private readonly indexAfter = new Map<string, number>();
  private characters = 0;
  private readonly until = Date.now() + JOINABLE_MILLISECONDS;
  private overflowed = false;

  constructor(startPosition: string) {
    this.indexAfter.set(startPosition, 0);
  }

  /** False once nobody may join any more; those already reading it read on. */
  get isJoinable(): boolean {
    return !this.overflowed && Date.now() < this.until;
  }

  get isFull(): boolean {
    return this.overflowed;
  }

  append(payload: SharedPayload, position: string | null): void {
    this.payloads.push(payload);
    if (position !== null) this.indexAfter.set(position, this.payloads.length);
    this.characters += payload.json.length;
    this.overflowed ||=
      this.payloads.length >= KEPT_EVENTS_MAX || this.characters >= KEPT_CHARACTERS_MAX;
  }

  indexAfterPosition(position: string): number | null {
    return this.indexAfter.get(position) ?? null;
  }

  at(index: number): SharedPayload | null {
    return this.payloads[index] ?? null;
  }
}
