import type { PaymentsStore } from './ports.ts';

/** More per run holds up other timed work; fewer needs more runs after a long pause. */
const BATCH_MAX = 200;

/** Closes requests whose time is over. One that is being paid is left to its attempt. */
export class ExpirePaymentRequests {
  constructor(private readonly store: PaymentsStore) {}

  async execute(): Promise<number> {
    const now = await this.store.transact((tx) => tx.now());
    let expired = 0;
    for (const id of await this.store.expiredRequests(now, BATCH_MAX)) {
      await this.store.transact(async (tx) => {
        const request = await tx.lockRequest(id);
        if (request?.status !== 'SENT' || !request.isExpiredAt(now)) return;
        await tx.recordRequest(request.expire(now));
        expired += 1;
      });
    }
    return expired;
  }
}
