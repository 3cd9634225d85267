import { startEmbeddedPostgres } from '../../../local/postgres.ts';

// A parent for a PostgreSQL, to be killed: `hold-postgres.ts FOLDER` says where it is and stays.
const [, , dataDirectory = ''] = process.argv;
const { url } = await startEmbeddedPostgres({ dataDirectory, durable: false });
process.stdout.write(`${JSON.stringify({ url })}\n`);
setInterval(() => {}, 60_000);
