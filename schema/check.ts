import { buildSchema, findBreakingChanges } from 'graphql';
import { generateSchema, readSchemaFile } from './generate.ts';

// `npm run schema:check`: fails when a checked-in file differs from what the code says, and when a
// change breaks clients of the released API without being announced in schema/CHANGELOG.md.

/** Breaking changes from `released` to `current` that `changelog` does not name, word for word. */
export function unannouncedBreakingChanges(
  released: string,
  current: string,
  changelog: string,
): string[] {
  return findBreakingChanges(buildSchema(released), buildSchema(current))
    .map((change) => change.description)
    .filter((description) => !changelog.includes(`BREAKING: ${description}`));
}

/** Names of generated files that are missing or differ. */
export function driftedFiles(files: ReadonlyMap<string, string>): string[] {
  return [...files].filter(([name, text]) => readSchemaFile(name) !== text).map(([name]) => name);
}

async function main(): Promise<void> {
  const { files, apiSdl } = await generateSchema();
  const drifted = driftedFiles(files);
  const breaking = unannouncedBreakingChanges(
    readSchemaFile('released.graphql') ?? apiSdl,
    apiSdl,
    readSchemaFile('CHANGELOG.md') ?? '',
  );
  for (const name of drifted)
    process.stderr.write(`schema/${name} is not what the code says: run "npm run schema"\n`);
  for (const change of breaking) {
    process.stderr.write(
      `breaks clients and is not announced: add "BREAKING: ${change}" to schema/CHANGELOG.md\n`,
    );
  }
  if (drifted.length > 0 || breaking.length > 0) process.exit(1);
  process.stdout.write(
    `schema: ${files.size} files as generated, no unannounced breaking change\n`,
  );
}

if (process.argv[1]?.endsWith('schema/check.ts')) await main();
