import { after, DAY_MS } from '../../kernel/clock.ts';
import { MuteInvalid, ReadMarkerInvalid } from './conversation.errors.ts';
import type { Side } from './conversation.policy.ts';

/** Longer would be a block by another name. */
const MUTE_DAYS_MAX = 366;

/** What one side keeps about a conversation: how far it read, and how it wants it shown. */
export class Member {
  private constructor(
    readonly conversationId: string,
    readonly side: Side,
    readonly deliveredUpTo: number,
    readonly readUpTo: number,
    readonly isArchived: boolean,
    readonly mutedUntil: Date | null,
  ) {}

  static of(conversationId: string, side: Side): Member {
    return new Member(conversationId, side, 0, 0, false, null);
  }

  /** Forward only: a late report of an older message changes nothing. Reading implies delivery. */
  read(upToSeq: number, lastSeq: number): void {
    requireSeq(upToSeq, lastSeq);
    this.become({
      readUpTo: Math.max(this.readUpTo, upToSeq),
      deliveredUpTo: Math.max(this.deliveredUpTo, upToSeq),
    });
  }

  delivered(upToSeq: number, lastSeq: number): void {
    requireSeq(upToSeq, lastSeq);
    this.become({ deliveredUpTo: Math.max(this.deliveredUpTo, upToSeq) });
  }

  archive(isArchived: boolean): void {
    this.become({ isArchived });
  }

  /** Null ends the mute. */
  mute(until: Date | null, now: Date): void {
    if (until !== null && (until <= now || until > after(now, MUTE_DAYS_MAX * DAY_MS))) {
      throw new MuteInvalid();
    }
    this.become({ mutedUntil: until });
  }

  private become(
    change: Partial<Pick<Member, 'deliveredUpTo' | 'readUpTo' | 'isArchived' | 'mutedUntil'>>,
  ): void {
    Object.assign(this, change);
  }
}

function requireSeq(upToSeq: number, lastSeq: number): void {
  if (!Number.isInteger(upToSeq) || upToSeq < 0 || upToSeq > lastSeq)
    throw new ReadMarkerInvalid(lastSeq);
}
