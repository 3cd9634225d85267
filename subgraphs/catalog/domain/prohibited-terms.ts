/**
 * The prohibited terms that stand in a text as words of their own, however they are written: case,
 * full-width letters and ligatures make no difference. "grass" is not met by "ass".
 */
export function prohibitedTermsIn(
  texts: readonly string[],
  prohibited: readonly string[],
): readonly string[] {
  const text = texts.map(folded).join('\n');
  return prohibited.filter((term) => wordPattern(folded(term)).test(text));
}

// Only for comparing: what is stored and shown stays as it was written.
function folded(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

function wordPattern(term: string): RegExp {
  const escaped = term.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&').replaceAll(/\s+/g, '\\s+');
  return new RegExp(`(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`, 'u');
}
