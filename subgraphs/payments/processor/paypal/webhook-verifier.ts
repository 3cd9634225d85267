import { createVerify, X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { crc32 } from 'node:zlib';
import { request } from 'undici';
import type { WebhookHeaders } from '../../application/processor.port.ts';

export interface WebhookVerifierOptions {
  /** PayPal's id of our webhook; part of what is signed, so a webhook meant for another is refused. */
  readonly webhookId: string;
  /**
   * The origin of a local simulator, such as http://127.0.0.1:4100, whose own certificate is taken
   * without a chain. Null everywhere else: then only PayPal's hosts are asked, over https.
   */
  readonly simulatorOrigin: string | null;
}

const FETCH_TIMEOUT_MS = 5_000;
const CERTIFICATE_BYTES_MAX = 65_536;
/** PayPal has a few certificates at a time; anything more is somebody filling our memory. */
const CERTIFICATES_MAX = 16;
/** Asked for again after this long, so that a certificate that was withdrawn does not live on. */
const CERTIFICATE_AGE_MS_MAX = 12 * 3_600_000;

/**
 * Checks PayPal's signature over the raw bytes of a webhook. PayPal repeats a webhook for three days
 * with its first time, so an old time is no reason to refuse; a repeat is found by its event id.
 */
export class WebhookVerifier {
  private readonly certificates = new Map<
    string,
    { readonly certificate: X509Certificate; readonly readAtMs: number }
  >();

  constructor(
    private readonly options: WebhookVerifierOptions,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /** Why it is refused, or null when it is good. Rejects when the certificate cannot be had now. */
  async refusal(headers: WebhookHeaders, rawBody: Buffer): Promise<string | null> {
    const id = headers['paypal-transmission-id'];
    const time = headers['paypal-transmission-time'];
    const signature = headers['paypal-transmission-sig'];
    const certUrl = headers['paypal-cert-url'];
    if (!id || !time || !signature || !certUrl) return 'MISSING_SIGNATURE_HEADERS';
    // Fixed: an algorithm of the sender's choice is no protection.
    if (headers['paypal-auth-algo'] !== 'SHA256withRSA') return 'ALGORITHM_NOT_ALLOWED';
    const url = this.allowedUrl(certUrl);
    if (url === null) return 'CERTIFICATE_HOST_NOT_ALLOWED';

    const certificate = await this.certificateOf(url);
    if (certificate === null) return 'CERTIFICATE_NOT_TRUSTED';
    const signed = `${id}|${time}|${this.options.webhookId}|${crc32(rawBody)}`;
    const isGood = createVerify('RSA-SHA256')
      .update(signed)
      .verify(certificate.publicKey, signature, 'base64');
    return isGood ? null : 'SIGNATURE_DOES_NOT_MATCH';
  }

  /** Decided before any call is made: the address comes from whoever sent the webhook. */
  private allowedUrl(text: string): URL | null {
    if (!URL.canParse(text)) return null;
    const url = new URL(text);
    if (url.username || url.password || url.hash) return null;
    if (url.origin === this.options.simulatorOrigin) return url;
    const isPayPal = url.protocol === 'https:' && url.hostname.endsWith('.paypal.com');
    return isPayPal && url.port === '' ? url : null;
  }

  private async certificateOf(url: URL): Promise<X509Certificate | null> {
    const known = this.certificates.get(url.href);
    const now = this.nowMs();
    if (known && now - known.readAtMs < CERTIFICATE_AGE_MS_MAX) return known.certificate;
    const chain = certificatesIn(await fetchPem(url));
    const isTrusted =
      url.origin === this.options.simulatorOrigin ? chain.length > 0 : isChainTrusted(chain, now);
    const [leaf] = chain;
    if (!isTrusted || leaf === undefined || leaf.publicKey.asymmetricKeyType !== 'rsa') return null;
    if (this.certificates.size >= CERTIFICATES_MAX) this.certificates.clear();
    this.certificates.set(url.href, { certificate: leaf, readAtMs: now });
    return leaf;
  }
}

/** No redirect is followed: it would lead off the list. */
async function fetchPem(url: URL): Promise<string> {
  const response = await request(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
  if (response.statusCode !== 200) {
    await response.body.dump();
    throw new Error(`the certificate could not be read: ${response.statusCode}`);
  }
  let text = '';
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    text += chunk.toString('latin1');
    if (text.length > CERTIFICATE_BYTES_MAX) throw new Error('the certificate is too large');
  }
  return text;
}

function certificatesIn(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return [];
  }
}

/** In its time, for PayPal, each signed by the next, and the last by a root that Node.js trusts. */
export function isChainTrusted(
  chain: readonly X509Certificate[],
  nowMs: number,
  roots: readonly string[] = rootCertificates,
): boolean {
  const [leaf] = chain;
  if (leaf === undefined || !/(^|\n)CN=([a-z0-9-]+\.)+paypal\.com(\n|$)/i.test(leaf.subject))
    return false;
  const areValid = chain.every(
    (item) => Date.parse(item.validFrom) <= nowMs && nowMs <= Date.parse(item.validTo),
  );
  const areLinked = chain
    .slice(0, -1)
    .every((item, index) => issued(chain[index + 1] as X509Certificate, item));
  const last = chain.at(-1) as X509Certificate;
  return areValid && areLinked && roots.some((root) => issued(new X509Certificate(root), last));
}

function issued(issuer: X509Certificate, subject: X509Certificate): boolean {
  return subject.checkIssued(issuer) && subject.verify(issuer.publicKey);
}
