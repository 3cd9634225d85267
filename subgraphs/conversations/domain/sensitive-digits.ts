/** The zero of every script in which people here type digits: a card number in Thai digits is one too. */
const ZEROS = [0x30, 0x660, 0x6f0, 0x966, 0x9e6, 0xe50, 0xff10];
const MASK = '\u2022';
const CARD_DIGITS_MIN = 13;
const CARD_DIGITS_MAX = 19;

interface Digit {
  readonly index: number;
  readonly value: number;
}

/**
 * Hides what must never be kept in a thread: card numbers (13 to 19 digits that pass the Luhn check,
 * the last four stay readable) and US social security numbers (written 3-2-4, or nine digits after
 * the letters SSN). Runs before a text is stored, so no event, search or evidence copy holds them.
 * A long number that passes the check by chance is masked too: one in ten of those written alone.
 */
export function maskSensitiveDigits(text: string): string {
  const characters = [...text];
  const hidden = new Set<number>();
  for (const run of digitRuns(characters)) {
    for (const digit of cardDigits(run)) hidden.add(digit.index);
  }
  for (const index of socialSecurityDigits(characters)) hidden.add(index);
  if (hidden.size === 0) return text;
  return characters.map((character, index) => (hidden.has(index) ? MASK : character)).join('');
}

function digitOf(character: string): number | null {
  const point = character.codePointAt(0) ?? 0;
  for (const zero of ZEROS) if (point >= zero && point < zero + 10) return point - zero;
  return null;
}

/** Digits that belong together: single spaces, dots and dashes may stand between them. */
function digitRuns(characters: readonly string[]): Digit[][] {
  const runs: Digit[][] = [];
  let run: Digit[] = [];
  characters.forEach((character, index) => {
    const value = digitOf(character);
    const previous = run.at(-1);
    if (value !== null) {
      if (previous && index - previous.index > 2) run = [];
      if (run.length === 0) runs.push(run);
      run.push({ index, value });
    } else if (!/^[\s.\-\u2010-\u2015]$/u.test(character)) {
      run = [];
    }
  });
  return runs;
}

// The whole run first, so that a card number is never cut short by a shorter one inside it.
function cardDigits(run: readonly Digit[]): readonly Digit[] {
  for (let size = Math.min(run.length, CARD_DIGITS_MAX); size >= CARD_DIGITS_MIN; size -= 1) {
    for (let start = 0; start + size <= run.length; start += 1) {
      const candidate = run.slice(start, start + size);
      if (!standsAlone(run, start, size) || !isGroupedAsCard(candidate)) continue;
      if (!passesLuhn(candidate)) continue;
      return [...candidate.slice(0, -4), ...cardDigits(run.slice(start + size))];
    }
  }
  return [];
}

/** A card number is written by itself: it neither begins nor ends amid digits that touch it. */
function standsAlone(run: readonly Digit[], start: number, size: number): boolean {
  const touches = (at: number) => {
    const [left, right] = [run[at - 1], run[at]];
    return left !== undefined && right !== undefined && right.index - left.index === 1;
  };
  return !touches(start) && !touches(start + size);
}

/** Cards are written in groups of three or more, or in groups of one size. Dates and times are not. */
function isGroupedAsCard(digits: readonly Digit[]): boolean {
  const sizes: number[] = [];
  digits.forEach((digit, at) => {
    const previous = digits[at - 1];
    if (previous && digit.index - previous.index === 1) sizes[sizes.length - 1]! += 1;
    else sizes.push(1);
  });
  const whole = sizes.slice(0, -1);
  return whole.every((size) => size >= 3) || whole.every((size) => size === whole[0]);
}

function passesLuhn(digits: readonly Digit[]): boolean {
  let sum = 0;
  digits.forEach(({ value }, index) => {
    const doubled = (digits.length - index) % 2 === 0 ? value * 2 : value;
    sum += doubled > 9 ? doubled - 9 : doubled;
  });
  return sum > 0 && sum % 10 === 0;
}

function socialSecurityDigits(characters: readonly string[]): number[] {
  const plain = characters
    .map(
      (character) => digitOf(character)?.toString() ?? (character.length === 1 ? character : '?'),
    )
    .join('');
  const written =
    /(?<!\d)(?!000|666|9\d\d)\d{3}([-\u2010-\u2015 .])(?!00)\d{2}\1(?!0000)\d{4}(?!\d)/g;
  const named = /(?:ssn|social security(?: number| no\.?)?)\D{0,10}(\d{9})(?!\d)/gi;
  const found: number[] = [];
  for (const pattern of [written, named]) {
    for (const match of plain.matchAll(pattern)) {
      for (let at = 0; at < match[0].length; at += 1) {
        if (/\d/.test(match[0].charAt(at))) found.push(match.index + at);
      }
    }
  }
  return found;
}
