import type { ActorClaims, SubgraphRequest } from '../types.ts';
import { type SigningKey, signRequest } from './request-signing.ts';

/** `extensions` of a signed `subscribe`, or the payload of a signed `connection_init`. */
export interface SignedFields {
  readonly actor: string;
  readonly signature: string;
}

/** Signs the opening of a socket, which is for nobody in particular. */
export function signInit(path: string, key: SigningKey): SignedFields {
  return fieldsOf(signRequest(key, 'INIT', path, '', null));
}

/** Signs one operation with the claims of the caller it is for, so that sockets can be shared. */
export function signSubscribe(
  path: string,
  request: SubgraphRequest,
  claims: ActorClaims | null,
  key: SigningKey,
): SignedFields {
  const body = JSON.stringify({
    query: request.query,
    variables: JSON.parse(request.variablesJson) as unknown,
    operationName: request.operationName,
    position: request.position,
  });
  return fieldsOf(signRequest(key, 'SUBSCRIBE', path, body, claims));
}

function fieldsOf(headers: ReturnType<typeof signRequest>): SignedFields {
  return { actor: headers['parley-actor'], signature: headers['parley-signature'] };
}
