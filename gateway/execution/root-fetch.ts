import type { FetchNode } from '@apollo/query-planner';
import type { SubgraphRequest } from '../types.ts';
import { asFailure, type FetchEnvironment, renamesOf } from './entity-fetch.ts';
import type { AttachedError, ExecutionState, JsonObject } from './execution-state.ts';
import { copyOf, mergeInto, objectsAt } from './merge.ts';
import { applyRewrites } from './rewrites.ts';
import { failureOf, readAnswer, type SubgraphAnswer } from './subgraph-answer.ts';

/** A fetch of root fields: at the top of the answer, or below a field that returns a root type. */
export class RootFetch {
  private readonly renamed: ReadonlyMap<string, string>;
  private readonly variableNames: readonly string[];

  constructor(
    private readonly node: FetchNode,
    private readonly environment: FetchEnvironment,
  ) {
    this.renamed = renamesOf(node);
    this.variableNames = node.variableUsages ?? [];
  }

  async run(state: ExecutionState, path: readonly (string | number)[]): Promise<void> {
    const targets = path.length === 0 ? [state.data] : objectsAt(state.data, path);
    if (targets.length === 0) return;
    if (this.node.operationKind === 'mutation') state.forgetEntities();
    try {
      const answer = await this.environment.execute(this.request(state), state);
      this.adopt(state, targets, readAnswer(this.node.serviceName, answer));
    } catch (error) {
      const failure = failureOf(this.node.serviceName, error);
      for (const target of targets) state.fail(target, failure);
    }
  }

  /** The answer is at hand already: an event of the stream this fetch opened. */
  adopt(state: ExecutionState, targets: readonly JsonObject[], answer: SubgraphAnswer): void {
    const { data } = answer;
    if (data !== null) applyRewrites(this.node.outputRewrites, data, this.environment.isOfType);
    targets.forEach((target, index) => {
      if (data !== null) mergeInto(target, index === 0 ? data : copyOf(data));
      for (const error of answer.errors) this.attach(state, target, error, data === null);
    });
  }

  private attach(
    state: ExecutionState,
    target: JsonObject,
    error: AttachedError,
    noData: boolean,
  ): void {
    if (noData) state.fail(target, asFailure(error));
    if (error.path.length === 0 && noData) return;
    const path = error.path.map((key) =>
      typeof key === 'string' ? (this.renamed.get(key) ?? key) : key,
    );
    state.noteOf(target).errors.push({ ...error, path });
  }

  private request(state: ExecutionState): SubgraphRequest {
    let variablesJson = '';
    for (const name of this.variableNames) {
      const text = state.variableText(name);
      if (text !== null) variablesJson += variablesJson === '' ? text : `,${text}`;
    }
    return {
      serviceName: this.node.serviceName,
      query: this.node.operation,
      operationName: this.node.operationName ?? null,
      variablesJson: `{${variablesJson}}`,
      kind: this.node.operationKind === 'mutation' ? 'mutation' : 'query',
    };
  }
}
