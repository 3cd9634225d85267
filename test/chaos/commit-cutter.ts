import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * Stands between the process and PostgreSQL. When armed, it lets a COMMIT through and cuts the
 * connection in place of the answer: it is committed, and the one who asked cannot know.
 */
export class CommitCutter {
  private left = 0;
  private readonly sockets = new Set<Socket>();
  cuts = 0;

  private constructor(private readonly server: Server) {}

  static async before(databaseUrl: string): Promise<CommitCutter> {
    const { hostname, port } = new URL(databaseUrl);
    const host = decodeURIComponent(hostname);
    const to = Number(port || 5_432);
    const server = createServer();
    const cutter = new CommitCutter(server);
    server.on('connection', (client) =>
      cutter.relay(
        client,
        host.startsWith('/') ? connect(`${host}/.s.PGSQL.${to}`) : connect(to, host),
      ),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return cutter;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The `count`th COMMIT from now on is not answered. */
  arm(count: number): void {
    this.left = count;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private relay(client: Socket, database: Socket): void {
    let isCut = false;
    const end = () => {
      client.destroy();
      database.destroy();
    };
    for (const socket of [client, database]) {
      this.sockets.add(socket);
      socket.on('error', end);
      socket.on('close', () => {
        this.sockets.delete(socket);
        end();
      });
    }
    client.on('data', (bytes: Buffer) => {
      if (this.left > 0 && isCommit(bytes)) {
        this.left -= 1;
        isCut = this.left === 0;
      }
      database.write(bytes);
    });
    database.on('data', (bytes: Buffer) => {
      if (!isCut) return void client.write(bytes);
      // PostgreSQL has answered, so the transaction is in; nobody hears of it.
      this.cuts += 1;
      end();
    });
  }
}

/** A simple query ('Q', its length, the text, a zero) that ends with a commit: writes may go before it. */
function isCommit(bytes: Buffer): boolean {
  return bytes[0] === 0x51 && /(?:^|;\n)commit\0$/.test(bytes.subarray(5).toString('latin1'));
}
