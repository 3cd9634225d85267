import { writeFileSync } from 'node:fs';
import { startLocalStack } from '../../../local/stack.ts';

/**
 * The whole product in a process of its own, on a database that is there already. Writes the people
 * of the bench, with their tokens, to a file once everything can be used.
 */
const [portText = '0', dataDirectory = '', databaseUrl = '', buyersText = '1', peopleFile = ''] =
  process.argv.slice(2);
const stack = await startLocalStack({
  port: Number(portText),
  dataDirectory,
  databaseUrl,
  logLevel: 'error',
  durable: true,
});
const buyers = await Promise.all(
  Array.from({ length: Number(buyersText) }, (_, n) =>
    stack.issueToken({
      sub: `usr_${(0xd000 + n).toString(16).padStart(32, '0')}`,
      kind: 'member',
      name: `Buyer ${n}`,
      region: 'US',
    }),
  ),
);
const { graphUrl, webSocketUrl, controlUrl, tokens } = stack;
writeFileSync(
  peopleFile,
  JSON.stringify({
    graphUrl,
    webSocketUrl,
    controlUrl,
    tokens,
    buyers,
    databaseUrl: stack.databaseUrl,
  }),
  { mode: 0o600 },
);
process.once('SIGTERM', () => void stack.close().finally(() => process.exit(0)));
