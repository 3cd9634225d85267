import { parseArgs } from 'node:util';
import { StartError } from '../start-error.ts';
import { startPaypalSimulator } from './simulator.ts';

// `npm run paypal-simulator -- --port 4100 --seed 7 --data DIR`
try {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '4100' },
      seed: { type: 'string', default: '1' },
      data: { type: 'string' },
      host: { type: 'string' },
      'public-url': { type: 'string' },
      'webhook-id': { type: 'string' },
      'webhook-url': { type: 'string' },
    },
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new StartError(`--port "${values.port}" is not a port.`);
  const seed = Number(values.seed);
  if (!Number.isInteger(seed))
    throw new StartError(`--seed "${values.seed}" is not a whole number.`);
  const simulator = await startPaypalSimulator({
    port,
    seed,
    ...(values.data ? { dataDirectory: values.data } : {}),
    ...(values.host ? { host: values.host } : {}),
    ...(values['public-url'] ? { publicUrl: urlOf('public-url', values['public-url']) } : {}),
    ...webhookOf(values['webhook-id'], values['webhook-url']),
  });
  process.stdout.write(
    `PayPal simulator on ${simulator.url}\n  client id      ${simulator.clientId}\n  client secret  ${simulator.clientSecret}\n  partner id     ${simulator.partnerId}\n  its own log    ${simulator.url}/simulator/log\n  faults         POST ${simulator.url}/simulator/faults {"operation":"orders.capture","kind":"timeout-after"}\n`,
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => void simulator.close().then(() => process.exit(0)));
} catch (error) {
  process.stderr.write(`paypal-simulator: ${reasonOf(error)}\n`);
  process.exitCode = 1;
}

function webhookOf(id?: string, url?: string): { webhook?: { id: string; url: string } } {
  if (id === undefined && url === undefined) return {};
  if (!id || !url) throw new StartError('--webhook-id and --webhook-url go together.');
  return { webhook: { id, url: urlOf('webhook-url', url) } };
}

function urlOf(flag: string, text: string): string {
  if (!URL.canParse(text) || !/^https?:/.test(text))
    throw new StartError(`--${flag} "${text}" is not an address like http://name:port.`);
  return text.replace(/\/$/, '');
}

/** One line that says what to change. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, path, message } = error as { code?: string; path?: string; message: string };
  return path ? `The folder of --data cannot be used (${code}: ${path}).` : message;
}
