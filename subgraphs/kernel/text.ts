import { DomainError } from './errors.ts';

export class TextInvalid extends DomainError {
  constructor(
    code: 'TEXT_EMPTY' | 'TEXT_TOO_LONG' | 'TEXT_NOT_STORABLE',
    message: string,
    path: readonly string[],
  ) {
    super(code, message, { path });
  }
}

export interface TextLimits {
  readonly path: readonly string[];
  /** Counted in Unicode code points: one emoji may be several, as the person typing would expect of a limit. */
  readonly maxCodePoints: number;
  readonly allowEmpty?: boolean;
}

/**
 * Returns the text unchanged, byte for byte: no normalisation, so Hindi, Thai, Arabic and emoji come
 * back as they were sent. Refuses what PostgreSQL cannot store (U+0000) or would silently replace
 * (lone surrogates), blank text, and text over the limit.
 */
export function checkedText(
  value: string,
  { path, maxCodePoints, allowEmpty = false }: TextLimits,
): string {
  const name = path.at(-1) ?? 'text';
  if (value.includes('\u0000') || !value.isWellFormed()) {
    throw new TextInvalid(
      'TEXT_NOT_STORABLE',
      `${name} holds a NUL or half a surrogate pair; remove it.`,
      path,
    );
  }
  if (!allowEmpty && value.trim() === '')
    throw new TextInvalid('TEXT_EMPTY', `${name} must not be empty.`, path);
  // A string's length is never below its code points, so most texts need no count.
  if (value.length > maxCodePoints && [...value].length > maxCodePoints) {
    throw new TextInvalid(
      'TEXT_TOO_LONG',
      `${name} may be at most ${maxCodePoints} characters long.`,
      path,
    );
  }
  return value;
}
