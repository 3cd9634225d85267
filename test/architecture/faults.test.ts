import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { FAILPOINTS } from '../chaos/failpoints.ts';
import { BUGS } from '../simulation/planted/bugs.ts';

const tests = fileURLToPath(new URL('../', import.meta.url));
const read = (file: string) => readFileSync(`${tests}${file}`, 'utf8');

const ROW = /^\| (\d+) \| ([^|]+) \| ([^|]+) \|$/;
const EVIDENCE = /(?:(chaos|simulation|planted) `([^`]+)`|`([^`]+\.test\.ts)` "([^"]+)")/g;

interface Row {
  readonly fault: number;
  readonly evidence: readonly (readonly string[])[];
}

const rows: readonly Row[] = read('README.md')
  .split('\n')
  .flatMap((line) => {
    const [, fault, , shown] = ROW.exec(line) ?? [];
    return fault && shown
      ? [{ fault: Number(fault), evidence: [...shown.matchAll(EVIDENCE)].map((each) => [...each]) }]
      : [];
  });

/** The words of an entry that names nothing. */
function missing([
  entry = '',
  kind,
  name = '',
  file = '',
  title = '',
]: readonly string[]): string[] {
  const isThere =
    kind === 'chaos'
      ? FAILPOINTS.some(({ label }) => label === name)
      : kind === 'planted'
        ? BUGS.some((bug) => bug.name === name)
        : kind === 'simulation'
          ? // The list of what must have struck is written out there.
            read('simulation/simulation.test.ts').includes(`'${name}'`)
          : [`'${title}'`, `"${title}"`].some((quoted) => read(file).includes(quoted));
  return isThere ? [] : [entry];
}

describe('the table of faults', () => {
  it('has every fault of the specification once', () => {
    expect(rows.map(({ fault }) => fault)).toEqual(Array.from({ length: 58 }, (_, at) => at + 1));
  });

  it('names for each what shows it', () => {
    expect(rows.filter(({ evidence }) => evidence.length === 0)).toEqual([]);
    expect(rows.flatMap(({ evidence }) => evidence).flatMap(missing)).toEqual([]);
  });
});
