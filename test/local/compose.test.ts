import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { z } from 'zod';
import { readConfig } from '../../gateway/config.ts';
import { identityConfigSchema } from '../../local/identity-main.ts';
import { bootstrapConfigSchema } from '../../subgraphs/bootstrap.ts';
import { parseConfig, subgraphConfigSchema } from '../../subgraphs/kernel/config.ts';
import {
  roleOf,
  SUBGRAPH_NAMES,
  type SubgraphName,
} from '../../subgraphs/kernel/persistence/bootstrap.ts';
import type { SubgraphDefinition } from '../../subgraphs/kernel/subgraph.ts';
import { composeEnvironments } from './support/compose-file.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const environments = composeEnvironments(read('docker-compose.yml'), read('local/compose.env'));

function environmentOf(service: string): Record<string, string> {
  return environments.get(service) ?? {};
}

async function definitionOf(name: SubgraphName): Promise<SubgraphDefinition> {
  const module = await import(`../../subgraphs/${name}/server.ts`);
  return (module as { subgraph: SubgraphDefinition }).subgraph;
}

function keysOf(schema: z.ZodType): string[] {
  return Object.keys((schema as unknown as { shape: object }).shape);
}

describe('docker-compose.yml', () => {
  it.each(SUBGRAPH_NAMES)('gives %s what it needs and nothing it does not read', async (name) => {
    const { config } = await definitionOf(name);
    const env = environmentOf(name);

    parseConfig(subgraphConfigSchema, env);
    parseConfig(config, env);

    const known = [...keysOf(subgraphConfigSchema), ...keysOf(config)];
    expect(Object.keys(env).filter((key) => !known.includes(key))).toEqual([]);
  });

  it('gives the gateway what it needs and nothing it does not read', () => {
    const env = environmentOf('gateway');
    const source = read('gateway/config.ts');

    const config = readConfig(env);

    expect([...config.GATEWAY_SIGNING_KEYS.keys()].sort()).toEqual([...SUBGRAPH_NAMES].sort());
    expect(config.GATEWAY_CURSOR_KEYS).toHaveLength(1);
    expect(config.GATEWAY_ISSUERS).toHaveLength(1);
    expect(Object.keys(env).filter((key) => !source.includes(`\n  ${key}: `))).toEqual([]);
  });

  it('lets each subgraph in with the password its role was made with', () => {
    const env = environmentOf('bootstrap');
    const { SUBGRAPH_PASSWORDS: passwords } = parseConfig(bootstrapConfigSchema, env);

    expect(Object.keys(env).sort()).toEqual(keysOf(bootstrapConfigSchema).sort());
    for (const name of SUBGRAPH_NAMES) {
      const url = new URL(environmentOf(name).DATABASE_URL ?? '');
      expect([url.username, url.password]).toEqual([roleOf(name), passwords.get(name)]);
    }
    expect(new Set(passwords.values()).size).toBe(SUBGRAPH_NAMES.length);
  });

  it('tells every process where the others really listen', () => {
    const listening = new Map(
      SUBGRAPH_NAMES.map((name) => [name, `http://${name}:${environmentOf(name).PORT}/graphql`]),
    );

    for (const name of SUBGRAPH_NAMES) {
      const { SUBGRAPH_URLS } = parseConfig(subgraphConfigSchema, environmentOf(name));
      expect(SUBGRAPH_URLS).toEqual(listening);
    }
    const told = [...read('docker-compose.yml').matchAll(/--subgraph-url=([^=]+)=(\S+)/g)];
    expect(new Map(told.map(([, name, url]) => [name, url]))).toEqual(listening);
  });

  it('signs with the same secret on both sides', () => {
    const { GATEWAY_SIGNING_KEYS: keys } = readConfig(environmentOf('gateway'));

    for (const name of SUBGRAPH_NAMES) {
      const { SIGNING_KEYS } = parseConfig(subgraphConfigSchema, environmentOf(name));
      expect(SIGNING_KEYS).toEqual([keys.get(name)]);
    }
  });

  it('trusts the local issuer where it listens', () => {
    const env = environmentOf('local-identity');
    const { IDENTITY_PORT } = identityConfigSchema.parse(env);

    expect(Object.keys(env).filter((key) => !keysOf(identityConfigSchema).includes(key))).toEqual(
      [],
    );
    expect(readConfig(environmentOf('gateway')).GATEWAY_ISSUERS[0]?.issuer).toBe(
      `http://127.0.0.1:${IDENTITY_PORT}`,
    );
  });

  it('starts nothing without its secrets', () => {
    expect(() => composeEnvironments(read('docker-compose.yml'), '')).toThrow(
      'SIGNING_SECRET is missing',
    );
  });
});
