import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LocalControl {
  readonly url: string;
  close(): Promise<void>;
}

/** Further than the product's longest timer, so that every wait can be skipped; no further. */
const ADVANCE_MS_MAX = 400 * 24 * 3_600_000;

/** What one machine may do that production may not: move the clock. On the loopback address only. */
export async function startLocalControl(
  advanceClock: (milliseconds: number) => Promise<void>,
): Promise<LocalControl> {
  const server = createServer((request, response) => {
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (request.method !== 'POST' || request.url !== '/clock')
      return void answer(404, { error: 'POST /clock {"advanceMs": N}' });
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const advanceMs = milliseconds(Buffer.concat(chunks).toString('utf8'));
      if (advanceMs === null)
        return void answer(400, { error: `advanceMs must be from 1 to ${ADVANCE_MS_MAX}` });
      advanceClock(advanceMs).then(
        () => answer(200, { advancedMs: advanceMs }),
        (error: unknown) => answer(500, { error: String(error) }),
      );
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function milliseconds(body: string): number | null {
  try {
    const { advanceMs } = JSON.parse(body) as { advanceMs?: unknown };
    const good =
      Number.isInteger(advanceMs) &&
      (advanceMs as number) > 0 &&
      (advanceMs as number) <= ADVANCE_MS_MAX;
    return good ? (advanceMs as number) : null;
  } catch {
    return null;
  }
}
