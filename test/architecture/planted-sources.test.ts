import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { FAILPOINTS, patchesOf } from '../chaos/failpoints.ts';
import { BUGS, type Patch } from '../simulation/planted/bugs.ts';
import { patched } from '../support/patched-sources.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What is not there exactly once, said as the run that needs it would say it. */
function gone(patches: readonly Patch[]): string[] {
  const sources = new Map<string, string>();
  return patches.flatMap((patch) => {
    const source = sources.get(patch.file) ?? readFileSync(`${root}${patch.file}`, 'utf8');
    try {
      sources.set(patch.file, patched(source, patch));
      return [];
    } catch (error) {
      return [(error as Error).message];
    }
  });
}

describe('a source that is changed while it is loaded still has the text to change', () => {
  it('for every failpoint', () => {
    expect(FAILPOINTS.length).toBeGreaterThanOrEqual(40);
    expect(gone(patchesOf(FAILPOINTS))).toEqual([]);
  });

  it('for every planted bug', () => {
    expect(BUGS.length).toBeGreaterThanOrEqual(25);
    expect(BUGS.flatMap(({ patches }) => gone(patches))).toEqual([]);
  });
});
