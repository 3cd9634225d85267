import { createPublicKey, createSign, type KeyObject } from 'node:crypto';

const YEARS_VALID = 5;

/**
 * A self-signed X.509 certificate as PEM, because PayPal serves one to check webhooks with and
 * Node.js can read certificates but not make them. Only what such a certificate needs: version 1,
 * one common name, RSA with SHA-256.
 */
export function selfSignedCertificate(
  privateKey: KeyObject,
  commonName: string,
  now: Date,
): string {
  const publicKeyDer = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const name = sequence(set(sequence(oid('2.5.4.3'), tagged(0x0c, Buffer.from(commonName)))));
  const until = new Date(now);
  until.setUTCFullYear(until.getUTCFullYear() + YEARS_VALID);
  const algorithm = sequence(oid('1.2.840.113549.1.1.11'), tagged(0x05, Buffer.alloc(0)));
  const body = sequence(
    tagged(0x02, Buffer.from([1])),
    algorithm,
    name,
    sequence(utcTime(new Date(now.getTime() - 86_400_000)), utcTime(until)),
    name,
    publicKeyDer,
  );
  const signature = createSign('RSA-SHA256').update(body).sign(privateKey);
  const der = sequence(body, algorithm, tagged(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const bytes = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...bytes]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function set(...parts: readonly Buffer[]): Buffer {
  return tagged(0x31, Buffer.concat(parts));
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** Seven bits a byte, most significant first, the top bit set on all but the last. */
function base128(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let rest = value >> 7; rest > 0; rest >>= 7) bytes.unshift((rest & 0x7f) | 0x80);
  return bytes;
}

function utcTime(at: Date): Buffer {
  const digits = at.toISOString().replaceAll(/[-:T]|\.\d+Z/g, '');
  return tagged(0x17, Buffer.from(`${digits.slice(2)}Z`));
}
