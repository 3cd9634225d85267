import { defineConfig } from '@graphql-hive/gateway';

export const gatewayConfig = defineConfig({
  transportEntries: {
    notices: {
      options: { subscriptions: { kind: 'ws', location: '/notices' } },
    },
  },
  logging: 'error',
});
