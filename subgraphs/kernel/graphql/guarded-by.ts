import { Extensions, UseMiddleware } from 'type-graphql';
import { Unauthenticated } from '../errors.ts';
import type { Actor, DoorPolicy } from '../policy.ts';
import { forbidden } from './errors.ts';

type Rule = (...parts: never[]) => boolean;

export interface DeclaredPolicy {
  readonly door: string;
  readonly rule: string | null;
  readonly allows: DoorPolicy;
}

/**
 * Declares who may use a root field. The door policy looks at the actor alone and is asked here;
 * the rule, which needs the row, is named here and asked in the use case, because webhooks and
 * events come in by other doors. A test fails for a root field that declares neither.
 */
export function GuardedBy(door: DoorPolicy, rule?: Rule): MethodDecorator {
  const declare = Extensions({
    policy: { door: door.name, rule: rule?.name ?? null, allows: door },
  });
  const enforce = UseMiddleware(({ context }, next) => {
    requireDoor(door, (context as { actor: Actor }).actor);
    return next();
  });
  return (target, key, descriptor) => {
    declare(target, key as string, descriptor as PropertyDescriptor);
    enforce(target, key as string, descriptor as PropertyDescriptor);
  };
}

/** Fails closed: UNAUTHENTICATED for an anonymous caller, FORBIDDEN for a signed-in one. */
export function requireDoor(door: DoorPolicy, actor: Actor): void {
  if (door(actor)) return;
  if (actor.kind === 'anonymous') throw new Unauthenticated();
  throw forbidden();
}

/** A reference resolver together with its door: entities are a way in like any root field. */
export interface GuardedReference<TContext> {
  readonly policy: DeclaredPolicy;
  resolve(reference: EntityReference, context: TContext): unknown;
}

export type EntityReference = { readonly __typename: string; readonly id: string } & Readonly<
  Record<string, unknown>
>;

/**
 * What the actor may not see does not exist: a refused reference answers null, as an unknown id does.
 */
export function reference<TContext extends { readonly actor: Actor }>(
  door: DoorPolicy,
  rule: Rule | null,
  resolve: (reference: EntityReference, context: TContext) => unknown,
): GuardedReference<TContext> {
  return {
    policy: { door: door.name, rule: rule?.name ?? null, allows: door },
    resolve: (given, context) => (door(context.actor) ? resolve(given, context) : null),
  };
}
