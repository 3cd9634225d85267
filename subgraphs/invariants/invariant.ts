/** One thing that must be true. Its query returns what breaks it; no row means that it holds. */
export interface Invariant {
  /** I1 to I17, and a letter where one is told in several. */
  readonly id: string;
  readonly title: string;
  /** Columns `subject` (an id) and `problem` (in words, without personal data). */
  readonly sql: string;
}

export interface Violation {
  readonly id: string;
  readonly subject: string;
  readonly problem: string;
}
