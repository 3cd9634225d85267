import { resolve } from 'node:path';
import { z } from 'zod';
import { StartError } from './start-error.ts';

const PORT_MAX = 65_535;

const schema = z.object({
  NODE_ENV: z.string().optional(),
  /** Where the graph is served. */
  PORT: z
    .string()
    .regex(/^\d+$/)
    .transform(Number)
    .refine((port) => port <= PORT_MAX)
    .default(4000),
  /** Where data is kept between starts. */
  PARLEY_DATA: z.string().min(1).default('.data'),
  /** An administrator's URL of PostgreSQL 15 or newer; without it an embedded one is started. */
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//)
    .optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('warn'),
  /** "separate": each subgraph and the gateway is a process of its own, as in production. */
  PARLEY_PROCESSES: z.enum(['one', 'separate']).default('one'),
});

export interface LocalSettings {
  readonly port: number;
  readonly dataDirectory: string;
  readonly databaseUrl: string | null;
  readonly logLevel: string;
  readonly separateProcesses: boolean;
}

const ALLOWED: Readonly<Record<string, string>> = {
  PORT: 'a number from 0 to 65535',
  PARLEY_DATA: 'a folder',
  DATABASE_URL: 'postgres://user:password@host:port/database',
  LOG_LEVEL: 'trace, debug, info, warn, error, fatal or silent',
  PARLEY_PROCESSES: 'one or separate',
};

const PROCESSES_FLAG = '--processes';

/** Reads the settings of the local mode; a wrong one is one line that says what is allowed. */
export function readSettings(
  env: Readonly<Record<string, string | undefined>>,
  flags: readonly string[] = [],
): LocalSettings {
  if (env.NODE_ENV === 'production') {
    throw new StartError(
      'The local mode hands out tokens to anybody and never runs with NODE_ENV=production.',
    );
  }
  const unknown = flags.find((flag) => flag !== PROCESSES_FLAG);
  if (unknown !== undefined) {
    throw new StartError(`There is no "${unknown}". The only flag is ${PROCESSES_FLAG}.`);
  }
  const parsed = schema.safeParse(env);
  if (!parsed.success) {
    const name = String(parsed.error.issues[0]?.path[0] ?? 'setting');
    const given = name === 'DATABASE_URL' ? '' : ` "${env[name]}"`;
    throw new StartError(
      `${name}${given} cannot be used: expected ${ALLOWED[name] ?? 'another value'}.`,
    );
  }
  const { PORT, PARLEY_DATA, DATABASE_URL, LOG_LEVEL, PARLEY_PROCESSES } = parsed.data;
  return {
    port: PORT,
    dataDirectory: resolve(PARLEY_DATA),
    databaseUrl: DATABASE_URL ?? null,
    logLevel: LOG_LEVEL,
    separateProcesses: PARLEY_PROCESSES === 'separate' || flags.includes(PROCESSES_FLAG),
  };
}
