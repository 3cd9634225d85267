import { Directive, Field, ID, InputType, InterfaceType, ObjectType } from 'type-graphql';
import { Money } from '../money.ts';
import { CurrencyCode, MinorUnits } from './scalars.ts';

/** Value types that every subgraph prints word for word the same; a contract test compares them. */

@InterfaceType('Node', {
  description: 'Anything with an id that is unique in the whole graph.',
  // Several subgraphs may live in one process; each names its own implementations.
  autoRegisterImplementations: false,
})
export abstract class NodeType {
  @Field(() => ID, { description: 'Opaque, unique in the whole graph, prefixed by what it is.' })
  readonly id!: string;
}

@Directive('@shareable')
@ObjectType('Money', { description: 'An amount of money, exact, in one currency.' })
export class MoneyType {
  @Field(() => MinorUnits, { description: 'The amount in minor units, as a string of digits.' })
  readonly amountMinor!: bigint;

  @Field(() => CurrencyCode, { description: 'The currency the minor units belong to.' })
  readonly currency!: string;
}

@InputType('MoneyInput', { description: 'An amount of money, exact, in one currency.' })
export class MoneyInput {
  @Field(() => MinorUnits, { description: 'The amount in minor units, as a string of digits.' })
  readonly amountMinor!: bigint;

  @Field(() => CurrencyCode, { description: 'The currency the minor units belong to.' })
  readonly currency!: string;
}

export function toMoney(input: MoneyInput): Money {
  return Money.of(input.amountMinor, input.currency);
}

@Directive('@shareable')
@ObjectType('PageInfo', { description: 'Where a page of a connection stands in the whole list.' })
export class PageInfo {
  @Field(() => Boolean, {
    description: 'True when asking again with `after: endCursor` returns more.',
  })
  readonly hasNextPage!: boolean;

  @Field(() => String, {
    nullable: true,
    description: 'Cursor of the last edge of this page, or null when the page is empty.',
  })
  readonly endCursor!: string | null;
}

/** The fields every subgraph's user error has; each subgraph adds `code` with its own enum. */
@ObjectType()
export abstract class UserErrorFields {
  @Field(() => String, {
    description: 'What is wrong and what to do, for a developer; not translated.',
  })
  readonly message!: string;

  @Field(() => [String], {
    description:
      'Path into the input to the value that was refused; empty when it is not one value.',
  })
  readonly path!: readonly string[];

  @Field(() => String, {
    nullable: true,
    description: 'The state that made the action illegal, for ILLEGAL_TRANSITION; else null.',
  })
  readonly currentState!: string | null;

  @Field(() => [String], {
    description: 'What the present state does allow, for ILLEGAL_TRANSITION; else empty.',
  })
  readonly allowedActions!: readonly string[];

  @Field(() => Boolean, { description: 'True when the very same call can succeed later.' })
  readonly isRetryable!: boolean;
}

/** Where a list is cut into pages: forward only, a default and a maximum that every list shares. */
export const PAGE_SIZE_DEFAULT = 20;
/** Larger makes one answer and one query plan heavier; smaller makes clients ask more often. */
export const PAGE_SIZE_MAX = 50;
