import { z } from 'zod';
import { TrustedProxies } from './client-address.ts';

/** A setting that cannot be used: its name, what it was, what is allowed. One line for a person. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const flag = z
  .enum(['true', 'false', '1', '0'])
  .transform((value) => value === 'true' || value === '1');
const positive = z.coerce.number().int().positive();
const names = z.string().transform((text) =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== ''),
);

const environment = z.object({
  NODE_ENV: z.string().default('development'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(4000),
  HOST: z.string().min(1).default('127.0.0.1'),
  /** Introspection, suggestions and the explorer; by default everywhere but in production. */
  GATEWAY_INTROSPECTION: flag.optional(),
  GATEWAY_COST_MAX: z.coerce.number().int().min(0).optional(),
  GATEWAY_ASSUMED_LIST_SIZE: positive.optional(),
  GATEWAY_DEPTH_MAX: z.coerce.number().int().min(0).optional(),
  GATEWAY_COALESCE_READS: flag.default(true),
  GATEWAY_QUERY_TIMEOUT_MS: positive.max(30_000).optional(),
  GATEWAY_MUTATION_TIMEOUT_MS: positive.max(30_000).optional(),
  GATEWAY_REQUEST_TIMEOUT_MS: positive.optional(),
  GATEWAY_PROPAGATE_HEADERS: names.default([]),
  GATEWAY_CORS_ORIGINS: names.default([]),
  /** The registry of clients: a JSON file that is watched. */
  GATEWAY_CLIENTS_FILE: z.string().min(1).optional(),
  /** What unregistered clients may send, where clients or manifests are configured. */
  GATEWAY_DEFAULT_CLIENT_MODE: z.enum(['open', 'log-unknown', 'safelist', 'ids-only']).optional(),
  /** Points a minute of each user of a client without a budget of its own. */
  GATEWAY_USER_COST_PER_MINUTE: positive.optional(),
  /** Points a minute of all anonymous callers of one address (IPv6: of one /64 network). */
  GATEWAY_ANONYMOUS_COST_PER_MINUTE: positive.optional(),
  /**
   * Addresses or networks of the proxies in front, `10.0.0.0/8,::1`: only they are believed when they
   * name another address in X-Forwarded-For.
   */
  GATEWAY_TRUSTED_PROXIES: names.default([]).transform(networks),
  /** A PostgreSQL address: gateway processes share budgets and revocations through it. */
  GATEWAY_STORE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  /** JSON: `[{"issuer", "audience", "jwksUri"?}]`. Tokens of nobody else are accepted. */
  GATEWAY_ISSUERS: z.string().optional().transform(issuers),
  /** `id:secret,id:secret`; the first signs. The same in every process of one gateway. */
  GATEWAY_CURSOR_KEYS: z.string().optional().transform(cursorKeys),
  /** `service=keyId:secret,...`: subgraph requests are signed for the services named. */
  GATEWAY_SIGNING_KEYS: z.string().optional().transform(signingKeys),
});

export type GatewayConfig = z.infer<typeof environment>;

/** Every environment variable of the gateway, read once. Throws ConfigError. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): GatewayConfig {
  const result = environment.safeParse(env);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const name = String(issue?.path[0] ?? '');
  const secret = /_(KEYS|STORE_URL)$/.test(name);
  const value = secret ? '' : ` is ${JSON.stringify(env[name])}`;
  throw new ConfigError(`${name}${value}: ${issue?.message ?? 'not usable'}`);
}

const CURSOR_SECRET_CHARACTERS_MIN = 32;

function networks(entries: readonly string[], context: z.RefinementCtx) {
  try {
    return new TrustedProxies(entries);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
    return z.NEVER;
  }
}

function cursorKeys(text: string | undefined, context: z.RefinementCtx) {
  if (text === undefined || text === '') return undefined;
  return text.split(',').map((entry) => {
    const [id = '', secret = ''] = split(entry, ':');
    const number = Number(id);
    if (!Number.isInteger(number) || number < 0 || number > 255) {
      context.addIssue({ code: 'custom', message: 'a key id is a number from 0 to 255' });
    }
    if (secret.length < CURSOR_SECRET_CHARACTERS_MIN) {
      context.addIssue({ code: 'custom', message: 'a secret has at least 32 characters' });
    }
    return { id: number, secret };
  });
}

const issuersSchema = z.array(
  z.strictObject({
    issuer: z.string().min(1),
    audience: z.union([z.string(), z.array(z.string()).min(1)]),
    jwksUri: z.url().optional(),
    kindClaim: z.string().optional(),
    kindDefault: z.string().optional(),
    kinds: z.array(z.string()).optional(),
    claims: z.array(z.string()).optional(),
  }),
);

function issuers(text: string | undefined, context: z.RefinementCtx) {
  if (text === undefined || text === '') return [];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'expected JSON' });
    return [];
  }
  const result = issuersSchema.safeParse(value);
  if (result.success) return result.data;
  context.addIssue({ code: 'custom', message: result.error.issues[0]?.message ?? 'not usable' });
  return [];
}

function signingKeys(text: string | undefined, context: z.RefinementCtx) {
  const keys = new Map<string, { keyId: string; secret: string }>();
  if (text === undefined || text === '') return keys;
  for (const entry of text.split(',')) {
    const [service, key = ''] = split(entry, '=');
    const [keyId, secret] = split(key, ':');
    if (!service || !keyId || !secret) {
      context.addIssue({ code: 'custom', message: 'expected service=keyId:secret' });
    } else {
      keys.set(service, { keyId, secret });
    }
  }
  return keys;
}

function split(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text.trim(), undefined] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}
