import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { ActorClaims, SubgraphRequest } from '../types.ts';
import type { UpstreamSigningKey } from './websocket-upstream.ts';

/** `extensions` of a signed `subscribe`, or the payload of a signed `connection_init`. */
export interface SignedFields {
  readonly actor: string;
  readonly signature: string;
}

/** Signs the opening of a socket, which is for nobody in particular. */
export function signInit(path: string, key: UpstreamSigningKey): SignedFields {
  return sign('INIT', path, '', null, key);
}

/** Signs one operation with the claims of the caller it is for, so that sockets can be shared. */
export function signSubscribe(
  path: string,
  request: SubgraphRequest,
  claims: ActorClaims | null,
  key: UpstreamSigningKey,
): SignedFields {
  const body = JSON.stringify({
    query: request.query,
    variables: JSON.parse(request.variablesJson) as unknown,
    operationName: request.operationName,
    position: request.position,
  });
  return sign('SUBSCRIBE', path, body, claims, key);
}

function sign(
  method: string,
  path: string,
  body: string,
  claims: ActorClaims | null,
  { keyId, secret }: UpstreamSigningKey,
): SignedFields {
  const actor = Buffer.from(JSON.stringify(claims)).toString('base64url');
  const nonce = randomBytes(16).toString('base64url');
  const time = Date.now();
  const bodyHash = createHash('sha256').update(body).digest('hex');
  const mac = createHmac('sha256', secret)
    .update(`v1\n${method}\n${path}\n${bodyHash}\n${time}\n${nonce}\n${actor}`)
    .digest('base64url');
  return { actor, signature: `v1;kid=${keyId};t=${time};n=${nonce};s=${mac}` };
}
