/** Longer strings go to the native escaper, which wins once the call is paid for. */
const SCAN_LENGTH_MAX = 48;

/** The JSON text of a string; short plain ones, nearly all there are, without a native call. */
export function quote(text: string): string {
  const length = text.length;
  if (length > SCAN_LENGTH_MAX) return JSON.stringify(text);
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code === 0x22 || code === 0x5c || code >= 0xd800) {
      return JSON.stringify(text);
    }
  }
  return `"${text}"`;
}

/** The JSON text of any value that came out of JSON. */
export function valueText(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'null';
  return JSON.stringify(value) ?? 'null';
}
