import { z } from 'zod';
import type { EventHandler } from '../../kernel/events/consumer.ts';
import type { ScheduleRelease } from '../application/schedule-release.ts';

const payload = z.object({
  sellerId: z.string(),
  canReceivePayouts: z.boolean(),
  tier: z.enum(['NEW', 'ESTABLISHED']),
});

/** A seller that may not be paid is not paid; losing the right never strands a buyer's refund. */
export function onSellerStandingChanged(schedule: ScheduleRelease): EventHandler {
  return {
    type: 'seller-accounts.seller-standing-changed',
    schemaVersions: [1],
    handle: (event) => {
      const { sellerId, canReceivePayouts, tier } = payload.parse(event.payload);
      return schedule.sellerStanding(sellerId, canReceivePayouts, tier);
    },
  };
}
