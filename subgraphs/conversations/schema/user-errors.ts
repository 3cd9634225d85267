import { Field, ObjectType } from 'type-graphql';
import { refusals as kernelRefusals } from '../../kernel/graphql/errors.ts';
import { UserErrorFields } from '../../kernel/graphql/shared-types.ts';
import { ConversationErrorCode } from './enums.ts';

@ObjectType('ConversationUserError', {
  description: 'A refusal of a conversation mutation that the caller can act on.',
})
export class ConversationUserError extends UserErrorFields {
  @Field(() => ConversationErrorCode, { description: 'What kind of refusal this is.' })
  readonly code!: string;
}

export function refusals<T>(work: () => Promise<T>) {
  return kernelRefusals(ConversationErrorCode, work);
}
