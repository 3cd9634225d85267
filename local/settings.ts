import { resolve } from 'node:path';
import { z } from 'zod';
import { StartError } from './start-error.ts';

const port = z.coerce.number().int().min(0).max(65535);

const schema = z.object({
  NODE_ENV: z.string().optional(),
  /** Where the graph is served. */
  PORT: port.default(4000),
  /** Where data is kept between starts. */
  PARLEY_DATA: z.string().min(1).default('.data'),
  /** An administrator's URL of PostgreSQL 15 or newer; without it an embedded one is started. */
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//)
    .optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('warn'),
});

export interface LocalSettings {
  readonly port: number;
  readonly dataDirectory: string;
  readonly databaseUrl: string | null;
  readonly logLevel: string;
}

const ALLOWED: Readonly<Record<string, string>> = {
  PORT: 'a number from 0 to 65535',
  PARLEY_DATA: 'a folder',
  DATABASE_URL: 'postgres://user:password@host:port/database',
  LOG_LEVEL: 'trace, debug, info, warn, error, fatal or silent',
};

/** Reads the settings of the local mode; a wrong one is one line that says what is allowed. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): LocalSettings {
  if (env.NODE_ENV === 'production') {
    throw new StartError(
      'The local mode hands out tokens to anybody and never runs with NODE_ENV=production.',
    );
  }
  const parsed = schema.safeParse(env);
  if (!parsed.success) {
    const name = String(parsed.error.issues[0]?.path[0] ?? 'setting');
    const given = name === 'DATABASE_URL' ? '' : ` "${env[name]}"`;
    throw new StartError(
      `${name}${given} cannot be used: expected ${ALLOWED[name] ?? 'another value'}.`,
    );
  }
  const { PORT, PARLEY_DATA, DATABASE_URL, LOG_LEVEL } = parsed.data;
  return {
    port: PORT,
    dataDirectory: resolve(PARLEY_DATA),
    databaseUrl: DATABASE_URL ?? null,
    logLevel: LOG_LEVEL,
  };
}
