import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { execute, GraphQLError, type GraphQLSchema, parse, validate } from 'graphql';
import { useServer as serveWebSockets } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';

export interface Review {
  readonly id: string;
  readonly stars: number;
  readonly upc: string;
}

/** What a subgraph was asked to open. */
export interface Opened {
  readonly query: string;
  readonly variables: Record<string, unknown>;
  readonly position: string | undefined;
  readonly extensions: Record<string, unknown>;
}

/**
 * An ordinary subgraph with one live stream over a log. It gives every event its position in
 * `extensions.position` and replays from `extensions.position`, on graphql-ws's own server.
 */
export class ReviewSubgraph {
  readonly opened: Opened[] = [];
  readonly connectionParams: unknown[] = [];
  sockets = 0;
  socketsEver = 0;
  /** Positions before this one are forgotten. */
  oldest = 0;
  /** Without positions nothing can be resumed. */
  givesPositions = true;
  /** Says where the stream stands as soon as it is open. */
  givesBookmarks = false;
  /** Repeats the event at the position it was asked to continue after. */
  repeatsPosition = false;
  /** Refuses subscribes with this code. */
  refusal: { code: string; message: string } | null = null;
  private readonly log: Review[] = [];
  private readonly wakers = new Set<() => void>();
  private readonly completers = new Set<() => void>();
  private server: Server | null = null;
  private port = 0;

  constructor(private readonly schema: GraphQLSchema) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}/graphql`;
  }

  get streams(): number {
    return this.wakers.size;
  }

  async start(): Promise<void> {
    const server = createServer();
    const upgrades = new WebSocketServer({ server, path: '/graphql' });
    upgrades.on('connection', (socket) => {
      this.sockets++;
      this.socketsEver++;
      socket.on('close', () => this.sockets--);
    });
    serveWebSockets(
      {
        schema: this.schema,
        onConnect: ({ connectionParams }) => {
          this.connectionParams.push(connectionParams);
        },
        onSubscribe: (_context, _id, { query, variables, operationName, extensions }) => {
          const position = extensions?.position as string | undefined;
          this.opened.push({
            query,
            variables: variables ?? {},
            position,
            extensions: extensions ?? {},
          });
          const refusal = this.refusal ?? this.tooOld(position);
          if (refusal) {
            const { code, message } = refusal;
            return [new GraphQLError(message, { extensions: { code } })];
          }
          const document = parse(query);
          const errors = validate(this.schema, document);
          if (errors.length > 0) return errors;
          const contextValue = {
            from: position === undefined ? this.log.length : Number(position),
          };
          return {
            schema: this.schema,
            document,
            operationName,
            variableValues: variables,
            contextValue,
          };
        },
        subscribe: (args) => this.events(args as never) as never,
      },
      upgrades,
    );
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
    this.closeSockets = () => {
      for (const socket of upgrades.clients) socket.terminate();
    };
  }

  private closeSockets: () => void = () => {};

  /** Like a crash: sockets are cut, nothing is completed. The log survives. */
  async stop(): Promise<void> {
    const server = this.server;
    if (!server) return;
    this.server = null;
    this.closeSockets();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  /** Cuts all sockets and serves on. */
  cut(): void {
    this.closeSockets();
  }

  complete(): void {
    for (const complete of [...this.completers]) complete();
  }

  publish(...reviews: Review[]): void {
    this.log.push(...reviews);
    for (const wake of [...this.wakers]) wake();
  }

  private tooOld(position: string | undefined) {
    if (position === undefined || Number(position) >= this.oldest) return null;
    return { code: 'RESYNC_REQUIRED', message: 'This position is too old.' };
  }

  private events(args: {
    document: import('graphql').DocumentNode;
    operationName?: string;
    variableValues?: Record<string, unknown>;
    contextValue: { from: number };
  }): AsyncIterableIterator<unknown> {
    let index = args.contextValue.from;
    if (this.repeatsPosition && index > 0) index--;
    let ended = false;
    let wake = () => {};
    let bookmarked = !this.givesBookmarks;
    const waker = () => wake();
    const complete = () => {
      ended = true;
      wake();
    };
    this.wakers.add(waker);
    this.completers.add(complete);
    const end = () => {
      ended = true;
      this.wakers.delete(waker);
      this.completers.delete(complete);
      wake();
      return Promise.resolve({ done: true as const, value: undefined });
    };
    return {
      [Symbol.asyncIterator]() {
        return this;
      },
      next: async () => {
        if (!bookmarked) {
          bookmarked = true;
          return {
            done: false,
            value: { data: null, extensions: { position: String(index), bookmark: true } },
          };
        }
        while (!ended && index >= this.log.length) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        if (ended) return end();
        const review = this.log[index++]!;
        const { data, errors } = await execute({
          schema: this.schema,
          document: args.document,
          operationName: args.operationName,
          variableValues: args.variableValues,
          rootValue: { reviewAdded: { ...review, product: { upc: review.upc } } },
        });
        return {
          done: false,
          value: {
            data,
            ...(errors ? { errors } : {}),
            ...(this.givesPositions ? { extensions: { position: String(index) } } : {}),
          },
        };
      },
      return: end,
    };
  }
}
