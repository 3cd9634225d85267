import { randomBytes } from 'node:crypto';
import type { Reply } from './api.ts';
import { PayPalError } from './errors.ts';

const TOKEN_SECONDS = 32_400;

/** OAuth 2.0 with client credentials. Tokens end on the simulator's clock, and with the process. */
export class Tokens {
  private readonly endsAt = new Map<string, number>();

  constructor(
    private readonly clientId: string,
    private readonly clientSecret: string,
    private readonly now: () => number,
  ) {}

  issue(authorization: string | undefined, grantType: unknown): Reply {
    const credentials = Buffer.from(`${this.clientId}:${this.clientSecret}`).toString('base64');
    if (authorization !== `Basic ${credentials}`)
      return refusal(401, 'invalid_client', 'Client Authentication failed');
    if (grantType !== 'client_credentials')
      return refusal(400, 'unsupported_grant_type', 'Grant Type is NULL or not supported');
    const token = `A21AA${randomBytes(24).toString('base64url')}`;
    this.endsAt.set(token, this.now() + TOKEN_SECONDS * 1_000);
    return {
      status: 200,
      body: {
        scope: 'https://uri.paypal.com/services/payments',
        access_token: token,
        token_type: 'Bearer',
        app_id: 'APP-SIMULATOR',
        expires_in: TOKEN_SECONDS,
        nonce: new Date(this.now()).toISOString(),
      },
    };
  }

  check(authorization: string | undefined): void {
    const token = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1] ?? '';
    if ((this.endsAt.get(token) ?? 0) > this.now()) return;
    throw new PayPalError(
      401,
      'AUTHENTICATION_FAILURE',
      'Authentication failed due to missing authorization header, or invalid authentication credentials.',
      [{ issue: 'INVALID_TOKEN', description: 'The token passed was not found in the system.' }],
    );
  }
}

function refusal(status: number, error: string, description: string): Reply {
  return { status, body: { error, error_description: description } };
}
