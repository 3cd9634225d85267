import { type FSWatcher, watch } from 'node:fs';

/** Editors and deployments write a file in several steps; read it when they are done. */
const SETTLE_MS = 100;

/**
 * Calls `onChange` after files of `directory` have changed and come to rest. A folder is watched and
 * not a file, because editors replace files. Returns the function that ends it.
 */
export function watchDirectory(
  directory: string,
  isOfInterest: (fileName: string) => boolean,
  onChange: () => void,
): () => void {
  let timer: NodeJS.Timeout | null = null;
  const watcher: FSWatcher = watch(directory, (_event, fileName) => {
    if (fileName !== null && !isOfInterest(fileName)) return;
    if (timer) clearTimeout(timer);
    timer = setTimeout(onChange, SETTLE_MS).unref();
  });
  watcher.unref();
  // A folder that is taken away ends the watching, and nothing else: what was read stays.
  watcher.on('error', () => watcher.close());
  return () => {
    watcher.close();
    if (timer) clearTimeout(timer);
  };
}
