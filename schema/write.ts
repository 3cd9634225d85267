import { writeFileSync } from 'node:fs';
import { generateSchema, readSchemaFile, SCHEMA_DIRECTORY } from './generate.ts';

// `npm run schema`: writes every subgraph's SDL, the supergraph and the API schema.
// With --release it also makes the present API schema the one that breaking changes are measured by.
const { files, apiSdl } = await generateSchema();
for (const [name, text] of files) writeFileSync(new URL(name, SCHEMA_DIRECTORY), text);
if (process.argv.includes('--release') || readSchemaFile('released.graphql') === null) {
  writeFileSync(
    new URL('released.graphql', SCHEMA_DIRECTORY),
    `# The API schema as last released; moved by \`npm run schema:release\`.\n\n${apiSdl.trimEnd()}\n`,
  );
}
process.stdout.write(`wrote ${files.size} files under schema/\n`);
