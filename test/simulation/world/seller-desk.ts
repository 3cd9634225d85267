import type { EventEnvelope } from '../../../subgraphs/kernel/events/envelope.ts';
import type { SellerStanding, Sellers } from '../../../subgraphs/payments/application/ports.ts';
import type { SimBus } from '../bus.ts';
import type { Scheduler, SimProcess } from '../scheduler.ts';
import { SELLER_ID } from './people.ts';

/** What seller-accounts knows of the one seller, asked at once and told on the bus. */
export class SellerDesk {
  private canReceivePayouts = true;
  private tier: 'NEW' | 'ESTABLISHED' = 'NEW';
  private version = 0;

  constructor(
    private readonly scheduler: Scheduler,
    private readonly bus: SimBus,
    private readonly process: SimProcess,
  ) {}

  for(asking: SimProcess): Sellers {
    return {
      standing: async (sellerId): Promise<SellerStanding | null> => {
        await this.scheduler.step(asking, 'ask for the standing');
        if (sellerId !== SELLER_ID) return null;
        // Taking money and being paid are two rights: losing the second leaves the first.
        return {
          ...{ canRequestPayments: true, tier: this.tier, merchantId: 'MERCHANT1', region: 'US' },
          reason: null,
        };
      },
    };
  }

  get isRestricted(): boolean {
    return !this.canReceivePayouts;
  }

  /** Loses or gets back the right to be paid. */
  async restrict(isRestricted: boolean): Promise<void> {
    this.canReceivePayouts = !isRestricted;
    await this.tell();
  }

  async promote(): Promise<void> {
    this.tier = 'ESTABLISHED';
    await this.tell();
  }

  private async tell(): Promise<void> {
    this.version += 1;
    const event: EventEnvelope = {
      eventId: `evt_standing_${this.version}`,
      type: 'seller-accounts.seller-standing-changed',
      schemaVersion: 1,
      source: 'seller-accounts',
      aggregateId: SELLER_ID,
      aggregateVersion: this.version,
      occurredAt: new Date(this.scheduler.nowMs).toISOString(),
      payload: {
        ...{ sellerId: SELLER_ID, canReceivePayouts: this.canReceivePayouts, tier: this.tier },
        canRequestPayments: true,
      },
    };
    // Its own outbox is taken for granted here: it tells until the bus has it.
    for (let tries = 0; tries < 5; tries += 1) {
      try {
        return await this.bus.for(this.process).publish([event]);
      } catch {
        // Asked again: a repeat is dropped by its id.
      }
    }
  }
}
