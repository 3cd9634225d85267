import type { Actor } from '../../kernel/policy.ts';
import { maySend } from '../domain/order.policy.ts';
import { OrderUseCase, present } from './order-use-case.ts';

/** Takes a mark back before any carrier scan. The seller's pay waits for the next mark again. */
export class VoidShipment extends OrderUseCase {
  async execute(shipmentId: string, actor: Actor): Promise<string> {
    const orderId = await this.orderIdOf('shipment', shipmentId, 'shipmentId', (tx) =>
      tx.shipment(shipmentId),
    );
    const action = 'void this shipment';
    const asked = { orderId, actor, may: maySend, action, path: ['shipmentId'] };
    return this.change(asked, async ({ tx, order, now }) => {
      const all = await tx.shipmentsOf(order.id);
      const shipment = present(all.find(({ id }) => id === shipmentId));
      const remaining = all.filter(({ id, status }) => id !== shipmentId && status !== 'VOIDED');
      return { subjectId: shipmentId, events: order.voidShipment(shipment, remaining, now) };
    });
  }
}
