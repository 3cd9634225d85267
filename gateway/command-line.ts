import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { ConfigError } from './config.ts';

export interface CommandLine {
  readonly supergraphFile: string;
  readonly port: number | null;
  readonly host: string | null;
  readonly subgraphUrls: ReadonlyMap<string, string>;
  readonly manifests: string | null;
  /** Whether callers without a name may send anything in production, too. */
  readonly open: boolean;
  readonly help: boolean;
}

export const USAGE = `Serves a Federation 2 supergraph over HTTP, WebSocket and Server-Sent Events.

  npm run gateway -- --supergraph FILE [options]

  --supergraph FILE         the composed supergraph; reloaded when it changes
  --port N                  default 4000, 0 for any free port
  --host H                  default 127.0.0.1
  --subgraph-url NAME=URL   where a subgraph is, instead of the supergraph's address; repeatable
  --manifests DIR           persisted operations, one manifest per client
  --open                    in production: everybody may send everything, and that is meant
  --config FILE             JSON with any of the above: {"supergraph", "port", "host",
                            "subgraphUrls": {name: url}, "manifests"}
  --help
`;

const fileSchema = z.strictObject({
  supergraph: z.string().optional(),
  port: z.number().int().min(0).max(65_535).optional(),
  host: z.string().optional(),
  subgraphUrls: z.record(z.string(), z.url()).optional(),
  manifests: z.string().optional(),
});

/** Reads the command line; flags win over the file. Throws ConfigError with one clear line. */
export function readCommandLine(args: readonly string[]): CommandLine {
  const flags = parsedFlags(args);
  const file = flags.config === undefined ? {} : configFile(flags.config);
  const supergraphFile = flags.supergraph ?? file.supergraph ?? '';
  if (supergraphFile === '' && !flags.help) {
    throw new ConfigError('--supergraph FILE is missing; try --help');
  }
  return {
    supergraphFile,
    port: flags.port === undefined ? (file.port ?? null) : portOf(flags.port),
    host: flags.host ?? file.host ?? null,
    subgraphUrls: new Map([
      ...Object.entries(file.subgraphUrls ?? {}),
      ...(flags['subgraph-url'] ?? []).map(subgraphUrl),
    ]),
    manifests: flags.manifests ?? file.manifests ?? null,
    open: flags.open ?? false,
    help: flags.help ?? false,
  };
}

function parsedFlags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        supergraph: { type: 'string' },
        port: { type: 'string' },
        host: { type: 'string' },
        'subgraph-url': { type: 'string', multiple: true },
        manifests: { type: 'string' },
        open: { type: 'boolean' },
        config: { type: 'string' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    const [line = ''] = (error as Error).message.split('. ');
    throw new ConfigError(`${line}; try --help`);
  }
}

function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) {
    throw new ConfigError(`--port is "${text}": a port is a number from 0 to 65535`);
  }
  return port;
}

function subgraphUrl(text: string): [string, string] {
  const at = text.indexOf('=');
  const url = text.slice(at + 1);
  if (at < 1 || !URL.canParse(url) || !/^https?:/.test(url)) {
    throw new ConfigError(`--subgraph-url is "${text}": expected NAME=http://...`);
  }
  return [text.slice(0, at), url];
}

function configFile(path: string): z.infer<typeof fileSchema> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new ConfigError(`--config ${path} cannot be read: ${(error as Error).message}`);
  }
  const result = fileSchema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new ConfigError(`--config ${path}: ${issue?.path.join('.')} ${issue?.message}`);
}
