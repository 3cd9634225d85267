/** One step of the story as one side sees it. */
export interface Step {
  readonly who: string;
  readonly what: string;
  readonly facts?: Readonly<Record<string, unknown>>;
}

/** Something is not as it should be: the story ends here. */
export class NotAsItShouldBe extends Error {
  constructor(
    message: string,
    readonly seen: unknown,
  ) {
    super(message);
    this.name = 'NotAsItShouldBe';
  }
}

/** Tells the story: a line a step for people, or a JSON line a step for programs. */
export class Report {
  private count = 0;

  constructor(private readonly json: boolean) {}

  chapter(title: string): void {
    if (!this.json) process.stdout.write(`\n${title}\n`);
  }

  step({ who, what, facts = {} }: Step): void {
    this.count += 1;
    if (this.json)
      process.stdout.write(
        `${JSON.stringify({ step: this.count, who, what, ...facts, ok: true })}\n`,
      );
    else process.stdout.write(`  ${who.padEnd(9)} ${what}\n`);
  }

  end(): void {
    if (this.json) process.stdout.write(`${JSON.stringify({ steps: this.count, ok: true })}\n`);
    else process.stdout.write(`\nAll ${this.count} steps are as they should be.\n`);
  }

  failed(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    const seen = error instanceof NotAsItShouldBe ? error.seen : undefined;
    if (this.json)
      process.stdout.write(
        `${JSON.stringify({ step: this.count + 1, ok: false, error: message, seen })}\n`,
      );
    else
      process.stderr.write(
        `\n  NOT AS IT SHOULD BE after step ${this.count}: ${message}\n  seen: ${JSON.stringify(seen)}\n`,
      );
  }
}

export function expectThat(condition: boolean, message: string, seen: unknown): asserts condition {
  if (!condition) throw new NotAsItShouldBe(message, seen);
}

interface Refused {
  readonly userErrors: readonly { readonly code: string; readonly message: string }[];
}

/** The payload of a mutation that went through; a refusal ends the story with its own words. */
export function done<T extends Refused>(payload: T | null | undefined, what: string): T {
  expectThat(payload !== null && payload !== undefined, `${what} had no answer`, payload);
  const [first] = payload.userErrors;
  expectThat(first === undefined, `${what} was refused: ${first?.code}`, payload.userErrors);
  return payload;
}

interface Amount {
  readonly amountMinor: string;
  readonly currency: string;
}

/** For people: minor units of a currency with two decimals. */
export function money({ amountMinor, currency }: Amount): string {
  const digits = amountMinor.padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)} ${currency}`;
}
