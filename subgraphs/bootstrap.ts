import { z } from 'zod';
import { ConfigError, parseConfig } from './kernel/config.ts';
import {
  bootstrapDatabase,
  roleOf,
  type SubgraphName,
  schemaOf,
} from './kernel/persistence/bootstrap.ts';

/** Shorter ones can be guessed; roles may be reachable from the whole network of the database. */
const PASSWORD_CHARACTERS_MIN = 16;

const password = z
  .string()
  .min(
    PASSWORD_CHARACTERS_MIN,
    `expected a password of ${PASSWORD_CHARACTERS_MIN} characters or more`,
  );

const schema = z.object({
  ADMIN_DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'expected postgres://user:password@host:port/database'),
  SELLER_ACCOUNTS_PASSWORD: password,
  CATALOG_PASSWORD: password,
  CONVERSATIONS_PASSWORD: password,
  PAYMENTS_PASSWORD: password,
  ORDERS_PASSWORD: password,
});

type PasswordVariable = Exclude<keyof z.infer<typeof schema>, 'ADMIN_DATABASE_URL'>;

/** "seller-accounts" -> "SELLER_ACCOUNTS_PASSWORD". */
function passwordVariableOf(name: SubgraphName): PasswordVariable {
  return `${schemaOf(name).toUpperCase()}_PASSWORD` as PasswordVariable;
}

/** Gives a database its roles and schemas before the subgraphs start; again, to change passwords. */
async function main(): Promise<void> {
  const config = parseConfig(schema, process.env);
  const roles: string[] = [];
  await bootstrapDatabase(config.ADMIN_DATABASE_URL, (name) => {
    roles.push(roleOf(name));
    return config[passwordVariableOf(name)];
  });
  process.stdout.write(`Ready: ${roles.join(', ')}\n`);
}

main().catch((error: unknown) => {
  const { message, code } = error as { message?: string; code?: string };
  const line = (message || code || String(error)).split('\n', 1)[0];
  process.stderr.write(
    error instanceof ConfigError
      ? `bootstrap: ${line}\n`
      : `bootstrap: the database cannot be used: ${line}\n`,
  );
  process.exitCode = 1;
});
