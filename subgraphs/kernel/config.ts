import { z } from 'zod';
import type { SigningKey } from './identity/request-signature.ts';

/** A setting that cannot be used. Its message is one line that names the variable. */
export class ConfigError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConfigError';
  }
}

/** Parses the environment once, at the start; the first wrong setting ends it with one clear line. */
export function parseConfig<T extends z.ZodType>(
  schema: T,
  env: Readonly<Record<string, string | undefined>>,
): z.infer<T> {
  const parsed = schema.safeParse(env);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const name = issue?.path.join('.') ?? 'environment';
  const given = env[name] === undefined ? 'is missing' : 'is not usable';
  throw new ConfigError(`${name} ${given}: ${issue?.message ?? 'invalid'}`);
}

/** "keyId:secret" pairs, comma separated; the first signs, all verify, so keys can be rotated. */
const signingKeys = z
  .string()
  .min(1, 'expected keyId:secret[,keyId:secret]')
  .transform((text, context): SigningKey[] => {
    const keys = text.split(',').map((pair) => {
      const at = pair.indexOf(':');
      return { keyId: pair.slice(0, at), secret: pair.slice(at + 1) };
    });
    if (keys.some((key) => !/^[\w.-]{1,64}$/.test(key.keyId) || key.secret.length < 32)) {
      context.addIssue({
        code: 'custom',
        message: 'expected keyId:secret with secrets of 32 characters or more',
      });
      return z.NEVER;
    }
    return keys;
  });

/** Settings every subgraph process has. A subgraph with more extends this object. */
export const subgraphConfigSchema = z.object({
  NODE_ENV: z.enum(['development', 'test', 'production']).default('production'),
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65535).default(0),
  /** Connection of this subgraph's own role; it sees its own schema and the event bus, nothing else. */
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'expected postgres://user:password@host:port/database'),
  DATABASE_POOL_MAX: z.coerce.number().int().min(2).max(200).default(10),
  SIGNING_KEYS: signingKeys,
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  /** Where the other subgraphs listen, "catalog=http://...,orders=http://...": for system calls. */
  SUBGRAPH_URLS: z
    .string()
    .default('')
    .transform(
      (text) =>
        new Map(
          text
            .split(',')
            .filter(Boolean)
            .map(
              (pair) =>
                [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)] as const,
            ),
        ),
    ),
});

export type SubgraphConfig = z.infer<typeof subgraphConfigSchema>;
