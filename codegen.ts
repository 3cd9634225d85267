import type { CodegenConfig } from '@graphql-codegen/cli';

/** Typed operations for the demo and for the tests that tell its story, from what clients may ask for. */
const typedOperations = {
  plugins: ['typescript-operations', 'typed-document-node'],
  config: {
    useTypeImports: true,
    enumsAsTypes: true,
    strictScalars: true,
    defaultScalarType: 'unknown',
    scalars: {
      ID: 'string',
      CurrencyCode: 'string',
      DateTime: 'string',
      MinorUnits: 'string',
    },
  },
};

const config: CodegenConfig = {
  schema: 'schema/api.graphql',
  importExtension: '.ts',
  generates: {
    'local/demo/operations.generated.ts': {
      documents: ['local/demo/operations/**/*.graphql'],
      ...typedOperations,
    },
  },
};

export default config;
