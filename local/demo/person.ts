import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import { GraphQLClient } from 'graphql-request';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { NotAsItShouldBe } from './report.ts';

const WAIT_MS = 15_000;

/** A live stream whose events are kept until somebody waits for them: none is missed. */
export class Live<T> {
  private readonly events: T[] = [];
  private readonly waiters = new Set<() => void>();
  private failure: unknown = null;

  push(event: T): void {
    this.events.push(event);
    for (const wake of this.waiters) wake();
  }

  fail(error: unknown): void {
    this.failure = error;
    for (const wake of this.waiters) wake();
  }

  /** The first event, from the beginning, that fits. */
  async wait<R>(what: string, fits: (event: T) => R | null | false | undefined): Promise<R> {
    const deadline = Date.now() + WAIT_MS;
    for (;;) {
      for (const event of this.events) {
        const found = fits(event);
        if (found) return found;
      }
      if (this.failure)
        throw new NotAsItShouldBe(`the stream ended while waiting for ${what}`, this.failure);
      const left = deadline - Date.now();
      if (left <= 0) throw new NotAsItShouldBe(`waited in vain for ${what}`, this.events.slice(-3));
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, left);
        const waiters = this.waiters;
        function done() {
          clearTimeout(timer);
          waiters.delete(done);
          resolve();
        }
        waiters.add(done);
      });
    }
  }
}

/** One person's app: queries over HTTP, live streams over graphql-ws, both as that person. */
export class PersonClient {
  private readonly http: GraphQLClient;
  private readonly live;

  constructor(graphUrl: string, webSocketUrl: string, token: string) {
    const authorization = `Bearer ${token}`;
    this.http = new GraphQLClient(graphUrl, { headers: { authorization } });
    this.live = createClient({
      url: webSocketUrl,
      webSocketImpl: WebSocket,
      connectionParams: { authorization },
    });
  }

  request<R, V extends Record<string, unknown>>(
    document: TypedDocumentNode<R, V>,
    variables: V,
  ): Promise<R> {
    return this.http.request<R>(document as never, variables as never);
  }

  /** Resolves once the server has the subscription, so that nothing that follows is missed. */
  async subscribe<R, V extends Record<string, unknown>>(
    document: TypedDocumentNode<R, V>,
    variables: V,
  ): Promise<Live<R>> {
    const stream = new Live<R>();
    this.live.subscribe<R>(
      { query: print(document), variables },
      {
        next: ({ data, errors }) => (data && !errors ? stream.push(data) : stream.fail(errors)),
        error: (error) => stream.fail(error),
        complete: () => stream.fail('the server completed the stream'),
      },
    );
    // The protocol has no answer to a subscribe; the stream is open soon after the socket is.
    await new Promise((resolve) => setTimeout(resolve, 300));
    return stream;
  }

  async close(): Promise<void> {
    await this.live.dispose();
  }
}
