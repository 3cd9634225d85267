import { createServer, type Socket } from 'node:net';
import { createSubgraphs, type SubgraphName } from './scenario.ts';
import type { TinySubgraph, Variables } from './tiny-subgraph.ts';

/** Serves the four subgraphs under `/<name>` from one process: `subgraph-server.ts PORT`. */
const subgraphs = createSubgraphs();
const answers = new Map<string, Buffer>();
const ANSWERS_MAX = 10_000;

createServer({ noDelay: true }, (socket) => new Connection(socket)).listen(
  Number(process.argv[2]),
  '127.0.0.1',
);
process.on('SIGTERM', () => process.exit(0));

/** Static data: the same request always has the same bytes for an answer. */
function answerTo(name: string, body: string): Buffer {
  const key = `${name} ${body}`;
  let answer = answers.get(key);
  if (answer === undefined) {
    answer = execute(subgraphs.get(name as SubgraphName), body);
    if (answers.size >= ANSWERS_MAX) answers.clear();
    answers.set(key, answer);
  }
  return answer;
}

interface Request {
  readonly query: string;
  readonly variables?: Variables;
}

function execute(subgraph: TinySubgraph | undefined, body: string): Buffer {
  const result = JSON.stringify(resultOf(subgraph, body));
  return Buffer.from(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(result)}\r\n\r\n${result}`,
  );
}

function resultOf(subgraph: TinySubgraph | undefined, body: string): object {
  try {
    const { query, variables } = JSON.parse(body) as Request;
    return subgraph!.execute(query, variables ?? {});
  } catch (error) {
    return { errors: [{ message: String(error) }] };
  }
}

const HEADERS_END = Buffer.from('\r\n\r\n');

/** As much of HTTP/1.1 as gateways speak to a subgraph: POST with a length, keep-alive, pipelining. */
class Connection {
  private pending: Buffer = Buffer.alloc(0);

  constructor(private readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => this.read(chunk));
    socket.on('error', () => socket.destroy());
  }

  private read(chunk: Buffer): void {
    let bytes = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk]);
    const out: Buffer[] = [];
    for (;;) {
      const headersEnd = bytes.indexOf(HEADERS_END);
      if (headersEnd < 0) break;
      const head = bytes.toString('latin1', 0, headersEnd + 2);
      const length = /\r\ncontent-length: *(\d+)\r\n/i.exec(head);
      if (length === null) {
        this.socket.end('HTTP/1.1 411 Length Required\r\ncontent-length: 0\r\n\r\n');
        return;
      }
      const end = headersEnd + HEADERS_END.length + Number(length[1]);
      if (bytes.length < end) break;
      const name = head.slice(head.indexOf('/') + 1, head.indexOf(' HTTP/'));
      out.push(answerTo(name, bytes.toString('utf8', headersEnd + HEADERS_END.length, end)));
      bytes = bytes.subarray(end);
    }
    this.pending = bytes;
    if (out.length > 0) this.socket.write(out.length === 1 ? out[0]! : Buffer.concat(out));
  }
}
