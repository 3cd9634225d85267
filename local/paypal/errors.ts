import { randomBytes } from 'node:crypto';
import { ISSUE_DESCRIPTIONS } from './issues.ts';

interface Detail {
  readonly issue: string;
  readonly field?: string;
  readonly description: string;
}

/** An error answer in PayPal's form: name, message, debug_id and details with an issue each. */
export class PayPalError extends Error {
  constructor(
    readonly status: number,
    readonly errorName: string,
    message: string,
    readonly details: readonly Detail[] = [],
  ) {
    super(message);
    this.name = 'PayPalError';
  }

  static invalid(issue: string, field?: string): PayPalError {
    return new PayPalError(
      400,
      'INVALID_REQUEST',
      'Request is not well-formed, syntactically incorrect, or violates schema.',
      [detail(issue, field)],
    );
  }

  static unprocessable(issue: string, field?: string): PayPalError {
    return new PayPalError(
      422,
      'UNPROCESSABLE_ENTITY',
      'The requested action could not be performed, semantically incorrect, or failed business validation.',
      [detail(issue, field)],
    );
  }

  static notFound(): PayPalError {
    return PayPalError.absent('INVALID_RESOURCE_ID');
  }

  static absent(issue: string): PayPalError {
    return new PayPalError(404, 'RESOURCE_NOT_FOUND', 'The specified resource does not exist.', [
      detail(issue),
    ]);
  }

  body(): Record<string, unknown> {
    return {
      name: this.errorName,
      message: this.message,
      debug_id: debugId(),
      details: this.details,
      links: [
        {
          href: 'https://developer.paypal.com/api/rest/responses/',
          rel: 'information_link',
          method: 'GET',
        },
      ],
    };
  }
}

function detail(issue: string, field?: string): Detail {
  return {
    issue,
    ...(field ? { field } : {}),
    description: ISSUE_DESCRIPTIONS[issue] ?? issue.toLowerCase().replaceAll('_', ' '),
  };
}

export function debugId(): string {
  return randomBytes(7).toString('hex').slice(0, 13);
}
