import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Linux counts a process's age in these, on every architecture Node runs on. */
const TICKS_PER_SECOND = 100;

/** The command line of a running process; null when there is none. */
export function commandOf(pid: number): string | null {
  if (!Number.isInteger(pid) || pid <= 0) return null;
  if (process.platform !== 'linux') return listed(pid, 'command=');
  try {
    // Empty for a process that has ended and was not waited for yet.
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') || null;
  } catch {
    return null;
  }
}

/** When a running process began, in milliseconds since the epoch, to the second; null when there is none. */
export function startedAt(pid: number): number | null {
  if (commandOf(pid) === null) return null;
  if (process.platform !== 'linux') {
    const time = Date.parse(listed(pid, 'lstart=') ?? '');
    return Number.isNaN(time) ? null : time;
  }
  try {
    // The second field is the program's name and may hold anything; the 22nd is its start.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    const bootSeconds = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1]);
    return (bootSeconds + Number(fields[19]) / TICKS_PER_SECOND) * 1_000;
  } catch {
    return null;
  }
}

function listed(pid: number, column: string): string | null {
  const { status, stdout } = spawnSync('ps', ['-o', column, '-p', String(pid)], {
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : null;
}
