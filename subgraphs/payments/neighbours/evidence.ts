import { z } from 'zod';
import type { SubgraphCalls } from '../../kernel/calls.ts';
import type { EvidenceSources } from '../application/dispute.ports.ts';
import type { EvidenceMessage, EvidenceShipment } from '../domain/dispute-evidence.ts';

const time = z.coerce.date();
const shipments = z.object({
  orderEvidence: z
    .object({
      shipments: z.array(
        z.object({
          status: z.string(),
          carrier: z.string().nullable(),
          trackingNumber: z.string().nullable(),
          sentAt: time,
          deliveredAt: z.string().nullable(),
        }),
      ),
    })
    .nullable(),
});
const messages = z.object({
  conversationEvidence: z
    .array(z.object({ sender: z.string().nullable(), sentAt: time, text: z.string().nullable() }))
    .nullable(),
});

/** What orders and conversations know of a disputed sale. */
export class EvidenceNeighbours implements EvidenceSources {
  constructor(private readonly calls: SubgraphCalls) {}

  async shipmentsOf(orderId: string): Promise<EvidenceShipment[]> {
    const answer = await this.calls.execute(
      'orders',
      `query OrderEvidence($orderId: ID!) {
         orderEvidence(orderId: $orderId) { shipments { status carrier trackingNumber sentAt deliveredAt } }
       }`,
      { orderId },
    );
    const found = shipments.parse(answer).orderEvidence?.shipments ?? [];
    return found.map(({ deliveredAt, ...shipment }) => ({
      ...shipment,
      deliveredAt: deliveredAt === null ? null : new Date(deliveredAt),
    }));
  }

  async messagesOf(conversationId: string, until: Date): Promise<EvidenceMessage[]> {
    const answer = await this.calls.execute(
      'conversations',
      `query ConversationEvidence($conversationId: ID!, $until: DateTime) {
         conversationEvidence(conversationId: $conversationId, until: $until) { sender sentAt text }
       }`,
      { conversationId, until: until.toISOString() },
    );
    return messages.parse(answer).conversationEvidence ?? [];
  }
}
