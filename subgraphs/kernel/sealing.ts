import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

/** "keyId:base64 of 32 bytes" pairs, comma separated; the first seals, all open. */
export function parseSealingKeys(text: string): ReadonlyMap<string, Buffer> {
  const keys = new Map(
    text.split(',').map((pair) => {
      const at = pair.indexOf(':');
      return [pair.slice(0, at), Buffer.from(pair.slice(at + 1), 'base64')] as const;
    }),
  );
  for (const [keyId, key] of keys) {
    if (!/^[\w.-]{1,32}$/.test(keyId) || key.length !== 32)
      throw new TypeError('expected keyId:base64-of-32-bytes');
  }
  return keys;
}

/**
 * Seals personal data at rest with AES-256-GCM. The additional data names the row and the field, so
 * that a value copied into another row does not open there.
 */
export class Sealer {
  constructor(private readonly keys: ReadonlyMap<string, Buffer>) {}

  seal(text: string, place: string): string {
    const [keyId, key] = [...this.keys][0] ?? [];
    if (keyId === undefined || key === undefined) throw new Error('no sealing key');
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key, iv);
    cipher.setAAD(Buffer.from(`${keyId}\0${place}`));
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return `v1.${keyId}.${Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url')}`;
  }

  /** Throws when the key is gone, the value was altered, or it stands in another place. */
  open(sealed: string, place: string): string {
    const match = /^v1\.([\w.-]{1,32})\.([\w-]+)$/.exec(sealed);
    const key = this.keys.get(match?.[1] ?? '');
    if (!match || !key) throw new Error('this sealed value cannot be opened');
    const bytes = Buffer.from(match[2] ?? '', 'base64url');
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
    decipher.setAAD(Buffer.from(`${match[1]}\0${place}`));
    decipher.setAuthTag(bytes.subarray(12, 28));
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
  }

  /** A keyed fingerprint for equality checks. Unkeyed, a nine-digit number is found in minutes. */
  fingerprint(text: string, purpose: string): string {
    const key = [...this.keys.values()].at(-1);
    if (!key) throw new Error('no sealing key');
    return createHmac('sha256', key).update(`${purpose}\0${text}`).digest('hex');
  }
}
