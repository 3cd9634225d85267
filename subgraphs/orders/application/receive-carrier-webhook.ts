import { z } from 'zod';
import type { Clock } from '../../kernel/clock.ts';
import type { Actor } from '../../kernel/policy.ts';
import type { CarrierInbox } from './ports.ts';
import type { RecordCarrierUpdate } from './record-carrier-update.ts';

const CARRIERS: Actor = { kind: 'system', name: 'carriers' };
const BATCH_MAX = 100;

export const carrierWordSchema = z.object({
  eventId: z.string().min(1).max(128),
  trackingNumber: z.string().min(1).max(64),
  status: z.enum([
    'IN_TRANSIT',
    'OUT_FOR_DELIVERY',
    'EXCEPTION',
    'LOST',
    'RETURNED_TO_SENDER',
    'DELIVERED',
  ]),
  occurredAt: z.iso.datetime({ offset: true }),
});

/** Works off what carriers sent: verified and stored by the webhook, done here, once each. */
export class ProcessCarrierEvents {
  constructor(
    private readonly inbox: CarrierInbox,
    private readonly record: RecordCarrierUpdate,
    private readonly clock: Clock,
  ) {}

  async execute(): Promise<void> {
    for (const { eventId, body } of await this.inbox.pending(this.clock.now(), BATCH_MAX)) {
      const word = carrierWordSchema.safeParse(JSON.parse(body));
      if (!word.success) {
        await this.inbox.done(eventId, 'IGNORED');
        continue;
      }
      const known = await this.record.byTracking({
        trackingNumber: word.data.trackingNumber,
        carrierEventId: eventId,
        status: word.data.status,
        occurredAt: new Date(word.data.occurredAt),
        source: 'carrier',
        actor: CARRIERS,
      });
      if (known) await this.inbox.done(eventId, 'DONE');
      else await this.inbox.later(eventId, this.clock.now());
    }
  }
}
