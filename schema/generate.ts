import { readFileSync } from 'node:fs';
import { composeServices } from '@apollo/composition';
import { Supergraph } from '@apollo/federation-internals';
import { parse, printSchema } from 'graphql';
import {
  buildFederatedSchema,
  type FederatedSchema,
} from '../subgraphs/kernel/graphql/federation.ts';
import { SUBGRAPH_NAMES, type SubgraphName } from '../subgraphs/kernel/persistence/bootstrap.ts';
import type { SubgraphDefinition } from '../subgraphs/kernel/subgraph.ts';

/** Where each subgraph listens when nobody says otherwise; docker-compose and flags override it. */
const DEFAULT_PORTS: Readonly<Record<SubgraphName, number>> = {
  'seller-accounts': 4001,
  catalog: 4002,
  conversations: 4003,
  payments: 4004,
  orders: 4005,
};

export const SCHEMA_DIRECTORY = new URL('./', import.meta.url);

/** Every subgraph's definition, by name, in one order everywhere. */
export async function subgraphDefinitions(): Promise<SubgraphDefinition[]> {
  return Promise.all(
    SUBGRAPH_NAMES.map(async (name) => {
      const module = (await import(`../subgraphs/${name}/server.ts`)) as {
        subgraph: SubgraphDefinition;
      };
      return module.subgraph;
    }),
  );
}

export interface GeneratedSchema {
  /** File name under schema/ -> its whole text. */
  readonly files: ReadonlyMap<string, string>;
  readonly supergraphSdl: string;
  readonly apiSdl: string;
  readonly subgraphs: ReadonlyMap<string, FederatedSchema>;
}

/** Builds all five subgraphs and composes them with Apollo's own composition. */
export async function generateSchema(): Promise<GeneratedSchema> {
  const definitions = await subgraphDefinitions();
  const subgraphs = new Map<string, FederatedSchema>();
  for (const definition of definitions) {
    subgraphs.set(definition.name, await buildFederatedSchema(definition));
  }
  const composed = composeServices(
    [...subgraphs].map(([name, { sdl }]) => ({
      name,
      url: `http://127.0.0.1:${DEFAULT_PORTS[name as SubgraphName]}/graphql`,
      typeDefs: parse(sdl),
    })),
  );
  if (composed.errors) {
    throw new Error(
      `The subgraphs do not compose:\n${composed.errors.map((error) => error.message).join('\n')}`,
    );
  }
  const supergraphSdl = composed.supergraphSdl;
  const apiSdl = apiSchemaOf(supergraphSdl);
  const head = '# Written by `npm run schema`; do not edit.\n\n';
  const files = new Map(
    [...subgraphs].map(([name, { sdl }]) => [`${name}.graphql`, `${head}${sdl.trimEnd()}\n`]),
  );
  files.set('supergraph.graphql', `${head}${supergraphSdl.trimEnd()}\n`);
  files.set('api.graphql', `${head}${apiSdl.trimEnd()}\n`);
  return { files, supergraphSdl, apiSdl, subgraphs };
}

/** What clients may ask for: the supergraph without its join machinery and inaccessible fields. */
export function apiSchemaOf(supergraphSdl: string): string {
  const supergraph = Supergraph.build(supergraphSdl, { supportedFeatures: null });
  return printSchema(supergraph.apiSchema().toGraphQLJSSchema());
}

export function readSchemaFile(name: string): string | null {
  try {
    return readFileSync(new URL(name, SCHEMA_DIRECTORY), 'utf8');
  } catch {
    return null;
  }
}
