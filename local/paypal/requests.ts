import type { IncomingMessage } from 'node:http';
import { PayPalError } from './errors.ts';

const BODY_BYTES_MAX = 1_048_576;

export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new Error('body too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** JSON, a form, or the JSON part of a form with files, as PayPal's calls take them. */
export function parseBody(text: string, contentType: string): Record<string, unknown> {
  if (text === '') return {};
  if (contentType.startsWith('application/x-www-form-urlencoded'))
    return Object.fromEntries(new URLSearchParams(text));
  const json = contentType.startsWith('multipart/form-data') ? inputPart(text, contentType) : text;
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Told below, together with JSON that is no object.
  }
  throw PayPalError.invalid('MALFORMED_REQUEST_JSON');
}

/** The part named `input`. Files beside it are evidence that nobody here looks at. */
function inputPart(text: string, contentType: string): string {
  const boundary = /boundary="?([^";]+)/.exec(contentType)?.[1];
  const parts = boundary ? text.split(`--${boundary}`) : [];
  const part = parts.find((one) => /^content-disposition:[^\r\n]*name="input"/im.test(one));
  return part?.split('\r\n\r\n').slice(1).join('\r\n\r\n').trim() ?? '';
}
