import type { Reachable } from './ground.ts';
import { PEOPLE } from './people.ts';
import { type LocalSettings, readSettings } from './settings.ts';
import { StartError } from './start-error.ts';

/** Longer than the gateway's own patience with requests in flight. */
const CLOSE_TIMEOUT_MS = 12_000;

interface Running extends Reachable {
  readonly paypal: { readonly url: string };
  close(): Promise<void>;
}

// `npm start`: everything on one machine, in one process beside PostgreSQL; `npm start -- --processes`
// gives each part a process of its own.
try {
  const settings = readSettings(process.env, process.argv.slice(2));
  const startedAt = performance.now();
  const stack = await start(settings);
  closeOnSignals(stack);
  process.stdout.write(welcome(stack, (performance.now() - startedAt) / 1_000));
} catch (error) {
  const message =
    error instanceof StartError ? error.message : (error as Error).message?.split('\n', 1)[0];
  process.stderr.write(`parley: ${message}\n`);
  if (!(error instanceof StartError) && process.env.LOG_LEVEL === 'debug')
    process.stderr.write(`${(error as Error).stack}\n`);
  process.exit(1);
}

async function start(settings: LocalSettings): Promise<Running> {
  const options = { ...settings, durable: true };
  if (settings.separateProcesses) {
    const { startSeparateProcesses } = await import('./processes.ts');
    return startSeparateProcesses(options);
  }
  const { startLocalStack } = await import('./stack.ts');
  return startLocalStack(options);
}

/** The first signal ends in order; the second does not wait. */
function closeOnSignals(stack: Running): void {
  let asked = false;
  const stop = () => {
    if (asked) process.exit(1);
    asked = true;
    process.stdout.write('\nStopping ...\n');
    setTimeout(() => process.exit(1), CLOSE_TIMEOUT_MS).unref();
    stack.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  // The terminal is gone: no reason to hurry a stop that has begun.
  process.on('SIGHUP', () => {
    if (!asked) stop();
  });
}

function welcome(stack: Running, seconds: number): string {
  const people = Object.entries(stack.tokens).map(([person, token]) => {
    const { name, sub } = PEOPLE[person as keyof typeof PEOPLE];
    return `  ${person.padEnd(13)} ${name} (${sub})\n    ${token}\n`;
  });
  return `
Parley is ready after ${seconds.toFixed(1)} s.

  graph      ${stack.graphUrl}
  live       ${stack.webSocketUrl}
  explorer   ${stack.graphUrl}  (in a browser)
  PayPal     ${stack.paypal.url}  (a simulator, its log at /simulator/log)

Tokens, good for twelve hours and on this machine only:

${people.join('\n')}
Try it:

  curl -s ${stack.graphUrl} -H 'content-type: application/json' \\
    -H 'authorization: Bearer ${stack.tokens.buyer}' \\
    -d '{"query":"{ viewer { id orders { nodes { id } } } }"}'

Ctrl-C stops everything; what was done stays in the data folder.
`;
}
