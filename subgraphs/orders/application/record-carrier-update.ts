import { NotFound } from '../../kernel/errors.ts';
import { type Actor, principalOf } from '../../kernel/policy.ts';
import type { OrderEvent } from '../domain/order.events.ts';
import { isBuyer, mayRecordCarrierUpdate } from '../domain/order.policy.ts';
import type { Order } from '../domain/order.ts';
import { type CarrierStatus, furthest } from '../domain/shipment.states.ts';
import type { Shipment } from '../domain/shipment.ts';
import { type Change, OrderUseCase, present } from './order-use-case.ts';
import type { CarrierEvent } from './ports.ts';

export interface CarrierUpdateCommand {
  readonly shipmentId: string;
  readonly carrierEventId: string;
  readonly status: CarrierStatus;
  readonly occurredAt: Date;
  readonly source: string;
  readonly actor: Actor;
}

/**
 * Keeps what a carrier says about a parcel, and moves its headline to the furthest of all words. A
 * word that comes late or twice is kept, or dropped, and moves nothing back.
 */
export class RecordCarrierUpdate extends OrderUseCase {
  async execute({ actor, ...word }: CarrierUpdateCommand): Promise<string> {
    const { shipmentId } = word;
    const orderId = await this.orderIdOf('shipment', shipmentId, 'shipmentId', (tx) =>
      tx.shipment(shipmentId),
    );
    const asked = {
      ...{ orderId, actor, may: mayRecordCarrierUpdate, path: ['shipmentId'] },
      action: 'speak for a carrier',
    };
    return this.change(asked, async (change) => {
      const events = await heard(change, { ...word, receivedAt: change.now });
      return { subjectId: shipmentId, events };
    });
  }

  /** A carrier names a parcel by its number. False when there is no such parcel (yet). */
  async byTracking(
    word: Omit<CarrierUpdateCommand, 'shipmentId'> & { readonly trackingNumber: string },
  ): Promise<boolean> {
    const { trackingNumber, ...rest } = word;
    const shipment = await this.given.store.transact((tx) => tx.shipmentByTracking(trackingNumber));
    if (!shipment) return false;
    await this.execute({ ...rest, shipmentId: shipment.id });
    return true;
  }
}

/** The buyer says that what was sent has arrived: every parcel on its way, or the one named. */
export class ConfirmDelivery extends OrderUseCase {
  execute(orderId: string, shipmentId: string | null, actor: Actor): Promise<string> {
    const asked = { orderId, actor, may: isBuyer, action: 'confirm this delivery' };
    return this.change(asked, async (change) => {
      const shipments = await change.tx.shipmentsOf(orderId);
      const meant = shipments.filter(({ id }) => shipmentId === null || id === shipmentId);
      if (shipmentId !== null && meant.length === 0)
        throw new NotFound('shipment of this order', ['shipmentId']);
      const open = meant.filter(({ status }) => status !== 'VOIDED' && status !== 'DELIVERED');
      const events: OrderEvent[] = [];
      for (const shipment of open)
        events.push(...(await heard(change, arrival(shipment, actor, change.now))));
      return { subjectId: orderId, events };
    });
  }
}

function arrival(shipment: Shipment, actor: Actor, now: Date): CarrierEvent {
  return {
    source: `buyer:${principalOf(actor)}`,
    carrierEventId: shipment.id,
    shipmentId: shipment.id,
    status: 'DELIVERED',
    occurredAt: now,
    receivedAt: now,
  };
}

async function heard({ tx, order, now }: Change, event: CarrierEvent): Promise<OrderEvent[]> {
  if (!(await tx.addCarrierEvent(event))) return [];
  const shipment = present(await tx.shipment(event.shipmentId));
  const headline = furthest(await tx.carrierWords(shipment.id));
  return moved(order, shipment, headline, now);
}

function moved(
  order: Order,
  shipment: Shipment,
  headline: ReturnType<typeof furthest>,
  now: Date,
): OrderEvent[] {
  // A voided parcel keeps what is said of it, without effect.
  if (headline === null || shipment.status === 'VOIDED') return [];
  if (headline.status === shipment.status || shipment.status === 'DELIVERED') return [];
  return order.shipmentMoved(shipment, headline.status, headline.occurredAt, now);
}
