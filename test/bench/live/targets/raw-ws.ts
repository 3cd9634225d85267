import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { Feed, obey, PRODUCT } from '../feed.ts';

/** `raw-ws.ts PORT`: a broadcast by `ws`, one `send` of one text per client; nothing is asked. */
const feed = new Feed();
const server = createServer();
const sockets = new WebSocketServer({ server, path: '/graphql', perMessageDeflate: false });
sockets.on('connection', (socket) => {
  socket.on('message', (data) => {
    const { type } = JSON.parse(String(data)) as { type: string };
    if (type === 'connection_init') socket.send('{"type":"connection_ack"}');
  });
});
feed.onPublished(() => {
  const notice = feed.log.at(-1)!;
  const { upc, name } = PRODUCT;
  const data = { noticed: { ...notice, product: { upc, name } } };
  const message = JSON.stringify({ id: '1', type: 'next', payload: { data } });
  for (const socket of sockets.clients) socket.send(message);
});
server.listen(Number(process.argv[2]), '127.0.0.1');
obey(feed);
