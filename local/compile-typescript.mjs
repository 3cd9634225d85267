// One TypeScript file to JavaScript, kept under a hash of its content: several processes start at once.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { transformSync } from '@swc/core';

const cacheDirectory = new URL('../node_modules/.cache/parley-typescript/', import.meta.url);
try {
  mkdirSync(cacheDirectory, { recursive: true });
} catch {
  // A read-only checkout still runs; it only compiles on every start.
}

/** `source` need not be what is in the file: tests compile changed copies of it. */
export function compileTypeScript(file, source) {
  const key = createHash('sha1').update(`${file}\0${source}`).digest('hex');
  const cached = new URL(`${key}.js`, cacheDirectory);
  try {
    return readFileSync(cached, 'utf8');
  } catch {
    // Not compiled yet.
  }
  const { code } = transformSync(source, {
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
  });
  try {
    // Written aside and renamed: several processes start at once and none may read half a file.
    const aside = new URL(`${key}.${process.pid}.tmp`, cacheDirectory);
    writeFileSync(aside, code);
    renameSync(aside, cached);
  } catch {
    // Not cached this time.
  }
  return code;
}
