import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Another project's gateway, installed beside this one and never into it. */
export interface Peer {
  readonly name: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly overrides?: Readonly<Record<string, string>>;
  /** Programs that run within the peer's folder, where its packages are found. */
  readonly programs: readonly string[];
}

const INSTALL_TIMEOUT_MS = 300_000;

/** Folder of an installed peer; null, with the reason printed, when it is not to be had. */
export function providePeer(peer: Peer, mayInstall: boolean): string | null {
  const directory = join(process.cwd(), '.data', 'bench-peers', peer.name);
  const [probe] = Object.keys(peer.dependencies);
  if (!existsSync(join(directory, 'node_modules', probe!, 'package.json'))) {
    if (!mayInstall) {
      process.stderr.write(`${peer.name}: not installed; --install, or a full run, gets it\n`);
      return null;
    }
    if (!install(peer, directory)) return null;
  }
  for (const program of peer.programs) {
    copyFileSync(program, join(directory, program.split('/').at(-1)!));
  }
  return directory;
}

function install(peer: Peer, directory: string): boolean {
  mkdirSync(directory, { recursive: true });
  const { name, dependencies, overrides } = peer;
  const manifest = { name: `peer-${name}`, private: true, type: 'module', dependencies, overrides };
  writeFileSync(join(directory, 'package.json'), JSON.stringify(manifest, null, 2));
  process.stderr.write(`${name}: installing\n`);
  try {
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: directory,
      timeout: INSTALL_TIMEOUT_MS,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    return true;
  } catch (error) {
    const [line] = String((error as { stderr?: Buffer }).stderr ?? error).split('\n');
    process.stderr.write(`${name}: cannot be installed (${line})\n`);
    return false;
  }
}
