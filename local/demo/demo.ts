import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startLocalStack } from '../stack.ts';
import { Report } from './report.ts';
import { tellStory } from './story.ts';

/** Where a Parley of this machine can be reached, whether it was running or started for the demo. */
export interface Stage {
  readonly graphUrl: string;
  readonly webSocketUrl: string;
  readonly controlUrl: string;
  readonly tokens: Readonly<
    Record<'buyer' | 'secondBuyer' | 'seller' | 'secondSeller' | 'support', string>
  >;
  close(): Promise<void>;
}

// `npm run demo [-- --json]`: the whole story through the public graph alone.
const report = new Report(process.argv.includes('--json'));
let stage: Stage | null = null;
try {
  stage = (await runningStage()) ?? (await ownStage());
  await tellStory(stage, report);
  report.end();
} catch (error) {
  report.failed(error);
  process.exitCode = 1;
} finally {
  await stage?.close();
}
process.exit();

/** The one that `npm start` left word of in the data folder, if it still answers. */
async function runningStage(): Promise<Stage | null> {
  try {
    const file = join(resolve(process.env.PARLEY_DATA ?? '.data'), 'running.json');
    const stage = JSON.parse(readFileSync(file, 'utf8')) as Omit<Stage, 'close'>;
    const health = await fetch(new URL('/health/ready', stage.graphUrl));
    return health.ok ? { ...stage, close: () => Promise.resolve() } : null;
  } catch {
    return null;
  }
}

/** A Parley of its own, in a folder that goes with it. */
async function ownStage(): Promise<Stage> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'parley-demo-'));
  chmodSync(dataDirectory, 0o755); // PostgreSQL may have to run as another user than root
  const stack = await startLocalStack({
    port: 0,
    dataDirectory: join(dataDirectory, 'data'),
    databaseUrl: null,
    logLevel: 'error',
    durable: false,
  });
  const { graphUrl, webSocketUrl, controlUrl, tokens } = stack;
  return {
    graphUrl,
    webSocketUrl,
    controlUrl,
    tokens,
    close: async () => {
      await stack.close();
      rmSync(dataDirectory, { recursive: true, force: true });
    },
  };
}
