import { readFileSync } from 'node:fs';
import mercuriusGateway from '@mercuriusjs/gateway';
import Fastify from 'fastify';

// `mercurius.mjs SERVICES PORT`: services as JSON, each with its name, address and schema.
const [file, port] = process.argv.slice(2);
const app = Fastify();
app.register(mercuriusGateway, {
  jit: 1,
  gateway: { services: JSON.parse(readFileSync(file, 'utf8')) },
});
await app.listen({ port: Number(port), host: '127.0.0.1' });
