import { parseArgs } from 'node:util';
import { ConfigError, readConfig } from './config.ts';
import { openBudgetStore } from './rate-limits.ts';
import { shareRevocation } from './revocation-store.ts';

// `npm run credentials:revoke`: ends tokens before their time, in every gateway that shares a store.

const USAGE = `Revokes the tokens of a subject that were issued so far, or one token of it.

  npm run credentials:revoke -- --issuer ISS --subject SUB [--token JTI]

  --issuer ISS    the issuer of the tokens, as in their claim iss
  --subject SUB   whose tokens, as in their claim sub
  --token JTI     only the token with this claim jti
  --store URL     default GATEWAY_STORE_URL: the PostgreSQL that the gateways share

Gateways refuse the tokens within about a second, and end the streams and sockets opened with them.
An API key is ended with "npm run clients:key -- --client NAME --retire ID".
`;

/** Runs the command; resolves to what it prints. Throws ConfigError with one clear line. */
export async function runRevokeCredentials(
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const flags = flagsOf(args);
  if (flags.help) return USAGE;
  const { issuer: iss, subject: sub, token: jti } = flags;
  if (!iss) throw new ConfigError('--issuer ISS is missing; try --help');
  if (!sub) throw new ConfigError('--subject SUB is missing; try --help');
  const url = flags.store ?? readConfig(env).GATEWAY_STORE_URL;
  if (!url) throw new ConfigError('set GATEWAY_STORE_URL, or give --store URL');
  const pool = openBudgetStore(url);
  try {
    await shareRevocation(pool, { iss, sub, ...(jti === undefined ? {} : { jti }) });
  } catch (error) {
    throw new ConfigError(`the store cannot be used: ${(error as Error).message}`);
  } finally {
    await pool.end();
  }
  const what = jti === undefined ? 'Every token issued so far' : `Token ${jti}`;
  return `${what} of ${sub} is revoked. Gateways refuse it within about a second.\n`;
}

function flagsOf(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        issuer: { type: 'string' },
        subject: { type: 'string' },
        token: { type: 'string' },
        store: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new ConfigError(`${(error as Error).message.split('. ')[0]}; try --help`);
  }
}

if (process.argv[1]?.endsWith('gateway/revoke-credentials.ts')) {
  try {
    process.stdout.write(await runRevokeCredentials(process.argv.slice(2)));
  } catch (error) {
    process.stderr.write(`credentials:revoke: ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
