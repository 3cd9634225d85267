import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createExplorer } from '../../gateway/explorer/explorer.ts';
import { type Gateway, startGateway } from '../../gateway/server.ts';
import { compose, handlersOf } from './support/federation.ts';

const DEFINITIONS = { a: { typeDefs: 'type Query { hello: String }' } };

describe('the explorer', () => {
  let gateway: Gateway;
  let origin: string;

  beforeAll(async () => {
    gateway = await startGateway({
      supergraphSdl: compose(DEFINITIONS),
      handlers: handlersOf(DEFINITIONS),
      explorer: createExplorer({
        graphqlUrl: '/graphql',
        tokens: [{ label: '"><script>alert(1)</script>', token: 'abc' }],
        clientName: 'explorer',
      }),
    });
    origin = new URL(gateway.url).origin;
  });

  afterAll(() => gateway.close());

  const page = async () =>
    (await fetch(gateway.url, { headers: { accept: 'text/html,*/*;q=0.8' } })).text();

  it('is a page of this server alone: no script in it, none from elsewhere', async () => {
    const html = await page();

    const sources = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, source]) => source);
    expect(sources).toEqual([
      'data:,',
      '/explorer/graphiql.css',
      '/explorer/page.css',
      '/explorer/react.js',
      '/explorer/react-dom.js',
      '/explorer/graphql-ws.js',
      '/explorer/graphiql.js',
      '/explorer/page.js',
    ]);
    expect(html).not.toMatch(/<script(?! src)/);
    expect(html).toContain(`content="default-src 'self';`);
  });

  it.each([{ path: '/' }, { path: '/graphql' }])('stands in no frame: $path', async ({ path }) => {
    const { headers } = await fetch(origin + path, { headers: { accept: 'text/html' } });

    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "frame-ancestors 'none'",
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
    });
  });

  it('serves every file it names, as what it is', async () => {
    for (const [, path] of (await page()).matchAll(/(?:src|href)="(\/[^"]*)"/g)) {
      const response = await fetch(origin + path);
      const text = await response.text();
      const isScript = path!.endsWith('.js');
      expect([response.status, response.headers.get('content-type')]).toEqual([
        200,
        isScript ? 'text/javascript; charset=utf-8' : 'text/css; charset=utf-8',
      ]);
      expect(text.length).toBeGreaterThan(300);
      // Scripts that do not parse leave an empty page.
      if (isScript) expect(() => new Function(text)).not.toThrow();
    }
  });

  it('hands its settings over as data, whatever they hold', async () => {
    const [, attribute = ''] = /data-settings="([^"]*)"/.exec(await page()) ?? [];
    const settings = attribute
      .replaceAll('&quot;', '"')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&');

    expect(JSON.parse(settings)).toMatchObject({
      graphqlUrl: '/graphql',
      tokens: [{ label: '"><script>alert(1)</script>', token: 'abc' }],
      clientName: 'explorer',
    });
  });

  it.each([
    '/explorer/',
    '/explorer/nothing.js',
    '/explorer/..%2fexplorer.ts',
    '/explorer/__proto__',
  ])('serves nothing at %s', async (path) => {
    expect((await fetch(origin + path)).status).toBe(404);
  });
});
