import { Agent, request } from 'undici';
import type { PreparedPayment } from './stage.ts';

/** Pays all, `inFlight` at a time, each by a buyer who waits for the answer; resolves to waits in milliseconds. */
export async function payAll(
  graphUrl: string,
  payments: readonly PreparedPayment[],
  inFlight: number,
): Promise<number[]> {
  const dispatcher = new Agent({ connections: inFlight, pipelining: 1 });
  const waits: number[] = [];
  let next = 0;
  const buyer = async () => {
    for (let payment = payments[next++]; payment; payment = payments[next++]) {
      const begun = performance.now();
      await pay(graphUrl, payment, dispatcher);
      waits.push(performance.now() - begun);
    }
  };
  try {
    await Promise.all(Array.from({ length: inFlight }, buyer));
  } finally {
    await dispatcher.close();
  }
  return waits;
}

/** Throws on every answer but a payment that was taken: nothing else is worth a measurement. */
async function pay(graphUrl: string, { token, body }: PreparedPayment, dispatcher: Agent) {
  const { body: answer } = await request(graphUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body,
    dispatcher,
  });
  const { data, errors } = (await answer.json()) as {
    data?: { payPaymentRequest: { paymentRequest: { status: string } | null } | null };
    errors?: unknown;
  };
  if (data?.payPaymentRequest?.paymentRequest?.status !== 'PAID') {
    throw new Error(`not paid: ${JSON.stringify({ data, errors })}`);
  }
}
