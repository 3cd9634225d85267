import { defineConfig } from '@graphql-hive/gateway';

const rust = process.env.BENCH_PLANNER === 'rust';
const coalesce = process.env.BENCH_COALESCE === 'true';

export const gatewayConfig = defineConfig({
  ...(rust && {
    unifiedGraphHandler: (await import('@graphql-hive/router-runtime')).unifiedGraphHandler,
  }),
  inboundInflightRequestDeduplication: coalesce,
  transportEntries: { '*.http': { options: { deduplicateInflightRequests: coalesce } } },
  logging: 'error',
});
