import type { SubgraphHandler } from '../../../../gateway/execution/in-process.ts';
import { startGateway } from '../../../../gateway/server.ts';
import { Feed, obey, PRODUCT } from '../feed.ts';
import { liveSupergraph } from '../supergraph.ts';

/** `parley.ts PORT [ORIGIN]`: this gateway, its subgraphs in process, or at an address. */
const [port = '0', origin] = process.argv.slice(2);
const feed = origin === undefined ? new Feed() : null;
/** Events handed on in one turn: a replay must leave room for what else the process does. */
const REPLAY_BATCH = 200;

const notices: SubgraphHandler = {
  execute: async () => ({ data: { noticeCount: feed!.log.length } }),
  subscribe(request, _claims, _meta, sink) {
    let next = request.position === undefined ? feed!.log.length : Number(request.position);
    let closed = false;
    let waiting = false;
    const pump = () => {
      waiting = false;
      for (let i = 0; i < REPLAY_BATCH && !closed && next < feed!.log.length; i++) {
        const noticed = feed!.log[next++]!;
        sink.next({ data: { noticed: { ...noticed } }, extensions: { position: String(next) } });
      }
      if (next < feed!.log.length) wake();
    };
    const wake = () => {
      if (waiting || closed) return;
      waiting = true;
      setImmediate(pump);
    };
    const stop = feed!.onPublished(pump);
    wake();
    return {
      close() {
        closed = true;
        stop();
      },
    };
  },
};

const products: SubgraphHandler = {
  execute: async ({ variables }) => ({
    data: {
      _entities: (variables.representations as { upc: string }[]).map(({ upc }) => ({
        name: PRODUCT.name,
        _key_upc: upc,
      })),
    },
  }),
  subscribe(_request, _claims, _meta, sink) {
    sink.error([{ message: 'There are no streams here.' }]);
    return { close: () => undefined };
  },
};

const gateway = await startGateway({
  supergraphSdl: liveSupergraph(origin ?? 'http://in-process.invalid'),
  port: Number(port),
  handlers: feed ? new Map(Object.entries({ notices, products })) : undefined,
});
obey(feed);
process.on('SIGTERM', () => {
  gateway.close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
});
