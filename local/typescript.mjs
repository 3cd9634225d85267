// Runs the TypeScript sources in place: `node --import ./local/typescript.mjs FILE.ts`.
// Node's own type stripping refuses decorators, so swc compiles each file once and keeps the result
// under a hash of its content. Production runs the output of `npm run build` and never loads this.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 17)) {
  process.stderr.write(
    `Parley needs Node 22.17 or newer and found ${process.versions.node}. On Linux x64 "npm ci" installs one for its own scripts; start with "npm start" or "npm run ...", not with "node".\n`,
  );
  process.exit(1);
}

const { registerHooks } = await import('node:module');
const { compileTypeScript } = await import('./compile-typescript.mjs');

registerHooks({
  load(url, context, next) {
    if (!url.startsWith('file:') || !url.endsWith('.ts') || url.includes('/node_modules/')) {
      return next(url, context);
    }
    const file = fileURLToPath(url);
    const source = compileTypeScript(file, readFileSync(file, 'utf8'));
    return { format: 'module', source, shortCircuit: true };
  },
});

process.removeAllListeners('warning');
await import('reflect-metadata');
