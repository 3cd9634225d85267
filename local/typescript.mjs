// Runs the TypeScript sources in place: `node --import ./local/typescript.mjs FILE.ts`.
// Node's own type stripping refuses decorators, so swc compiles each file once and keeps the result
// under a hash of its content. Production runs the output of `npm run build` and never loads this.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 17)) {
  process.stderr.write(
    `Parley needs Node 22.17 or newer and found ${process.versions.node}. On Linux x64 "npm ci" installs one for its own scripts; start with "npm start" or "npm run ...", not with "node".\n`,
  );
  process.exit(1);
}

const { registerHooks } = await import('node:module');
const { transformSync } = await import('@swc/core');

const cacheDirectory = new URL('../node_modules/.cache/parley-typescript/', import.meta.url);
try {
  mkdirSync(cacheDirectory, { recursive: true });
} catch {
  // A read-only checkout still runs; it only compiles on every start.
}

registerHooks({
  load(url, context, next) {
    if (!url.startsWith('file:') || !url.endsWith('.ts') || url.includes('/node_modules/')) {
      return next(url, context);
    }
    const file = fileURLToPath(url);
    const source = readFileSync(file, 'utf8');
    const key = createHash('sha1').update(`${file}\0${source}`).digest('hex');
    const cached = new URL(`${key}.js`, cacheDirectory);
    let code;
    try {
      code = readFileSync(cached, 'utf8');
    } catch {
      code = transformSync(source, {
        filename: file,
        swcrc: false,
        sourceMaps: 'inline',
        inlineSourcesContent: false,
        module: { type: 'nodenext' },
        jsc: {
          target: 'es2024',
          parser: { syntax: 'typescript', decorators: true },
          transform: {
            legacyDecorator: true,
            decoratorMetadata: false,
            useDefineForClassFields: true,
          },
          keepClassNames: true,
        },
      }).code;
      try {
        // Written aside and renamed: several processes start at once and none may read half a file.
        const aside = new URL(`${key}.${process.pid}.tmp`, cacheDirectory);
        writeFileSync(aside, code);
        renameSync(aside, cached);
      } catch {
        // Not cached this time.
      }
    }
    return { format: 'module', source: code, shortCircuit: true };
  },
});

process.removeAllListeners('warning');
await import('reflect-metadata');
