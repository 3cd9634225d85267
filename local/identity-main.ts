import { resolve } from 'node:path';
import { z } from 'zod';
import { startLocalIdentity } from './identity.ts';
import { PEOPLE } from './people.ts';
import { StartError } from './start-error.ts';

/** Settings of the issuer as a process of its own. */
export const identityConfigSchema = z.object({
  NODE_ENV: z.string().optional(),
  IDENTITY_PORT: z.coerce.number().int().min(1).max(65_535).default(4101),
  PARLEY_DATA: z.string().min(1).default('.data'),
});

async function main(): Promise<void> {
  const parsed = identityConfigSchema.safeParse(process.env);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new StartError(`${issue?.path.join('.')} cannot be used: ${issue?.message}`);
  }
  const { IDENTITY_PORT, PARLEY_DATA } = parsed.data;
  const identity = await startLocalIdentity(resolve(PARLEY_DATA), IDENTITY_PORT);
  process.stdout.write(`Local issuer on ${identity.issuer}\n`);
  for (const [person, claims] of Object.entries(PEOPLE))
    process.stdout.write(`${person}\n  ${await identity.issueToken(claims)}\n`);
  const held = setInterval(() => {}, 3_600_000); // the issuer itself keeps no process alive
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      clearInterval(held);
      void identity.close();
    });
}

if (process.argv[1]?.endsWith('identity-main.ts')) {
  main().catch((error: unknown) => {
    process.stderr.write(`identity: ${(error as Error).message}\n`);
    process.exitCode = 1;
  });
}
