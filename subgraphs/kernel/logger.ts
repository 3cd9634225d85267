import { type Logger, pino } from 'pino';

export type { Logger };

/**
 * Fields that may hold secrets or personal data, wherever they stand. Redaction is by construction:
 * nothing is logged as free text from input, and these names never pass even when someone tries.
 */
const NEVER_LOGGED = [
  'authorization',
  'cookie',
  'password',
  'secret',
  'token',
  'accessToken',
  'apiKey',
  'clientSecret',
  'socialSecurityNumber',
  'ssn',
  'taxId',
  'dateOfBirth',
  'bankAccount',
  'address',
  'shippingAddress',
  'line1',
  'line2',
  'postalCode',
  'phone',
  'email',
  'text',
  'variables',
  'body',
  'vaultId',
  'query',
];

export function createLogger(name: string, level: string): Logger {
  return pino({
    name,
    level,
    redact: {
      paths: NEVER_LOGGED.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
      censor: '[redacted]',
    },
    serializers: { err: safeError },
  });
}

/** An error as logs may hold it. PostgreSQL puts key values into `detail`; it never gets here. */
function safeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error };
  const { code, constraint, table } = error as {
    code?: unknown;
    constraint?: unknown;
    table?: unknown;
  };
  return {
    type: error.name,
    message: firstLine(error.message),
    code,
    constraint,
    table,
    stack: framesOf(error.stack),
  };
}

// A database error's first line names what failed; later lines can repeat statements with values.
function firstLine(message: string): string {
  return message.split('\n', 1)[0]?.slice(0, 300) ?? '';
}

// Only frames: drivers put the details of a failure, key values among them, between the lines.
function framesOf(stack: string | undefined): string {
  return (stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 30)
    .join('\n');
}
