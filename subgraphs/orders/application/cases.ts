import { NotAllowed } from '../../kernel/errors.ts';
import { Money } from '../../kernel/money.ts';
import type { Actor } from '../../kernel/policy.ts';
import { checkedText } from '../../kernel/text.ts';
import { Case, type CaseReason } from '../domain/case.ts';
import { AlreadyOpen, AmountInvalid } from '../domain/order.errors.ts';
import type { OrderEvent } from '../domain/order.events.ts';
import { isBuyer, isSellerSide, mayDecideCase, maySeeOrder } from '../domain/order.policy.ts';
import type { Order } from '../domain/order.ts';
import { type Change, type Done, OrderUseCase, present } from './order-use-case.ts';
import type { CaseMessage } from './ports.ts';

const words = (text: string) => checkedText(text, { path: ['text'], maxCodePoints: 2_000 });

/** The buyer asks for help with an order. The seller has two business days, then support decides. */
export class OpenCase extends OrderUseCase {
  execute(command: {
    readonly orderId: string;
    readonly reason: CaseReason;
    readonly text: string;
    readonly actor: Actor;
  }): Promise<string> {
    const { orderId, reason, actor } = command;
    const text = words(command.text);
    const asked = { orderId, actor, may: isBuyer, action: 'open a case for this order' };
    return this.change(asked, async ({ tx, order, now }) => {
      const others = await tx.casesOf(orderId);
      if (others.some((other) => other.status !== 'CLOSED')) throw new AlreadyOpen('case');
      const { answerBusinessDays } = await tx.policy();
      const id = this.given.newId('case');
      tx.add(Case.open(order, { id, reason, answerBusinessDays, now }));
      await tx.addCaseMessage({ caseId: id, author: 'BUYER', text, at: now });
      const events = [...order.caseOpened(now), order.updated('CASE_OPENED', id, now)];
      return { subjectId: id, events, reason };
    });
  }
}

abstract class CaseUseCase extends OrderUseCase {
  protected async changeCase(
    asked: {
      readonly caseId: string;
      readonly actor: Actor;
      readonly may: (actor: Actor, order: Order) => boolean;
      readonly action: string;
    },
    work: (found: Case, change: Change) => Promise<Omit<Done, 'subjectId'>>,
  ): Promise<string> {
    const { caseId, ...rest } = asked;
    const orderId = await this.orderIdOf('case', caseId, 'caseId', (tx) => tx.case(caseId));
    return this.change({ ...rest, orderId, path: ['caseId'] }, async (change) => ({
      subjectId: caseId,
      ...(await work(present(await change.tx.case(caseId)), change)),
    }));
  }
}

/** Either side answers; it is then the other's turn. */
export class AnswerCase extends CaseUseCase {
  execute(caseId: string, given: string, actor: Actor): Promise<string> {
    const text = words(given);
    const asked = { caseId, actor, may: maySeeOrder, action: 'answer this case' };
    return this.changeCase(asked, async (found, { tx, order, now }) => {
      const author = authorOf(actor, order);
      if (author !== 'SUPPORT') {
        const { answerBusinessDays } = await tx.policy();
        found.answered(author, answerBusinessDays, now);
      }
      await tx.addCaseMessage({ caseId, author, text, at: now });
      return { events: [order.updated('CASE_ANSWERED', caseId, now)] };
    });
  }
}

/** The buyer hands the case to support without waiting for more answers. */
export class EscalateCase extends CaseUseCase {
  execute(caseId: string, actor: Actor): Promise<string> {
    const asked = { caseId, actor, may: isBuyer, action: 'escalate this case' };
    return this.changeCase(asked, async (found, { order, now }) => {
      found.escalate(now);
      return { events: [order.updated('CASE_ESCALATED', caseId, now)] };
    });
  }
}

/** The buyer is content. */
export class CloseCase extends CaseUseCase {
  execute(caseId: string, actor: Actor): Promise<string> {
    const asked = { caseId, actor, may: isBuyer, action: 'close this case' };
    return this.changeCase(asked, async (found, { order, now }) => {
      const wasOpen = found.isOpen;
      found.close(now);
      const ended = wasOpen ? order.caseEnded(now) : [];
      return { events: [...ended, order.updated('CASE_CLOSED', caseId, now)] };
    });
  }
}

/** Support decides: for the buyer with a refund, or for the seller. */
export class DecideCase extends CaseUseCase {
  execute(command: {
    readonly caseId: string;
    readonly decidedFor: 'BUYER' | 'SELLER';
    readonly refundAmount: Money | null;
    readonly text: string;
    readonly actor: Actor;
  }): Promise<string> {
    const { caseId, decidedFor, refundAmount, actor } = command;
    const why = words(command.text);
    const asked = { caseId, actor, may: mayDecideCase, action: 'decide this case' };
    return this.changeCase(asked, async (found, { tx, order, now }) => {
      const refund = decidedFor === 'BUYER' ? refundOf(order, refundAmount) : null;
      const wasOpen = found.isOpen;
      found.decide({ for: decidedFor, why, refund }, now);
      await tx.addCaseMessage({ caseId, author: 'SUPPORT', text: why, at: now });
      const events: OrderEvent[] = [];
      // The refund first: the seller's pay must not be freed before what is owed is known.
      if (refund) events.push(...order.owe(refund, { caseId }, found.reason, now).events);
      if (wasOpen) events.push(...order.caseEnded(now));
      events.push(order.updated('CASE_DECIDED', caseId, now));
      return { events, reason: why };
    });
  }
}

/** Whoever lost may ask once more, within ten days; the seller's pay waits again. */
export class AppealCase extends CaseUseCase {
  execute(caseId: string, given: string, actor: Actor): Promise<string> {
    const text = words(given);
    const may = (who: Actor, order: Order) => isBuyer(who, order) || isSellerSide(who, order);
    const asked = { caseId, actor, may, action: 'appeal this case' };
    return this.changeCase(asked, async (found, { tx, order, now }) => {
      const author = authorOf(actor, order);
      if (found.decidedFor === author) throw new NotAllowed('appeal a decision in your favour');
      found.appeal(now);
      await tx.addCaseMessage({ caseId, author, text, at: now });
      const events = [...order.caseOpened(now), order.updated('CASE_APPEALED', caseId, now)];
      return { events };
    });
  }
}

function authorOf(actor: Actor, order: Order): CaseMessage['author'] {
  if (isBuyer(actor, order)) return 'BUYER';
  return isSellerSide(actor, order) ? 'SELLER' : 'SUPPORT';
}

/** Null asks for everything that is left. */
function refundOf(order: Order, asked: Money | null): Money {
  if (asked === null) return order.refundable;
  if (asked.currency !== order.total.currency)
    throw new AmountInvalid(`The order was paid in ${order.total.currency}.`);
  if (!asked.isPositive() || asked.exceeds(order.refundable))
    throw new AmountInvalid(`Between 1 and ${order.refundable.amountMinor} minor units are left.`);
  return Money.of(asked.amountMinor, asked.currency);
}
