import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));

// In a process of its own: a schedule owns the timers of its thread.
async function simulate(...options: string[]): Promise<string> {
  const args = ['--import', './local/typescript.mjs', 'test/simulation/main.ts', ...options];
  const env = { ...process.env, NODE_OPTIONS: '' };
  const { stdout } = await run(process.execPath, args, { cwd: root, env, maxBuffer: 2 ** 26 });
  return stdout;
}

async function answerOf(...options: string[]) {
  return JSON.parse((await simulate(...options, '--json')).trim().split('\n').at(-1) ?? '');
}

describe('The simulation', () => {
  it('breaks no promise in 3,000 schedules, and strikes with every class of fault', async () => {
    const { seeds, violations, failures, faults } = await answerOf('--seeds', '3000');

    expect(failures).toEqual([]);
    expect({ seeds, violations }).toEqual({ seeds: 3_000, violations: 0 });
    expect(Object.keys(faults)).toEqual([
      ...[
        'all down for days',
        'capture AMOUNT_DIFFERS',
        'capture DECLINED',
        'capture PENDING',
        'capture REFUSED',
      ],
      ...['clock jump', 'commit LOST_AFTER', 'commit LOST_BEFORE', 'commit SERIALIZATION', 'crash'],
      ...['dispute appealed', 'dispute ended', 'dispute opened', 'message repeated'],
      ...['neighbour LOST_AFTER', 'neighbour LOST_BEFORE', 'network LATE_EFFECT'],
      ...['network NEVER_SENT', 'network RATE_LIMITED', 'network RESET_AFTER'],
      ...['network SERVER_ERROR', 'network SERVER_ERROR_AFTER', 'network TIMEOUT_AFTER'],
      ...[
        'network TIMEOUT_BEFORE',
        'payout AUTOMATIC',
        'payout FAILED',
        'payout PENDING',
        'payout REFUSED',
      ],
      ...['payout SILENT', 'payout SLOW'],
      ...['publish LOST', 'publish REPEATED', 'publish SILENT', 'publish UNCONFIRMED'],
      ...['refund PENDING', 'refund REFUSED', 'standstill AFTER_PAYPAL'],
      ...['standstill ANYWHERE', 'standstill BEFORE_PAYPAL', 'stranger pays', 'webhook FORGED'],
      ...['webhook LATE', 'webhook LOST', 'webhook REPEATED'],
    ]);
  }, 180_000);

  it('keeps the promises that it once found broken', async () => {
    const { plans, violations } = await answerOf('--corpus');

    expect(plans).toBeGreaterThan(0);
    expect(violations).toBe(0);
  }, 120_000);

  it('runs the same seed the same way', async () => {
    const [first, second] = [await simulate('--seed', '12'), await simulate('--seed', '12')];

    expect(first).toContain('payPaymentRequest');
    expect(withoutEventIds(second)).toBe(withoutEventIds(first));
  }, 60_000);

  // A harness that finds nothing proves nothing.
  it('finds bugs that are planted', async () => {
    const { planted, missed } = await answerOf('--planted', 'quick');

    expect(missed).toEqual([]);
    expect(planted).toBe(14);
  }, 240_000);
});

/** The kernel's own ids of events, the one thing that no seed decides and nothing depends on. */
function withoutEventIds(trace: string): string {
  return trace.replace(/evt_[0-9a-f]{32}/g, 'evt');
}
