import type { AnswerError } from '../errors.ts';
import type { RequestContext } from '../types.ts';

/** A subgraph call that gave nothing; explains every field that is missing because of it. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly serviceName: string | null;
}

/** A subgraph's own error, its path relative to the object it is attached to. */
export interface AttachedError {
  readonly code: string;
  readonly message: string;
  readonly serviceName: string;
  readonly path: readonly (string | number)[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** Why an object of the answer is not whole. */
export interface Note {
  failure: Failure | null;
  /** The entity is unknown to a subgraph: its fields are null without an error. */
  absent: boolean;
  readonly errors: AttachedError[];
}

export type JsonObject = Record<string, unknown>;

/** One distinct representation within one request: fetched once, used wherever it is needed. */
export interface EntitySlot {
  readonly representation: string;
  /** The first object the representation was read from; its key fields verify the answer. */
  readonly source: JsonObject;
  entity: JsonObject | null;
  failure: Failure | null;
  errors: AttachedError[] | null;
  /** Resolves when the slot is filled; null once it is. */
  settled: Promise<void> | null;
}

/** Entities asked for together: sent in one call. */
export interface EntityBatch {
  readonly slots: EntitySlot[];
  readonly settled: Promise<void>;
}

/** What equal fetches of a plan know in common: each representation once. */
export interface EntityGroup {
  readonly slots: Map<string, EntitySlot>;
  /** Filled in this turn of the event loop, sent at its end. */
  open: EntityBatch | null;
  /** Arguments from above the entity: the same representation gives another entity under others. */
  byContext: Map<string, EntityGroup> | null;
}

export function newEntityGroup(): EntityGroup {
  return { slots: new Map(), open: null, byContext: null };
}

/** Everything that lives exactly as long as one execution of one operation. */
export class ExecutionState {
  readonly data: JsonObject;
  /** Null until something goes wrong: the writer then looks nowhere. */
  notes: Map<object, Note> | null = null;
  firstFailure: Failure | null = null;
  private groups: (EntityGroup | undefined)[] = [];
  private variableTexts: Map<string, string | null> | null = null;

  constructor(
    /** As the client sent them: subgraphs do their own coercion. */
    readonly variables: Readonly<Record<string, unknown>>,
    /** Coerced by the API schema: what @skip and @include look at. */
    readonly coerced: Readonly<Record<string, unknown>>,
    readonly context: RequestContext,
    data: JsonObject = {},
  ) {
    this.data = data;
  }

  entityGroup(index: number): EntityGroup {
    let group = this.groups[index];
    if (group === undefined) {
      group = newEntityGroup();
      this.groups[index] = group;
    }
    return group;
  }

  /** What was read before a mutation may no longer be true after it. */
  forgetEntities(): void {
    this.groups = [];
  }

  noteOf(target: object): Note {
    this.notes ??= new Map();
    let note = this.notes.get(target);
    if (note === undefined) {
      note = { failure: null, absent: false, errors: [] };
      this.notes.set(target, note);
    }
    return note;
  }

  fail(target: object, failure: Failure): void {
    this.firstFailure ??= failure;
    this.noteOf(target).failure ??= failure;
  }

  /** `"name":value` for one variable, or null where the client sent none. */
  variableText(name: string): string | null {
    this.variableTexts ??= new Map();
    let text = this.variableTexts.get(name);
    if (text === undefined) {
      const value = Object.hasOwn(this.variables, name) ? this.variables[name] : undefined;
      text = value === undefined ? null : `"${name}":${JSON.stringify(value)}`;
      this.variableTexts.set(name, text);
    }
    return text;
  }
}

/** Puts errors where the writer and the post-processing expect them. */
export interface WriterState {
  /** Coerced variables, for conditions. */
  readonly v: Readonly<Record<string, unknown>>;
  /** Errors found while writing; paths grow from the leaf upwards. */
  readonly e: WrittenError[];
  readonly m: Map<object, Note> | null;
  /** JSON text of introspection root fields by response name. */
  readonly i: Readonly<Record<string, string>>;
  readonly requestId: string;
  readonly fallback: Failure | null;
}

export interface WrittenError extends AnswerError {
  path: (string | number)[];
  /** Follows from a null that another error may already explain. */
  implied: boolean;
}
