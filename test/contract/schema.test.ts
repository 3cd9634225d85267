import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  buildSchema,
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedScalarType,
  printType,
} from 'graphql';
import { driftedFiles, unannouncedBreakingChanges } from '../../schema/check.ts';
import { type GeneratedSchema, generateSchema } from '../../schema/generate.ts';

let generated: GeneratedSchema;
let api: GraphQLSchema;

beforeAll(async () => {
  generated = await generateSchema();
  api = buildSchema(generated.apiSdl);
});

const own = (type: GraphQLNamedType) => !type.name.startsWith('__') && !isSpecifiedScalarType(type);

describe('the checked-in schema', () => {
  it('is what the code generates', () => {
    expect(driftedFiles(generated.files)).toEqual([]);
  });

  it('sees a file that differs', () => {
    expect(driftedFiles(new Map([['api.graphql', 'type Query { other: Int }\n']]))).toEqual([
      'api.graphql',
    ]);
  });
});

describe('breaking changes', () => {
  const before = 'type Query { order: Int, old: Int }';
  const after = 'type Query { order: Int }';

  it('must be announced word for word', () => {
    expect(unannouncedBreakingChanges(before, after, '')).toEqual(['Query.old was removed.']);
    expect(
      unannouncedBreakingChanges(before, after, '- BREAKING: Query.old was removed. Use order.'),
    ).toEqual([]);
  });

  it('are not additions', () => {
    expect(unannouncedBreakingChanges(after, before, '')).toEqual([]);
  });
});

describe('the API schema', () => {
  it('describes every type, field, argument and value', () => {
    const bare: string[] = [];
    for (const type of Object.values(api.getTypeMap()).filter(own)) {
      if (!type.description && !['Query', 'Mutation', 'Subscription'].includes(type.name))
        bare.push(type.name);
      if (isEnumType(type)) {
        for (const value of type.getValues())
          if (!value.description) bare.push(`${type.name}.${value.name}`);
      }
      if (isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)) {
        for (const field of Object.values(type.getFields())) {
          if (!field.description) bare.push(`${type.name}.${field.name}`);
          for (const arg of 'args' in field ? field.args : []) {
            if (!arg.description) bare.push(`${type.name}.${field.name}(${arg.name})`);
          }
        }
      }
    }

    expect(bare).toEqual([]);
  });

  it('takes one input per mutation, answers a payload, and lets every root field be null', () => {
    const wrong: string[] = [];
    for (const field of Object.values(api.getMutationType()?.getFields() ?? {})) {
      const name = field.name.charAt(0).toUpperCase() + field.name.slice(1);
      const input = field.args.map((arg) => `${arg.name}: ${String(arg.type)}`).join(', ');
      if (input !== `input: ${name}Input!` || String(field.type) !== `${name}Payload`) {
        wrong.push(`${field.name}(${input}): ${String(field.type)}`);
      }
    }
    for (const root of [api.getQueryType(), api.getSubscriptionType()]) {
      for (const field of Object.values(root?.getFields() ?? {})) {
        if (String(field.type).endsWith('!'))
          wrong.push(`${root?.name}.${field.name}: ${String(field.type)}`);
      }
    }

    expect(wrong).toEqual([]);
  });

  it('carries userErrors that are never null in every payload', () => {
    const without = Object.values(api.getTypeMap())
      .filter(isObjectType)
      .filter((type) => type.name.endsWith('Payload'))
      .filter((type) => !/^\[\w+UserError!\]!$/.test(String(type.getFields().userErrors?.type)))
      .map((type) => type.name);

    expect(without).toEqual([]);
  });

  it('says of a deprecation what to use and when it goes', () => {
    const vague = Object.values(api.getTypeMap())
      .filter((type) => isObjectType(type) || isInputObjectType(type))
      .flatMap((type) => Object.values(type.getFields()).map((field) => ({ type, field })))
      .filter(({ field }) => field.deprecationReason != null)
      .filter(
        ({ field }) =>
          !/^Use .+\. Removal on \d{4}-\d{2}-\d{2}\.$/.test(field.deprecationReason ?? ''),
      )
      .map(({ type, field }) => `${type.name}.${field.name}`);

    expect(vague).toEqual([]);
  });

  it('has no field that could hold identity data, card numbers or processor secrets', () => {
    const suspicious = Object.values(api.getTypeMap())
      .filter(isObjectType)
      .flatMap((type) => Object.keys(type.getFields()).map((field) => `${type.name}.${field}`))
      .filter((name) =>
        /ssn|socialSecurity|taxId|dateOfBirth|bankAccount|cardNumber|cvv|vaultId/i.test(name),
      );

    expect(suspicious).toEqual([]);
  });
});

describe('the subgraphs', () => {
  it('declare a policy on every root field and every reference resolver', () => {
    const missing: string[] = [];
    for (const [name, { schema, policies }] of generated.subgraphs) {
      for (const root of [
        schema.getQueryType(),
        schema.getMutationType(),
        schema.getSubscriptionType(),
      ]) {
        for (const field of Object.keys(root?.getFields() ?? {})) {
          if (!field.startsWith('_') && !policies.has(`${root?.name}.${field}`))
            missing.push(`${name} ${root?.name}.${field}`);
        }
      }
      const sdl = generated.files.get(`${name}.graphql`) ?? '';
      for (const [, type = ''] of sdl.matchAll(
        /^type (\w+)[^{]*@key\((?![^)]*resolvable: false)/gm,
      )) {
        if (!policies.has(`${type}.__resolveReference`))
          missing.push(`${name} ${type}.__resolveReference`);
      }
    }

    expect(missing).toEqual([]);
  });

  it('print shared value types word for word the same', () => {
    const different: string[] = [];
    for (const shared of [
      'Money',
      'PageInfo',
      'MoneyInput',
      'Node',
      'MinorUnits',
      'CurrencyCode',
      'DateTime',
    ]) {
      const texts = new Set(
        [...generated.subgraphs.values()].flatMap(({ schema }) => {
          const type = schema.getType(shared);
          return type ? [printType(type)] : [];
        }),
      );
      if (texts.size > 1) different.push(shared);
    }

    expect(different).toEqual([]);
  });

  it('hide what only the system may call from clients', () => {
    const shown: string[] = [];
    for (const [name, { policies }] of generated.subgraphs) {
      for (const [field, policy] of policies) {
        const [root = '', fieldName = ''] = field.split('.');
        const type = api.getType(root);
        if (policy.door === 'systemOnly' && isObjectType(type) && fieldName in type.getFields())
          shown.push(`${name} ${field}`);
      }
    }

    expect(shown).toEqual([]);
  });
});
