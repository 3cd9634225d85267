import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { selfSignedCertificate } from './certificate.ts';
import type { Faults } from './faults.ts';
import type { SimStore, SimWebhook } from './store.ts';

/** PayPal tries 25 times over three days; waits grow, on the simulator's clock. */
const DELIVERIES_MAX = 25;
const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 4 * 3_600_000;
const TICK_MS = 50;

interface Delivery {
  readonly webhook: SimWebhook;
  readonly transmissionId: string;
  readonly body: string;
  readonly forged: boolean;
  tries: number;
  nextAt: number;
  done: boolean;
}

/** Signs and sends events as PayPal does: RSA-SHA256 over id, time, webhook id and the CRC of the body. */
export class Webhooks {
  private readonly privateKey: KeyObject;
  private readonly stranger: KeyObject;
  readonly certificatePem: string;
  private readonly queue: Delivery[] = [];
  private timer: NodeJS.Timeout | null = null;
  private sending = false;
  readonly events: { id: string; event_type: string; resource: unknown; create_time: string }[] =
    [];

  constructor(
    private readonly store: SimStore,
    private readonly faults: Faults,
    private readonly baseUrl: () => string,
    private readonly newId: () => string,
  ) {
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    this.privateKey = pair.privateKey;
    this.stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    this.certificatePem = selfSignedCertificate(
      pair.privateKey,
      'messageverificationcerts.simulator.localhost',
      new Date(),
    );
  }

  start(): void {
    this.timer = setInterval(() => void this.deliver(), TICK_MS);
    this.timer.unref();
  }

  stop(): void {
    if (this.timer) clearInterval(this.timer);
  }

  publish(eventType: string, resource: unknown): void {
    const event = {
      id: `WH-${this.newId()}`,
      event_version: '1.0',
      create_time: new Date(this.store.now()).toISOString(),
      resource_type: eventType.split('.')[1]?.toLowerCase() ?? 'resource',
      event_type: eventType,
      summary: eventType.toLowerCase().replaceAll('.', ' '),
      resource,
      links: [],
    };
    this.events.push(event);
    if (this.faults.strike(eventType, ['drop-webhook'])) return;
    const copies = this.faults.strike(eventType, ['duplicate-webhook']) ? 3 : 1;
    const late = this.faults.strike(eventType, ['reorder-webhooks']) ? 2_000 : 0;
    const forged = this.faults.strike(eventType, ['forge-webhook']) !== null;
    for (const webhook of this.store.state.webhooks.values()) {
      if (!webhook.eventTypes.includes('*') && !webhook.eventTypes.includes(eventType)) continue;
      for (let copy = 0; copy < copies; copy += 1) {
        this.queue.push({
          webhook,
          transmissionId: crypto.randomUUID(),
          body: JSON.stringify(event),
          forged,
          tries: 0,
          nextAt: this.store.now() + late,
          done: false,
        });
      }
    }
  }

  /** Waiting and failed deliveries, for the administration endpoint. */
  pending(): number {
    return this.queue.filter((delivery) => !delivery.done).length;
  }

  headersFor(
    webhook: SimWebhook,
    transmissionId: string,
    body: string,
    forged: boolean,
  ): Record<string, string> {
    const time = new Date(this.store.now()).toISOString();
    const signer = createSign('RSA-SHA256').update(
      `${transmissionId}|${time}|${webhook.id}|${crc32(Buffer.from(body))}`,
    );
    return {
      'content-type': 'application/json',
      'paypal-transmission-id': transmissionId,
      'paypal-transmission-time': time,
      'paypal-auth-algo': 'SHA256withRSA',
      'paypal-cert-url': `${this.baseUrl()}/v1/notifications/certs/CERT-SIMULATOR`,
      'paypal-transmission-sig': signer.sign(forged ? this.stranger : this.privateKey, 'base64'),
    };
  }

  private async deliver(): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    try {
      const now = this.store.now();
      const due = this.queue.filter((item) => !item.done && item.nextAt <= now);
      // In turn to one receiver, as they happened, but no receiver waits for another.
      const receivers = new Set(due.map((item) => item.webhook.id));
      await Promise.all(
        [...receivers].map(async (id) => {
          for (const item of due) if (item.webhook.id === id) await this.send(item);
        }),
      );
      // Delivered ones are forgotten now and then; the log keeps what happened.
      if (this.queue.length > 1_000)
        this.queue.splice(0, this.queue.length, ...this.queue.filter((item) => !item.done));
    } finally {
      this.sending = false;
    }
  }

  private async send(delivery: Delivery): Promise<void> {
    delivery.tries += 1;
    try {
      const response = await fetch(delivery.webhook.url, {
        method: 'POST',
        headers: this.headersFor(
          delivery.webhook,
          delivery.transmissionId,
          delivery.body,
          delivery.forged,
        ),
        body: delivery.body,
        signal: AbortSignal.timeout(10_000),
      });
      await response.arrayBuffer();
      delivery.done = response.ok || delivery.tries >= DELIVERIES_MAX;
    } catch {
      delivery.done = delivery.tries >= DELIVERIES_MAX;
    }
    if (!delivery.done)
      delivery.nextAt =
        this.store.now() + Math.min(RETRY_FIRST_MS * 2 ** delivery.tries, RETRY_MAX_MS);
  }
}
