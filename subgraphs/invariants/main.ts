import { parseArgs } from 'node:util';
import { CannotRun, databaseOf } from '../ops/surroundings.ts';
import { checkInvariants, INVARIANTS } from './check.ts';

const USAGE = `Checks what must be true of every Parley database.

  npm run invariants [-- --json]

Settings: ADMIN_DATABASE_URL; without it, the Parley of this machine (npm start). Exit code 0: all hold;
1: one is broken; 2: it could not be run.
`;

type Environment = Readonly<Record<string, string | undefined>>;

/** Runs the command; resolves to its exit code. */
export async function runInvariants(
  args: readonly string[],
  env: Environment,
  print: { out(text: string): void; err(text: string): void },
): Promise<number> {
  try {
    const flags = flagsOf(args);
    if (flags.help) {
      print.out(USAGE);
      return 0;
    }
    const violations = await checked(databaseOf(env));
    if (flags.json) print.out(`${JSON.stringify({ invariants: INVARIANTS.length, violations })}\n`);
    else print.out(report(violations));
    return violations.length > 0 ? 1 : 0;
  } catch (error) {
    if (!(error instanceof CannotRun)) throw error;
    print.err(`invariants: ${error.message}\n`);
    return 2;
  }
}

async function checked(databaseUrl: string) {
  try {
    return await checkInvariants(databaseUrl);
  } catch (error) {
    throw new CannotRun(`The database cannot be read: ${(error as Error).message}`);
  }
}

function report(violations: Awaited<ReturnType<typeof checkInvariants>>): string {
  return INVARIANTS.map(({ id, title }) => {
    const broken = violations.filter((violation) => violation.id === id);
    const lines = broken.map(({ subject, problem }) => `      ${subject}: ${problem}\n`);
    return `${broken.length === 0 ? 'holds ' : 'BROKEN'}  ${id.padEnd(5)} ${title}\n${lines.join('')}`;
  }).join('');
}

function flagsOf(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new CannotRun(`${(error as Error).message.split('. ')[0]}; try --help.`);
  }
}

if (process.argv[1] && import.meta.filename.startsWith(process.argv[1].replace(/\.[jt]s$/, ''))) {
  process.exitCode = await runInvariants(process.argv.slice(2), process.env, {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  });
}
