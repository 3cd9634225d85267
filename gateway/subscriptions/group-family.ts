import type { SubscriptionGroup } from './group.ts';

/**
 * Replays that keep an upstream of their own for those who may yet come with the same cursor. More
 * would execute every new event that many times; fewer would replay the same events more often.
 */
const SHARED_REPLAYS_MAX = 8;

/**
 * All groups of one operation, variables and identity: at most one live one, and replays on their
 * way to it. Two that stand at the same event are the same stream from there on.
 */
export class GroupFamily {
  private readonly groups = new Set<SubscriptionGroup>();
  private readonly standing = new Map<string, SubscriptionGroup>();
  private readonly places = new Map<SubscriptionGroup, string>();

  get isEmpty(): boolean {
    return this.groups.size === 0;
  }

  add(group: SubscriptionGroup): void {
    this.groups.add(group);
    this.place(group);
  }

  remove(group: SubscriptionGroup): void {
    this.groups.delete(group);
    this.unplace(group);
  }

  live(): SubscriptionGroup | null {
    for (const group of this.groups) if (!group.isReplay && group.isJoinable) return group;
    return null;
  }

  /** A group whose subscribers have read exactly up to `position`. */
  at(position: string): SubscriptionGroup | null {
    const group = this.standing.get(position);
    return group?.isJoinable ? group : null;
  }

  replays(): SubscriptionGroup[] {
    return [...this.groups].filter((group) => group.isReplay);
  }

  /** Notes where `group` stands; answers with another group that stands there too. */
  advance(group: SubscriptionGroup): SubscriptionGroup | null {
    const position = group.position;
    if (position === null) return null;
    const other = this.standing.get(position);
    if (other && other !== group && this.mayMerge(other) && this.mayMerge(group)) return other;
    this.place(group);
    return null;
  }

  private mayMerge(group: SubscriptionGroup): boolean {
    return group.canMerge && (!group.isShared || this.groups.size > SHARED_REPLAYS_MAX);
  }

  private place(group: SubscriptionGroup): void {
    this.unplace(group);
    if (group.position === null) return;
    const other = this.standing.get(group.position);
    if (other?.isJoinable && !other.isReplay) return;
    this.places.set(group, group.position);
    this.standing.set(group.position, group);
  }

  private unplace(group: SubscriptionGroup): void {
    const place = this.places.get(group);
    if (place === undefined) return;
    this.places.delete(group);
    if (this.standing.get(place) === group) this.standing.delete(place);
  }
}
