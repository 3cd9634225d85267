import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Explorer } from '../transports/http.ts';

export interface ExplorerOptions {
  /** Where operations are sent, as the browser sees it: a path or an address. */
  readonly graphqlUrl: string;
  /** Callers to choose from, on one's own machine. Whoever opens the page can read them. */
  readonly tokens?: readonly { readonly label: string; readonly token: string }[];
  /** What the editor shows first. */
  readonly defaultQuery?: string;
  /** The name the explorer calls by, as a first-party client. */
  readonly clientName?: string;
}

const PREFIX = '/explorer/';
const STYLE = 'text/css; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';

const packages = createRequire(import.meta.url);

/** Every file of the page and where it comes from; nothing is fetched from anywhere else. */
const ASSETS: ReadonlyMap<string, { readonly type: string; readonly read: () => Buffer }> = new Map(
  [
    ['react.js', SCRIPT, () => fromPackage('react', 'umd/react.production.min.js')],
    ['react-dom.js', SCRIPT, () => fromPackage('react-dom', 'umd/react-dom.production.min.js')],
    ['graphiql.js', SCRIPT, () => fromPackage('graphiql', 'graphiql.min.js')],
    ['graphiql.css', STYLE, () => fromPackage('graphiql', 'graphiql.min.css')],
    ['graphql-ws.js', SCRIPT, () => fromPackage('graphql-ws', 'umd/graphql-ws.min.js')],
    ['page.js', SCRIPT, () => beside('page.js')],
    ['page.css', STYLE, () => beside('page.css')],
  ].map(([name, type, read]) => [name, { type, read }] as never),
);

/**
 * Styles and fonts inside style sheets are GraphiQL's own; scripts come from this server alone, and
 * none is in the page itself.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "connect-src 'self' ws: wss:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const DEFAULT_QUERY = `# Ctrl-Enter runs the operation under the cursor.
# A subscription stays open until it is stopped; choose who is calling at the top.

query WhatIsHere {
  __schema {
    queryType {
      fields {
        name
        description
      }
    }
  }
}
`;

/** GraphiQL for this graph: subscriptions included, and a choice of callers where one is given. */
export function createExplorer(options: ExplorerOptions): Explorer {
  const cache = new Map<string, { readonly body: Buffer; readonly type: string }>();
  const page = pageFor(options);
  return {
    html: () => page,
    asset(path) {
      const name = path.startsWith(PREFIX) ? path.slice(PREFIX.length) : '';
      const known = cache.get(name);
      const asset = ASSETS.get(name);
      if (known || !asset) return known ?? null;
      const loaded = { body: asset.read(), type: asset.type };
      cache.set(name, loaded);
      return loaded;
    },
  };
}

function pageFor(options: ExplorerOptions): string {
  const { graphqlUrl, tokens = [], defaultQuery = DEFAULT_QUERY, clientName } = options;
  const settings = JSON.stringify({ graphqlUrl, tokens, defaultQuery, clientName });
  const scripts = ['react.js', 'react-dom.js', 'graphql-ws.js', 'graphiql.js', 'page.js'];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${CONTENT_SECURITY_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Graph explorer</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${PREFIX}graphiql.css">
<link rel="stylesheet" href="${PREFIX}page.css">
</head>
<body>
<div id="explorer" data-settings="${escaped(settings)}">Loading the explorer.</div>
${scripts.map((name) => `<script src="${PREFIX}${name}" defer></script>`).join('\n')}
</body>
</html>
`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

/** Not every package exports its package.json or its files: its main file shows where it is. */
function fromPackage(name: string, file: string): Buffer {
  const main = packages.resolve(name);
  const folder = main.slice(0, main.lastIndexOf(`/node_modules/${name}/`));
  return readFileSync(`${folder}/node_modules/${name}/${file}`);
}

function beside(name: string): Buffer {
  return readFileSync(new URL(name, import.meta.url));
}
