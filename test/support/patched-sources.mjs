// Runs the sources with changes that are in no file: for planted bugs and for failpoints.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { compileTypeScript } from '../../local/compile-typescript.mjs';

const root = new URL('../../', import.meta.url);

/** The source of `file` with `find` replaced. Throws where `find` does not stand there exactly once. */
export function patched(source, { file, find, replace }) {
  const count = source.split(find).length - 1;
  if (count !== 1)
    throw new Error(`${file}: expected once and found ${count} times: ${find.slice(0, 80)}`);
  return source.replace(find, () => replace);
}

/** Every later import of these files gets the patched source. Paths are from the project's root. */
export function patchSources(patches) {
  const byUrl = new Map();
  for (const patch of patches) {
    const url = pathToFileURL(fileURLToPath(new URL(patch.file, root))).href;
    byUrl.set(url, [...(byUrl.get(url) ?? []), patch]);
  }
  registerHooks({
    load(url, context, next) {
      const mine = byUrl.get(url);
      if (!mine) return next(url, context);
      const file = fileURLToPath(url);
      const source = mine.reduce(patched, readFileSync(file, 'utf8'));
      return { format: 'module', source: compileTypeScript(file, source), shortCircuit: true };
    },
  });
}
