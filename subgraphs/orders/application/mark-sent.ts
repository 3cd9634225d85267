import type { Actor } from '../../kernel/policy.ts';
import { checkedText } from '../../kernel/text.ts';
import { TrackingInvalid } from '../domain/order.errors.ts';
import { maySend } from '../domain/order.policy.ts';
import type { Selection } from '../domain/order.ts';
import { OrderUseCase } from './order-use-case.ts';

export interface MarkSentCommand {
  readonly orderId: string;
  readonly idempotencyKey: string;
  /** Null sends everything that is open. */
  readonly items: readonly Selection[] | null;
  readonly carrier: string | null;
  readonly trackingNumber: string | null;
  readonly sentAt: Date | null;
  readonly actor: Actor;
}

/** The seller's word that a parcel left. Without it nobody is paid; with it the clock starts. */
export class MarkSent extends OrderUseCase {
  /** Answers with the shipment's id. */
  execute({ actor, ...request }: MarkSentCommand): Promise<string> {
    const trackingNumber = checkedTracking(request.trackingNumber);
    const carrier = checkedCarrier(request.carrier);
    const { orderId, idempotencyKey: key, items, sentAt } = request;
    const asked = { orderId, actor, may: maySend, action: 'mark this order as sent' };
    return this.once({ actor, key, request }, () =>
      this.change(asked, async ({ tx, order, now }) => {
        const shipmentId = this.given.newId('shipment');
        const { shipment, events } = order.markSent({
          ...{ shipmentId, selection: items, carrier, trackingNumber, sentAt, now },
        });
        tx.add(shipment);
        return { subjectId: shipmentId, events };
      }),
    );
  }
}

export function checkedTracking(trackingNumber: string | null): string | null {
  if (trackingNumber === null) return null;
  if (!/^[A-Za-z0-9][A-Za-z0-9 -]{0,63}$/.test(trackingNumber)) throw new TrackingInvalid();
  return trackingNumber;
}

export function checkedCarrier(carrier: string | null): string | null {
  return carrier === null ? null : checkedText(carrier, { path: ['carrier'], maxCodePoints: 64 });
}
