/** One broken promise, by the invariant that it breaks. */
export interface Violation {
  readonly invariant: string;
  readonly text: string;
}

export class Violations {
  readonly found: Violation[] = [];

  add(invariant: string, text: string): void {
    // The same breach is seen again at every look; once is enough.
    if (this.found.some((known) => known.invariant === invariant && known.text === text)) return;
    this.found.push({ invariant, text });
  }

  require(isTrue: boolean, invariant: string, text: () => string): void {
    if (!isTrue) this.add(invariant, text());
  }
}
