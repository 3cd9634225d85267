import { Field, ObjectType } from 'type-graphql';
import { refusals as kernelRefusals } from '../../kernel/graphql/errors.ts';
import { UserErrorFields } from '../../kernel/graphql/shared-types.ts';
import { OrderErrorCode } from './enums.ts';

@ObjectType('OrderUserError', {
  description: 'A refusal of an order mutation that the caller can act on.',
})
export class OrderUserError extends UserErrorFields {
  @Field(() => OrderErrorCode, { description: 'What kind of refusal this is.' })
  readonly code!: string;
}

export function refusals<T>(work: () => Promise<T>) {
  return kernelRefusals(OrderErrorCode, work);
}
