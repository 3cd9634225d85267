import { buildSubgraphSchema, printSubgraphSchema } from '@apollo/subgraph';
import { type GraphQLSchema, parse } from 'graphql';
import { type BuildSchemaOptions, buildSchema, createResolversMap } from 'type-graphql';
import type { Actor } from '../policy.ts';
import type { DeclaredPolicy, GuardedReference } from './guarded-by.ts';
import { CurrencyCode, DateTime, MinorUnits } from './scalars.ts';
import { MoneyType, PageInfo } from './shared-types.ts';

const FEDERATION_LINK = 'https://specs.apollo.dev/federation/v2.12';
const IMPORTS = [
  '@key',
  '@shareable',
  '@external',
  '@requires',
  '@provides',
  '@override',
  '@inaccessible',
  '@tag',
  '@cost',
  '@listSize',
  '@interfaceObject',
];

export interface FederatedSchema {
  readonly schema: GraphQLSchema;
  readonly sdl: string;
  /** Policies of root fields and reference resolvers, by `Query.order` and `Order.__resolveReference`. */
  readonly policies: ReadonlyMap<string, DeclaredPolicy>;
}

/** type-graphql classes -> SDL with federation directives -> an executable subgraph schema. */
export async function buildFederatedSchema<TContext extends { readonly actor: Actor }>(options: {
  readonly resolvers: BuildSchemaOptions['resolvers'];
  readonly orphanedTypes?: BuildSchemaOptions['orphanedTypes'];
  readonly references: Readonly<Record<string, GuardedReference<TContext>>>;
}): Promise<FederatedSchema> {
  const built = await buildSchema({
    resolvers: options.resolvers,
    orphanedTypes: [MoneyType, PageInfo, ...(options.orphanedTypes ?? [])],
    scalarsMap: [{ type: Date, scalar: DateTime }],
    // Streams read the outbox; the in-memory hub that type-graphql asks for is never used.
    pubSub: { publish: refuseToPublish, subscribe: refuseToPublish },
    validate: false, // the domain validates, and says why in userErrors
    skipCheck: true, // federation directives are unknown to graphql-js until buildSubgraphSchema adds them
  });
  const link = `extend schema @link(url: "${FEDERATION_LINK}", import: ${JSON.stringify(IMPORTS)})\n\n`;
  const sdl = link + printSubgraphSchema(built);
  const resolvers = createResolversMap(built) as Record<string, Record<string, unknown>>;
  for (const scalar of [MinorUnits, CurrencyCode, DateTime]) {
    if (built.getType(scalar.name)) resolvers[scalar.name] = scalar as never;
  }
  for (const [typeName, { resolve }] of Object.entries(options.references)) {
    resolvers[typeName] = { ...resolvers[typeName], __resolveReference: resolve };
  }
  return {
    sdl,
    schema: buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers: resolvers as never }]),
    policies: policiesOf(built, options.references),
  };
}

function policiesOf(
  built: GraphQLSchema,
  references: Readonly<Record<string, GuardedReference<never>>>,
): FederatedSchema['policies'] {
  const policies = new Map<string, DeclaredPolicy>();
  for (const root of [built.getQueryType(), built.getMutationType(), built.getSubscriptionType()]) {
    for (const field of Object.values(root?.getFields() ?? {})) {
      const policy = field.extensions.policy as DeclaredPolicy | undefined;
      if (policy) policies.set(`${root?.name}.${field.name}`, policy);
    }
  }
  for (const [typeName, { policy }] of Object.entries(references)) {
    policies.set(`${typeName}.__resolveReference`, policy);
  }
  return policies;
}

function refuseToPublish(): never {
  throw new Error('live streams read the outbox: use context.streams');
}
