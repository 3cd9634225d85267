import { z } from 'zod';
import { ConfigError, parseConfig } from './kernel/config.ts';
import {
  bootstrapDatabase,
  SUBGRAPH_NAMES,
  type SubgraphName,
} from './kernel/persistence/bootstrap.ts';

/** Settings of this command: whatever else is in the environment is not looked at. */
export const bootstrapConfigSchema = z.object({
  /** A role that may create roles and schemas, in the database all subgraphs share. */
  ADMIN_DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'expected postgres://user:password@host:port/database'),
  /** "catalog=...,orders=...": the password of each subgraph's role. */
  SUBGRAPH_PASSWORDS: z.string().transform((text, context): ReadonlyMap<string, string> => {
    const passwords = new Map(
      text.split(',').map((pair) => {
        const at = pair.indexOf('=');
        return [pair.slice(0, at).trim(), pair.slice(at + 1)] as const;
      }),
    );
    const missing = SUBGRAPH_NAMES.filter((name) => !passwords.get(name));
    if (missing.length > 0) {
      context.addIssue({ code: 'custom', message: `no password of ${missing.join(', ')}` });
      return z.NEVER;
    }
    return passwords;
  }),
});

/**
 * `node subgraphs/bootstrap.js`: makes the roles and schemas, before any subgraph starts. Harmless to
 * repeat, and the way to give the roles other passwords.
 */
async function main(): Promise<void> {
  const config = parseConfig(bootstrapConfigSchema, process.env);
  await bootstrapDatabase(
    config.ADMIN_DATABASE_URL,
    (name: SubgraphName) => config.SUBGRAPH_PASSWORDS.get(name) ?? '',
  );
  process.stdout.write('The roles and schemas of all subgraphs are in place.\n');
}

if (process.argv[1] && import.meta.filename.startsWith(process.argv[1].replace(/\.[jt]s$/, ''))) {
  main().catch((error: unknown) => {
    const message = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
    const prefix = error instanceof ConfigError ? '' : 'the database cannot be made ready: ';
    process.stderr.write(`parley: ${prefix}${message}\n`);
    process.exitCode = 1;
  });
}
