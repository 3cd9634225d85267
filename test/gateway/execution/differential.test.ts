import { expect, it } from '@jest/globals';
import { parse, validate } from 'graphql';
import { graphOf } from '../support/federation.ts';
import { monolithOf, oneName } from '../support/monolith.ts';
import { RandomQueries } from '../support/random-query.ts';
import { SHOP } from '../support/shop.ts';

const QUERIES_PER_SEED = 150;
const VARIABLES = { yes: true, no: false };
const UNLIMITED = {
  aliasesMax: 0,
  depthMax: 0,
  directivesMax: 0,
  expandedFieldsMax: 0,
  rootFieldsMax: 0,
  tokensMax: 0,
};

const graph = graphOf(SHOP, { limits: UNLIMITED });
const monolith = monolithOf(graph.supergraph.apiSchema);

// The seed is all that is needed to see a failure again.
it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 28])(
  'answers any query as one schema would, to the byte: seed %d',
  async (seed) => {
    const queries = new RandomQueries(graph.supergraph.apiSchema, seed);
    let compared = 0;
    for (let i = 0; i < QUERIES_PER_SEED; i++) {
      const query = queries.next();
      if (validate(graph.supergraph.apiSchema, parse(query)).length > 0) continue;

      const { data, errors } = await graph.run(query, VARIABLES);

      expect({ query, errors }).toEqual({ query, errors: undefined });
      const answer = oneName(JSON.stringify(data));
      expect(`${query}\n${answer}`).toBe(`${query}\n${await monolith(query, VARIABLES)}`);
      compared++;
    }
    expect(compared).toBeGreaterThan(QUERIES_PER_SEED / 2);
  },
);
