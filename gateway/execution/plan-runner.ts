import type { FetchNode, PlanNode } from '@apollo/query-planner';
import { EntityFetch, type FetchEnvironment } from './entity-fetch.ts';
import type { ExecutionState } from './execution-state.ts';
import { withTrueNames } from './required-variants.ts';
import { RootFetch } from './root-fetch.ts';

/** Runs a part of a plan on an execution; undefined when there was nothing to wait for. */
export type PlanStep = (state: ExecutionState) => Promise<void> | undefined;

/**
 * Compiles a plan of @apollo/query-planner into functions: what a fetch sends and how its answer is
 * merged is settled here, once per operation.
 */
export function compilePlan(node: PlanNode | undefined, environment: FetchEnvironment): PlanStep {
  const compiler = new PlanCompiler(environment);
  const step = node === undefined ? () => undefined : compiler.step(node, []);
  compiler.finish();
  return step;
}

class PlanCompiler {
  private readonly entityFetches = new Map<string, EntityFetch[]>();
  private hasContexts = false;

  constructor(private readonly environment: FetchEnvironment) {}

  step(node: PlanNode, path: readonly (string | number)[]): PlanStep {
    switch (node.kind) {
      case 'Sequence':
        return sequence(node.nodes.map((child) => this.step(child, path)));
      case 'Parallel':
        return parallel(node.nodes.map((child) => this.step(child, path)));
      case 'Flatten':
        return this.step(node.node, [...path, ...node.path]);
      case 'Fetch': {
        const named = withTrueNames(node, this.environment.requiredVariants);
        return named.kind === 'Fetch' ? this.fetch(named, path) : this.step(named, path);
      }
      case 'Condition': {
        const then = node.ifClause ? this.step(node.ifClause, path) : null;
        const otherwise = node.elseClause ? this.step(node.elseClause, path) : null;
        const { condition } = node;
        return (state) => (state.coerced[condition] === true ? then : otherwise)?.(state);
      }
      case 'Defer':
        throw new Error(
          'A plan defers a part of its answer, which this gateway does not announce.',
        );
    }
  }

  /** Fetches that share a signature share their answers, and must not share what they merge. */
  finish(): void {
    let group = 0;
    for (const fetches of this.entityFetches.values()) {
      for (const fetch of fetches) {
        fetch.group = group;
        fetch.copies = fetches.length > 1;
        fetch.copiesForEachPlace = this.hasContexts;
      }
      group++;
    }
  }

  private fetch(node: FetchNode, path: readonly (string | number)[]): PlanStep {
    if (!node.requires) {
      const fetch = new RootFetch(node, this.environment);
      return (state) => fetch.run(state, path);
    }
    if (node.contextRewrites?.length) this.hasContexts = true;
    const fetch = new EntityFetch(node, this.environment);
    const equal = this.entityFetches.get(fetch.signature);
    if (equal) equal.push(fetch);
    else this.entityFetches.set(fetch.signature, [fetch]);
    return (state) => fetch.run(state, path);
  }
}

function sequence(steps: readonly PlanStep[]): PlanStep {
  if (steps.length === 1) return steps[0]!;
  return async (state) => {
    for (const step of steps) {
      const running = step(state);
      if (running !== undefined) await running;
    }
  };
}

function parallel(steps: readonly PlanStep[]): PlanStep {
  if (steps.length === 1) return steps[0]!;
  return (state) => {
    const running = steps.map((step) => step(state));
    return Promise.all(running) as unknown as Promise<void>;
  };
}
