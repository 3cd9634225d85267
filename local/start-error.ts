import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** Something a person can mend; shown as one line, without a stack. */
export class StartError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'StartError';
  }
}

/**
 * Makes a folder and what is missing above it, one by one: Node's own recursive way never returns
 * where a parent exists and refuses children, as below /proc.
 */
export function makeFolder(path: string, mode = 0o755): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // Another process that starts at the same moment was faster.
    if ((error as { code?: string }).code !== 'EEXIST') throw error;
  }
}
