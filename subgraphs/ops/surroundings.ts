import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** It cannot be run as asked: a wrong flag, no setting, no connection. */
export class CannotRun extends Error {}

/** It was refused, by a rule that says what to do. */
export class Refused extends Error {}

export interface Graph {
  readonly url: string;
  readonly token: string;
}

interface Running {
  readonly graphUrl: string;
  readonly tokens: { readonly support: string };
  readonly databaseUrl: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the graph is, and as whom: by settings, or the Parley of this machine. */
export function graphOf(env: Environment): Graph {
  const { OPS_GRAPH_URL: url, OPS_TOKEN: token } = env;
  if (url && token) return { url, token };
  if (url || token) throw new CannotRun('Set both OPS_GRAPH_URL and OPS_TOKEN.');
  const { graphUrl, tokens } = running(
    env,
    'Set OPS_GRAPH_URL and OPS_TOKEN, or run "npm start" first.',
  );
  return { url: graphUrl, token: tokens.support };
}

export function databaseOf(env: Environment): string {
  const { ADMIN_DATABASE_URL: url } = env;
  return url || running(env, 'Set ADMIN_DATABASE_URL, or run "npm start" first.').databaseUrl;
}

function running(env: Environment, otherwise: string): Running {
  const file = join(resolve(env.PARLEY_DATA ?? '.data'), 'running.json');
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Running;
  } catch {
    throw new CannotRun(otherwise);
  }
}
