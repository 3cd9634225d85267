import { isId } from '../../kernel/ids.ts';
import type { Actor } from '../../kernel/policy.ts';
import type { Dispute } from '../domain/dispute.ts';
import { maySeeRequest } from '../domain/payment-request.policy.ts';
import type { DisputePage, DisputesStore } from './dispute.ports.ts';

/** Disputes for those they concern: buyer and seller see their own, support sees all. */
export class ReadDisputes {
  constructor(private readonly store: DisputesStore) {}

  async one(id: string, actor: Actor): Promise<Dispute | null> {
    const dispute = isId('dispute', id) ? await this.store.findDispute(id) : null;
    return dispute && maySeeRequest(actor, dispute) ? dispute : null;
  }

  async ofPayments(paymentIds: readonly string[], actor: Actor): Promise<Dispute[][]> {
    const found = await this.store.disputesOfPayments(paymentIds);
    return paymentIds.map((id) =>
      found.filter((dispute) => dispute.paymentId === id && maySeeRequest(actor, dispute)),
    );
  }

  /** For support alone; `isOpen` null lists both. */
  async all(isOpen: boolean | null, page: DisputePage, actor: Actor): Promise<readonly Dispute[]> {
    return actor.kind === 'support' ? this.store.disputes({ isOpen }, page) : [];
  }
}
