import type { Clock } from '../../kernel/clock.ts';
import type { MemberActor } from '../../kernel/policy.ts';
import type { OrderReads } from './reads.ts';

/** Marks notifications of one's own as read. Ids of others' change nothing, as unknown ones do. */
export class MarkNotificationsRead {
  constructor(
    private readonly reads: OrderReads,
    private readonly clock: Clock,
  ) {}

  /** Null marks all. Returns how many are left unread. */
  async execute(ids: readonly string[] | null, actor: MemberActor): Promise<number> {
    await this.reads.markNotificationsRead(actor.userId, ids, this.clock.now());
    return this.reads.unreadNotifications(actor.userId);
  }
}
