import type { Subscription, SubscriptionSink } from './contract.ts';
import type { SubscriptionGroup } from './group.ts';

/** One subscriber's place in a group; the group can change when two streams become one. */
export class Member implements Subscription {
  group: SubscriptionGroup | null = null;

  constructor(
    readonly sink: SubscriptionSink,
    /** Asked to be told where the stream stands even when nothing happened yet. */
    readonly wantsBookmarks: boolean,
  ) {}

  close(): void {
    this.group?.leave(this);
  }
}
