import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HttpClient } from '../../../../gateway/execution/http-client/client.ts';
import type { Exchange } from '../../../../gateway/execution/http-client/exchange.ts';
import { Pace } from '../../../../gateway/execution/http-client/pace.ts';

/** A request as the server sees it; it answers when it is told to. */
interface Seen {
  readonly name: string;
  /** Which connection, in the order they came. */
  readonly connection: number;
  answer(extra?: string): void;
  readonly socket: Socket;
}

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** A server that reads pipelined requests and answers each connection's in their order. */
async function startServer(onRequest: (seen: Seen) => void, connectionsMax = 8) {
  const seen: Seen[] = [];
  const received: Buffer[] = [];
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => {
    const connection = sockets.push(socket) - 1;
    let text = '';
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      received.push(chunk);
      text += chunk.toString('latin1');
      for (;;) {
        const request = /^POST \/(\S*) HTTP\/1\.1\r\n[\s\S]*?content-length: (\d+)\r\n\r\n/.exec(
          text,
        );
        if (!request || text.length < request[0].length + Number(request[2])) return;
        text = text.slice(request[0].length + Number(request[2]));
        const name = request[1]!;
        const answer = (extra = '') =>
          void socket.write(
            `HTTP/1.1 200 OK\r\n${extra}content-length: ${name.length}\r\n\r\n${name}`,
          );
        const one = { name, connection, answer, socket };
        seen.push(one);
        onRequest(one);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = new HttpClient(
    new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`),
    connectionsMax,
  );
  ends.push(async () => {
    client.destroy();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const quick = new Pace();
  let last: Exchange;
  const ask = (name: string, { isSafe = true, pace = quick, bytesMax = 1_000 } = {}) =>
    new Promise<string>((resolve, reject) => {
      const head = `POST /${name} HTTP/1.1\r\nhost: x\r\n`;
      last = client.send(
        { head, body: '{}', isSafe, pace, bytesMax },
        {
          head: () => true,
          answered: resolve,
          failed: (kind, reason) => reject(new Error(`${kind}: ${reason}`)),
        },
      );
    });
  /** From here on `quick` requests are known to be quick. */
  const warm = async () => {
    quick.observe(0.1);
    quick.observe(0.1);
  };
  return { client, seen, received, sockets, ask, warm, lastExchange: () => last };
}

const at = (seen: readonly Seen[], name: string) => seen.filter((one) => one.name === name);

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 5_000; !condition(); ) {
    if (Date.now() > end) throw new Error('waited in vain');
    await delay(5);
  }
}

describe('requests that are not known to be quick', () => {
  it('have a connection each, which the next one uses again', async () => {
    const { ask, seen } = await startServer((one) => setTimeout(() => one.answer(), 20));

    expect(await Promise.all([ask('a'), ask('b')])).toEqual(['a', 'b']);
    expect(await ask('c', { pace: new Pace() })).toBe('c');

    expect(new Set(seen.slice(0, 2).map(({ connection }) => connection))).toEqual(new Set([0, 1]));
    expect(seen[2]!.connection).toBeLessThan(2);
  });

  it('wait when there are as many connections as there may be', async () => {
    const { ask, seen } = await startServer((one) => setTimeout(() => one.answer(), 30), 2);

    const answers = Promise.all(['a', 'b', 'c', 'd'].map((name) => ask(name)));
    await until(() => seen.length === 2);

    expect(await answers).toEqual(['a', 'b', 'c', 'd']);
    expect(Math.max(...seen.map(({ connection }) => connection))).toBe(1);
  });
});

describe('quick reads', () => {
  it('share a connection and get each its own answer', async () => {
    const { ask, warm, sockets } = await startServer((one) => one.answer());
    await warm();
    const names = Array.from({ length: 30 }, (_, index) => `n${index}`);

    expect(await Promise.all(names.map((name) => ask(name)))).toEqual(names);
    expect(sockets).toHaveLength(1);
  });

  it('never share one with what changes something', async () => {
    const { ask, warm, seen } = await startServer((one) => setTimeout(() => one.answer(), 10));
    await warm();

    await Promise.all([ask('a'), ask('change', { isSafe: false }), ask('b')]);

    const [change] = at(seen, 'change');
    expect(at(seen, 'a')[0]!.connection).toBe(at(seen, 'b')[0]!.connection);
    expect(change!.connection).not.toBe(at(seen, 'a')[0]!.connection);
  });

  it('behind one that stalls are asked again elsewhere, and it is still waited for', async () => {
    const { ask, warm, seen } = await startServer((one) => {
      if (one.name !== 'slow') one.answer();
    });
    await warm();
    const slow = ask('slow');
    await until(() => seen.length === 1);
    const first = seen[0]!;
    // Answers of one connection keep their order: nothing behind `slow` is answered on its own.
    first.socket.pause();
    const answers = Promise.all(['b', 'c', 'd'].map((name) => ask(name)));

    expect(await answers).toEqual(['b', 'c', 'd']);
    const elsewhere = seen.filter(({ connection }) => connection !== first.connection);
    expect(elsewhere.map(({ name }) => name).sort()).toEqual(['b', 'c', 'd']);
    first.answer();
    first.socket.resume();
    expect(await slow).toBe('slow');
  });

  it('ask once more only while the whole server stands still', async () => {
    const { ask, warm, seen } = await startServer(() => undefined);
    await warm();
    for (const name of ['a', 'b', 'c', 'd']) void ask(name).catch(() => undefined);
    await until(() => seen.length >= 5);
    await delay(150);

    // `b` was the probe; `c` and `d` would only add to its load.
    expect(seen.map(({ name }) => name).sort()).toEqual(['a', 'b', 'b', 'c', 'd']);
  });

  it('after the last answer of a connection are asked on another', async () => {
    const { ask, warm, seen } = await startServer((one) => {
      if (one.connection === 0) {
        if (one.name === 'a') one.answer('connection: close\r\n');
      } else one.answer();
    });
    await warm();

    expect(await Promise.all([ask('a'), ask('b'), ask('c')])).toEqual(['a', 'b', 'c']);
    expect(at(seen, 'a')).toHaveLength(1);
  });

  it('fail with the connection when they were first, and go on when they were behind', async () => {
    const { ask, warm } = await startServer((one) => {
      if (one.connection > 0) one.answer();
      else if (one.name === 'c') one.socket.destroy();
    });
    await warm();

    const [a, b, c] = await Promise.allSettled([ask('a'), ask('b'), ask('c')]);
    expect(a).toMatchObject({
      status: 'rejected',
      reason: { message: expect.stringMatching(/^broken: /) },
    });
    expect([b, c]).toMatchObject([{ value: 'b' }, { value: 'c' }]);
  });

  it('do not get the rest of an answer that was too large', async () => {
    const { ask, warm } = await startServer((one) => one.answer());
    await warm();
    const long = 'x'.repeat(200);

    const [large, b] = await Promise.allSettled([ask(long, { bytesMax: 100 }), ask('b')]);
    expect(large).toMatchObject({ reason: { message: 'too-large: the answer is too large' } });
    expect(b).toMatchObject({ value: 'b' });
  });

  it('do not get what a server that cannot count sent too much', async () => {
    const { ask, warm } = await startServer((one) => {
      if (one.name === 'a') one.socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na!!');
    });
    await warm();

    const [a, b] = await Promise.allSettled([ask('a'), ask('b')]);
    expect(a).toMatchObject({ value: 'a' });
    expect(b).toMatchObject({ reason: { message: expect.stringMatching(/^malformed: /) } });
  });

  it('that nobody waits for leave the others alone', async () => {
    const { ask, warm, client, seen, sockets, lastExchange } = await startServer((one) =>
      setTimeout(() => one.answer(), 20),
    );
    await warm();
    let answered = false;
    void ask('a').then(() => {
      answered = true;
    });
    client.abandon(lastExchange());

    expect(await ask('b')).toBe('b');
    expect(answered).toBe(false);
    expect(seen.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(sockets).toHaveLength(1);
  });
});

describe('a connection', () => {
  it('is closed at the server when the only request on it is abandoned', async () => {
    const { ask, client, seen, lastExchange } = await startServer(() => undefined);
    void ask('a').catch(() => undefined);
    await until(() => seen.length === 1);
    const closed = new Promise((resolve) => seen[0]!.socket.on('close', resolve));

    client.abandon(lastExchange());

    await closed;
  });

  it('is not used once the server is about to close it', async () => {
    const { ask, seen } = await startServer((one) => one.answer('keep-alive: timeout=1\r\n'));
    await ask('a', { isSafe: false });
    await delay(10);
    await ask('b', { isSafe: false });

    expect(seen.map(({ connection }) => connection)).toEqual([0, 1]);
  });

  it('that says something nobody asked for is left', async () => {
    const { ask, seen } = await startServer((one) => one.answer());
    await ask('a');
    seen[0]!.socket.write('HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n');
    await delay(20);

    expect(await ask('b')).toBe('b');
    expect(seen[1]!.connection).toBe(1);
  });

  it('sends header values as bytes', async () => {
    const { client, received, seen } = await startServer(() => undefined);
    const head = 'POST /a HTTP/1.1\r\nx-name: J\xf6rg\r\n';
    client.send(
      { head, body: '"\u00f6"', isSafe: false, pace: new Pace(), bytesMax: 10 },
      { head: () => true, answered: () => undefined, failed: () => undefined },
    );
    await until(() => seen.length === 1);
    const bytes = Buffer.concat(received);

    expect(bytes.includes(Buffer.from('J\xf6rg', 'latin1'))).toBe(true);
    expect(bytes.toString('latin1')).toMatch(/content-length: 4\r\n\r\n/);
  });

  it('is waited for when the client closes, and cut when it is destroyed', async () => {
    const { ask, client, seen } = await startServer((one) => {
      if (one.name === 'a') setTimeout(() => one.answer(), 50);
    });
    const answer = ask('a');
    await until(() => seen.length === 1);
    await client.close();
    expect(await answer).toBe('a');
    const other = ask('b');
    client.destroy();
    await expect(other).rejects.toThrow('broken: the gateway is stopping');
  });
});
