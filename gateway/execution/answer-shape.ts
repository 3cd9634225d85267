import type { FragmentDefinitionNode, SelectionNode, SelectionSetNode } from 'graphql';

/** Gives the name a field has in the plan's data; differs from the client's only on collisions. */
export type PlanKeyOf = (responseName: string) => string;

/**
 * The response names a client asked for at one place, whatever the type at run time. Subgraph
 * errors are followed along it, so that a path can only ever name what the client itself wrote.
 */
export class AnswerShape {
  private fields: Map<string, { readonly name: string; readonly shape: AnswerShape }> | null = null;

  constructor(
    private readonly sets: readonly SelectionSetNode[],
    private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>,
    private readonly planKeys: ReadonlyMap<string, string>,
  ) {}

  /** The client's own path; cut where the subgraph's path leaves what the client asked for. */
  translate(path: readonly (string | number)[]): (string | number)[] {
    const translated: (string | number)[] = [];
    let shape: AnswerShape = this;
    for (const key of path) {
      if (typeof key === 'number') {
        translated.push(key);
        continue;
      }
      const field = shape.children().get(key);
      if (field === undefined) break;
      translated.push(field.name);
      shape = field.shape;
    }
    return translated;
  }

  private children() {
    if (this.fields !== null) return this.fields;
    const byKey = new Map<string, { name: string; sets: SelectionSetNode[] }>();
    const visit = (selections: readonly SelectionNode[]): void => {
      for (const node of selections) {
        if (node.kind !== 'Field') {
          const target =
            node.kind === 'InlineFragment' ? node : this.fragments.get(node.name.value);
          if (target) visit(target.selectionSet.selections);
          continue;
        }
        const name = node.alias?.value ?? node.name.value;
        const key = this.planKeys.get(name) ?? name;
        let entry = byKey.get(key);
        if (entry === undefined) {
          entry = { name, sets: [] };
          byKey.set(key, entry);
        }
        if (node.selectionSet) entry.sets.push(node.selectionSet);
      }
    };
    for (const set of this.sets) visit(set.selections);
    this.fields = new Map(
      [...byKey].map(([key, { name, sets }]) => [
        key,
        { name, shape: new AnswerShape(sets, this.fragments, this.planKeys) },
      ]),
    );
    return this.fields;
  }
}
