type Closer = () => Promise<void> | void;

/** What was started, to be ended in the opposite order. Closing twice is harmless. */
export class Closers {
  private readonly closers: Closer[] = [];

  push(closer: Closer): void {
    this.closers.push(closer);
  }

  /** Remembers to close it, and returns it. */
  add<T extends { close(): Promise<void> }>(started: T): T {
    this.push(() => started.close());
    return started;
  }

  async close(): Promise<void> {
    for (const closer of this.closers.splice(0).reverse()) await closer();
  }
}

/** As Promise.all, but nothing is still starting when it rejects: what started can be closed. */
export async function settleAll<T extends readonly unknown[]>(
  starting: readonly [...T],
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(starting);
  return Promise.all(starting) as Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }>;
}
