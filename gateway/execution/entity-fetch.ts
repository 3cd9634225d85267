import type { FetchNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import { ErrorCode, SubgraphUnavailable } from '../errors.ts';
import type { SubgraphRequest } from '../types.ts';
import { type ContextArguments, compileContextArguments, placesAt } from './context-arguments.ts';
import {
  answeredKey,
  type KeyedOperation,
  type KeysByService,
  representedKey,
  sameKey,
  withKeys,
} from './entity-keys.ts';
import type {
  AttachedError,
  EntityBatch,
  EntityGroup,
  EntitySlot,
  ExecutionState,
  Failure,
  JsonObject,
} from './execution-state.ts';
import { newEntityGroup } from './execution-state.ts';
import { copyOf, isJsonObject, mergeInto, objectsAt } from './merge.ts';
import { compileRepresentation, type RepresentationWriter } from './representations.ts';
import { isTrueName, type VariantsByField } from './required-variants.ts';
import { applyRewrites, type IsOfType } from './rewrites.ts';
import { failureOf, readAnswer } from './subgraph-answer.ts';

export interface FetchEnvironment {
  readonly execute: (request: SubgraphRequest, state: ExecutionState) => Promise<unknown>;
  readonly isOfType: IsOfType;
  readonly isAbstract: (typeName: unknown) => boolean;
  readonly keys: KeysByService;
  readonly requiredVariants: VariantsByField;
  /** Representations per `_entities` call; more are sent as several calls side by side. */
  readonly entityBatchMax: number;
  /** Told of errors that are the gateway's own. */
  readonly onDefect?: (error: unknown, requestId: string) => void;
}

/**
 * One `_entities` fetch of a plan. Per request each distinct representation is sent once, equal
 * fetches of one turn travel together, and the same fetch elsewhere in the plan reuses the answer.
 */
export class EntityFetch {
  /** Equal for fetches that would ask a subgraph the same thing. */
  readonly signature: string;
  /** The number that fetches of one signature share within their plan. */
  group = 0;
  /** Set when another fetch of the plan is in the same group and could see merged-in data. */
  copies = false;
  /** Set when a fetch of the plan depends on what is above an entity: then no two places share one. */
  copiesForEachPlace = false;
  private readonly represent: RepresentationWriter;
  private readonly leavesOnly: boolean;
  private readonly renamed: ReadonlyMap<string, string>;
  private readonly contextArguments: ContextArguments | null;
  private readonly variableNames: readonly string[];
  private keyed: KeyedOperation | null;

  constructor(
    private readonly node: FetchNode,
    private readonly environment: FetchEnvironment,
  ) {
    const requires = node.requires!;
    this.represent = compileRepresentation(
      requires,
      node.inputRewrites,
      environment.isOfType,
      keyNamesOf(environment.keys.get(node.serviceName), requires),
    );
    this.keyed = node.inputRewrites?.some((rewrite) => !isTrueName(rewrite))
      ? null
      : withKeys(node.operation, node.serviceName, requires, environment.keys);
    const contexts = node.contextRewrites ?? [];
    this.contextArguments =
      contexts.length === 0 ? null : compileContextArguments(contexts, environment.isOfType);
    // What comes from the answer is never a client's to say, whatever it calls its variables.
    const taken = new Set(contexts.map(({ renameKeyTo }) => renameKeyTo));
    this.variableNames = (node.variableUsages ?? []).filter((name) => !taken.has(name));
    const unnamed = withoutName(node);
    this.leavesOnly = nestingOf(unnamed) <= ENTITY_LEAF_NESTING;
    this.renamed = renamesOf(node);
    this.signature = JSON.stringify([
      node.serviceName,
      unnamed,
      requires,
      node.inputRewrites ?? [],
      node.outputRewrites ?? [],
      contexts,
    ]);
  }

  async run(state: ExecutionState, path: readonly (string | number)[]): Promise<void> {
    const targets: JsonObject[] = [];
    const slots: EntitySlot[] = [];
    const waiting = new Set<Promise<void>>();
    const group = state.entityGroup(this.group);
    const add = (target: JsonObject, within: EntityGroup, contextText: string): void => {
      const representation = this.represent(target, state);
      if (representation === null) return;
      const slot = this.slotFor(state, within, representation, target, contextText);
      targets.push(target);
      slots.push(slot);
      if (slot.settled !== null) waiting.add(slot.settled);
    };
    if (this.contextArguments === null) {
      for (const target of objectsAt(state.data, path)) add(target, group, '');
    } else {
      for (const place of placesAt(state.data, path)) {
        const text = this.contextArguments(place);
        if (text !== null) add(place.object, groupUnder(group, text), text);
      }
    }
    if (waiting.size === 1) for (const settled of waiting) await settled;
    else if (waiting.size > 1) await Promise.all(waiting);
    this.apply(state, targets, slots);
  }

  private slotFor(
    state: ExecutionState,
    group: EntityGroup,
    representation: string,
    source: JsonObject,
    contextText: string,
  ): EntitySlot {
    let slot = group.slots.get(representation);
    if (slot === undefined) {
      slot = { representation, source, entity: null, failure: null, errors: null, settled: null };
      group.slots.set(representation, slot);
      this.enqueue(state, group, slot, contextText);
    }
    return slot;
  }

  private enqueue(
    state: ExecutionState,
    group: EntityGroup,
    slot: EntitySlot,
    contextText: string,
  ): void {
    let batch = group.open;
    if (batch === null || batch.slots.length >= this.environment.entityBatchMax) {
      batch = this.openBatch(state, group, contextText);
      group.open = batch;
    }
    batch.slots.push(slot);
    slot.settled = batch.settled;
  }

  /** Sent after the whole turn: branches of the plan that woke together add to the same batch. */
  private openBatch(state: ExecutionState, group: EntityGroup, contextText: string): EntityBatch {
    const slots: EntitySlot[] = [];
    const settled = new Promise<void>((resolve) => {
      process.nextTick(() => {
        if (group.open?.slots === slots) group.open = null;
        resolve(this.send(state, slots, contextText));
      });
    });
    return { slots, settled };
  }

  /** Fills every slot; never rejects. */
  private async send(
    state: ExecutionState,
    slots: readonly EntitySlot[],
    contextText: string,
  ): Promise<void> {
    try {
      await this.fetch(state, slots, contextText, this.keyed);
    } catch (error) {
      const failure = failureOf(this.node.serviceName, error);
      for (const slot of slots) if (slot.entity === null) slot.failure = failure;
    }
    for (const slot of slots) slot.settled = null;
  }

  private async fetch(
    state: ExecutionState,
    slots: readonly EntitySlot[],
    contextText: string,
    keyed: KeyedOperation | null,
  ): Promise<void> {
    const { serviceName } = this.node;
    const answer = await this.environment.execute(
      this.request(state, slots, contextText, keyed),
      state,
    );
    const { data, errors } = readAnswer(serviceName, answer);
    if (keyed && errors.some(({ path }) => keyed.addedNames.has(String(path[2])))) {
      // This subgraph resolves the entity without its key: ask as planned, now and from now on.
      this.keyed = null;
      return this.fetch(state, slots, contextText, null);
    }
    const entities = data === null ? null : data._entities;
    if (entities !== null && entities !== undefined) {
      this.adopt(slots, this.matched(slots, entities, keyed));
    } else if (errors.length === 0) {
      throw this.invalid('_entities is missing');
    }
    this.attach(slots, errors);
  }

  private request(
    state: ExecutionState,
    slots: readonly EntitySlot[],
    contextText: string,
    keyed: KeyedOperation | null,
  ): SubgraphRequest {
    let variablesJson = '{"representations":[';
    for (let i = 0; i < slots.length; i++) {
      variablesJson += i === 0 ? slots[i]!.representation : `,${slots[i]!.representation}`;
    }
    variablesJson += contextText === '' ? ']' : `],${contextText}`;
    for (const name of this.variableNames) {
      const text = state.variableText(name);
      if (text !== null) variablesJson += `,${text}`;
    }
    return {
      serviceName: this.node.serviceName,
      query: keyed?.query ?? this.node.operation,
      operationName: this.node.operationName ?? null,
      variablesJson: `${variablesJson}}`,
      kind: 'query',
    };
  }

  /** The entities in the order of the slots, whatever order they came in. */
  private matched(
    slots: readonly EntitySlot[],
    entities: unknown,
    keyed: KeyedOperation | null,
  ): (JsonObject | null)[] {
    if (!Array.isArray(entities) || entities.length !== slots.length) {
      throw this.invalid('_entities does not hold one item per representation');
    }
    let inOrder = true;
    for (let i = 0; i < entities.length; i++) {
      const entity: unknown = entities[i];
      if (entity === null) continue;
      if (!isJsonObject(entity)) throw this.invalid('an entity is not an object');
      const fields = keyed?.keys.get(slots[i]!.source.__typename as string);
      if (fields && !sameKey(fields, slots[i]!.source, entity)) inOrder = false;
    }
    return inOrder ? entities : this.reordered(slots, entities, keyed!);
  }

  private reordered(
    slots: readonly EntitySlot[],
    entities: readonly (JsonObject | null)[],
    keyed: KeyedOperation,
  ): (JsonObject | null)[] {
    const unclaimed = new Map<string, JsonObject>();
    for (const [index, entity] of entities.entries()) {
      if (entity === null) continue;
      const typeName = (entity.__typename ?? slots[index]!.source.__typename) as string;
      const fields = keyed.keys.get(typeName);
      const key = fields ? answeredKey(fields, entity) : null;
      if (key === null) throw this.invalid('entities are out of order and one has no key');
      const place = `${typeName}\u0000${key}`;
      if (unclaimed.has(place)) throw this.invalid('an entity was answered twice');
      unclaimed.set(place, entity);
    }
    const ordered = slots.map(({ source }) => {
      const typeName = source.__typename as string;
      const key = `${typeName}\u0000${representedKey(keyed.keys.get(typeName) ?? [], source)}`;
      const entity = unclaimed.get(key) ?? null;
      unclaimed.delete(key);
      return entity;
    });
    if (unclaimed.size > 0) throw this.invalid('an entity was answered that was not asked for');
    return ordered;
  }

  private adopt(slots: readonly EntitySlot[], entities: readonly (JsonObject | null)[]): void {
    const { outputRewrites } = this.node;
    for (let i = 0; i < slots.length; i++) {
      const entity = entities[i]!;
      if (entity !== null) {
        if (outputRewrites?.length) {
          entity.__typename ??= slots[i]!.source.__typename;
          applyRewrites(outputRewrites, entity, this.environment.isOfType);
        }
        // An interface object calls itself by the interface's name, and is known better already.
        if (this.environment.isAbstract(entity.__typename)) delete entity.__typename;
      }
      slots[i]!.entity = entity;
    }
  }

  /** Errors go to the entity they name; those that name none explain every entity not answered. */
  private attach(slots: readonly EntitySlot[], errors: readonly AttachedError[]): void {
    for (const error of errors) {
      const [field, index, ...rest] = error.path;
      const slot = field === '_entities' && typeof index === 'number' ? slots[index] : undefined;
      if (slot === undefined) {
        for (const each of slots) if (each.entity === null) each.failure ??= asFailure(error);
      } else if (slot.entity === null && rest.length === 0) {
        slot.failure ??= asFailure(error);
      } else {
        const path = rest.map((key) => (typeof key === 'string' ? this.clientKey(key) : key));
        slot.errors ??= [];
        slot.errors.push({ ...error, path });
        if (slot.entity === null) slot.failure ??= asFailure(error);
      }
    }
  }

  private clientKey(key: string): string {
    return this.renamed.get(key) ?? key;
  }

  private apply(
    state: ExecutionState,
    targets: readonly JsonObject[],
    slots: readonly EntitySlot[],
  ): void {
    // Copied once per fetch of the plan and shared within it: the same path asks for the same.
    const copies = this.copies && !this.leavesOnly ? new Map<EntitySlot, JsonObject>() : null;
    for (let i = 0; i < targets.length; i++) {
      const slot = slots[i]!;
      const target = targets[i]!;
      if (slot.errors !== null) state.noteOf(target).errors.push(...slot.errors);
      if (slot.failure !== null) state.fail(target, slot.failure);
      else if (slot.entity === null) state.noteOf(target).absent = true;
      if (slot.entity === null) continue;
      if (this.copiesForEachPlace) mergeInto(target, copyOf(slot.entity));
      else mergeInto(target, copies === null ? slot.entity : copyFor(copies, slot));
    }
  }

  private invalid(reason: string): SubgraphUnavailable {
    return new SubgraphUnavailable(
      this.node.serviceName,
      ErrorCode.subgraphResponseInvalid,
      reason,
    );
  }
}

function groupUnder(group: EntityGroup, contextText: string): EntityGroup {
  group.byContext ??= new Map();
  let under = group.byContext.get(contextText);
  if (under === undefined) {
    under = newEntityGroup();
    group.byContext.set(contextText, under);
  }
  return under;
}

/** `{_entities{...on T{leaf}}}`: one level more and an entity holds objects of its own. */
const ENTITY_LEAF_NESTING = 3;

/** Braces of argument literals count too: that only copies where sharing would have done. */
function nestingOf(query: string): number {
  let depth = 0;
  let deepest = 0;
  for (const character of query) {
    if (character === '{') deepest = Math.max(deepest, ++depth);
    else if (character === '}') depth--;
  }
  return deepest;
}

function copyFor(copies: Map<EntitySlot, JsonObject>, slot: EntitySlot): JsonObject {
  let copy = copies.get(slot);
  if (copy === undefined) {
    copy = copyOf(slot.entity!);
    copies.set(slot, copy);
  }
  return copy;
}

export function asFailure({ code, message, serviceName }: AttachedError): Failure {
  return { code, message, serviceName };
}

/** The names that must be in a representation for it to name an entity. */
function keyNamesOf(
  byType: ReadonlyMap<string, readonly string[]> | undefined,
  requires: readonly QueryPlanSelectionNode[],
): ReadonlySet<string> {
  const names = new Set(['__typename']);
  for (const fragment of requires) {
    if (fragment.kind !== 'InlineFragment' || !fragment.typeCondition) continue;
    const fieldSets = byType?.get(fragment.typeCondition);
    if (fieldSets) for (const name of fieldSets.join(' ').split(/[\s,{}]+/)) names.add(name);
    else for (const field of fragment.selections) if ('name' in field) names.add(field.name);
  }
  return names;
}

/** Keys the plan renamed within the subgraph's answer, back to what the data calls them. */
export function renamesOf(node: FetchNode): ReadonlyMap<string, string> {
  const renames = new Map<string, string>();
  for (const rewrite of node.outputRewrites ?? []) {
    if (rewrite.kind === 'KeyRenamer') renames.set(rewrite.path.at(-1)!, rewrite.renameKeyTo);
  }
  return renames;
}

function withoutName(node: FetchNode): string {
  return node.operationName ? node.operation.replace(node.operationName, '') : node.operation;
}
