import { subjectOf } from '../subscriptions/cursor-scope.ts';
import type { Identity } from '../types.ts';

/**
 * Responses one user may hold open. A browser opens six at most over HTTP/1.1; smaller would refuse
 * people with several devices, larger lets one account hold the server's sockets.
 */
export const STREAMS_PER_USER_MAX = 20;

/** Counts the open responses of each user; anonymous callers are not told apart and not counted. */
export class UserStreams {
  private readonly counts = new Map<string, number>();

  /** Takes a place and returns how to give it back, or null when the user has none left. */
  enter(identity: Identity, max: number): (() => void) | null {
    const subject = subjectOf(identity);
    if (subject === '') return () => {};
    const user = JSON.stringify(subject);
    const count = this.counts.get(user) ?? 0;
    if (count >= max) return null;
    this.counts.set(user, count + 1);
    return () => this.leave(user);
  }

  private leave(user: string): void {
    const count = (this.counts.get(user) ?? 1) - 1;
    if (count > 0) this.counts.set(user, count);
    else this.counts.delete(user);
  }
}
