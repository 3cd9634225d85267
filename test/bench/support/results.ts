import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly node: string;
  readonly kernel: string;
  readonly pinned: boolean;
}

export function describeMachine(pinned: boolean): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    kernel: kernel(),
    pinned,
  };
}

function kernel(): string {
  try {
    return readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim();
  } catch {
    return process.platform;
  }
}

/** Writes the results beside those of earlier runs and returns the file's path. */
export function saveResults(result: { readonly bench: string }, now = new Date()): string {
  const directory = join(process.cwd(), 'bench-results');
  mkdirSync(directory, { recursive: true });
  const file = join(
    directory,
    `${result.bench}-${now.toISOString().replaceAll(/[:.]/g, '-')}.json`,
  );
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
  return file;
}

/** Rows of equal columns, for people. */
export function table(rows: readonly (readonly (string | number)[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, String(cell).length);
    });
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0
            ? String(cell).padEnd(widths[column]!)
            : String(cell).padStart(widths[column]!),
        )
        .join('  '),
    )
    .join('\n');
}
